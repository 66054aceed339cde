//! What a selector watches, for what, and for how long.

use std::cell::RefCell;
use std::ffi::CStr;
use std::time::Duration;

use super::{Argument, Reader};
use crate::lua::results::Either;
use crate::lua::stack::{OWN, Type, upvalue};
use crate::lua::state::shared;
use crate::lua::userdata::{self, Anchored};
use crate::selectors::Selector;
use crate::socket::Socket;
use crate::sys::{Descriptor, NO_DESCRIPTOR, Ready};
use crate::text::Text;

impl<'a> Argument<'a> for &'a RefCell<Option<Selector>> {
    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        userdata::check(reader.stack.stack(), index).unwrap_or_else(|| reader.expected("selector"))
    }
}

/// The selector that the running iterator has as an upvalue.
impl<'a> Argument<'a> for Anchored<RefCell<Option<Selector>>> {
    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        match userdata::check(reader.stack.stack(), upvalue(OWN)) {
            Some(selector) => Anchored::new(selector),
            None => reader.stack.raise_message(b"no selector to read from"),
        }
    }
}

/// What a selector (the first argument of the call) watches or a task waits for: a socket, the number of a descriptor,
/// or another library's object with a method `fileno` or `getfd` that returns its descriptor.
#[derive(Clone, Copy)]
pub(crate) struct Watched {
    /// The registration of the object itself. Its descriptor has not been asked for then, unless it is a socket.
    pub(crate) token: Option<usize>,
    pub(crate) fd: Descriptor,
    /// The object, where it is a socket.
    pub(crate) socket: Option<Anchored<Socket>>,
}

impl<'a> Argument<'a> for Watched {
    fn read(reader: &mut Reader<'a>) -> Self {
        let stack = reader.stack;
        let index = reader.advance();
        let socket = userdata::check::<Socket>(stack.stack(), index);
        let kind = stack.type_of(index);
        if !(socket.is_some() || kind == Type::Number || kind.has_methods()) {
            reader.expected("socket or descriptor");
        }
        if socket.is_none() && !shared(stack.stack()).names_descriptors.get() {
            reader.refuse(b"descriptors are not accepted here");
        }
        let is_method = index > 1 && kind != Type::Number;
        let selector = if is_method { userdata::check(stack.stack(), 1) } else { None };
        let token = selector.and_then(|selector| find(reader, selector, index));
        let fd = match socket {
            Some(socket) => socket.fd(),
            None if kind == Type::Number => number(reader),
            None if token.is_some() => NO_DESCRIPTOR,
            None => ask(reader),
        };
        Watched { token, fd, socket: socket.map(Anchored::new) }
    }
}

/// The registration of the object at an index.
fn find(reader: &Reader, selector: &RefCell<Option<Selector>>, index: i32) -> Option<usize> {
    let (stack, top) = (reader.stack, reader.stack.top());
    stack.get_uservalue(1);
    stack.push_value(index);
    let number = if stack.get(top + 1) == Type::Number { stack.integer(-1) } else { None };
    // A registration that failed may have left the number.
    let number = number.filter(|&number| {
        stack.get_item(top + 1, -number as i32);
        stack.is_same(-1, index)
    });
    stack.set_top(top);
    selector.borrow().as_ref()?.at(usize::try_from(number? - 1).ok()?)
}

/// A descriptor that was given as a number.
fn number(reader: &Reader) -> Descriptor {
    let number = reader.stack.integer(reader.place).unwrap_or_else(|| reader.not_integer());
    match Descriptor::try_from(number) {
        Ok(fd) if fd >= 0 => fd,
        Ok(_) => reader.refuse(b"negative file descriptor"),
        Err(_) => reader.refuse(b"number out of range"),
    }
}

/// The descriptor of another library's object: calls its method, which may do anything.
fn ask(reader: &Reader) -> Descriptor {
    let (stack, index) = (reader.stack, reader.place);
    if stack.type_of(index) != Type::Userdata || stack.has_metafield(index, c"__index") {
        for name in [c"fileno", c"getfd"] {
            if stack.get_method(index, name) != Type::Nil {
                stack.push_value(index);
                stack.call(1, 1);
                let number = if stack.type_of(-1) == Type::Number { stack.integer(-1) } else { None };
                let fd = number.and_then(|number| Descriptor::try_from(number).ok());
                let fd = fd.unwrap_or_else(|| refuse_result(reader, name));
                stack.pop(1);
                return fd;
            }
            stack.pop(1);
        }
    }
    reader.expected("socket or descriptor")
}

/// Raises the error for a method whose result, on the top of the stack, is no descriptor.
#[cold]
fn refuse_result(reader: &Reader, method: &CStr) -> ! {
    let stack = reader.stack;
    let mut reason = Text::<120>::format(format_args!("'{}' must return a descriptor, got ", method.to_string_lossy()));
    let is_number = stack.type_of(-1) == Type::Number;
    reason.push(if is_number { stack.bytes(-1).unwrap_or_default() } else { stack.type_name(-1) });
    reader.refuse(reason.as_bytes())
}

/// What to watch for: `EVENT_READ`, `EVENT_WRITE` or both.
impl<'a> Argument<'a> for Ready {
    fn read(reader: &mut Reader<'a>) -> Self {
        const BOTH: i64 = Ready::BOTH.0 as i64;
        match reader.integer() {
            events @ 1..=BOTH => Ready(events as u8),
            _ => reader.refuse(b"invalid events"),
        }
    }
}

/// How long to wait at most: for ever with `nil`, not at all with 0 or less.
impl<'a> Argument<'a> for Either<(), Duration> {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader<'a>) -> Self {
        match reader.peek() {
            Type::Nothing | Type::Nil => {
                reader.skip();
                Either::Left(())
            }
            _ => Either::Right(duration(reader, f64::NEG_INFINITY)),
        }
    }
}

/// How long to wait, which cannot be negative.
impl<'a> Argument<'a> for Duration {
    fn read(reader: &mut Reader<'a>) -> Self {
        duration(reader, 0.0)
    }
}

/// Reads a number of seconds, at least `least`; less than 0 is no time. From 2⁶³ on it is the longest time, which does not
/// end: only the clock of Windows reaches further.
fn duration(reader: &mut Reader, least: f64) -> Duration {
    let seconds = reader.number();
    if seconds >= i64::MAX as f64 {
        Duration::from_secs(u64::MAX)
    } else if seconds >= least {
        Duration::from_secs_f64(seconds.max(0.0))
    } else {
        reader.refuse(b"timeout out of range")
    }
}
