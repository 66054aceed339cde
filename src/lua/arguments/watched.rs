//! What a selector watches, for what, and for how long.

use std::time::Duration;

use super::{Argument, Reader};
use crate::lua::stack::{OWN, Type, upvalue};
use crate::lua::state::shared;
use crate::lua::userdata::{self, Anchored};
use crate::selectors::Selector;
use crate::socket::Socket;
use crate::sys::{Descriptor, NO_DESCRIPTOR, Ready, Token};

impl<'a> Argument<'a> for &'a Selector {
    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        userdata::check::<Selector>(reader.stack.stack(), index).unwrap_or_else(|| reader.expected("selector"))
    }
}

/// The selector that the iterator carries.
pub(crate) struct UpvalueSelector<'a>(pub(crate) &'a Selector);

impl<'a> Argument<'a> for UpvalueSelector<'a> {
    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        match userdata::check::<Selector>(reader.stack.stack(), upvalue(OWN)) {
            Some(selector) => UpvalueSelector(selector),
            None => reader.stack.raise_message(b"no selector to read from"),
        }
    }
}

/// What a selector, the call's first argument, watches, or what a task waits for: a socket, the number of a descriptor, or another library's
/// object whose `fileno` or `getfd` tells one.
#[derive(Clone, Copy)]
pub(crate) struct Watched {
    /// Where the object itself is registered. Its descriptor has not been asked for then, unless it is a socket.
    pub(crate) token: Option<Token>,
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
        let selector = if is_method { userdata::check::<Selector>(stack.stack(), 1) } else { None };
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

/// Where the object at an index is registered.
fn find(reader: &Reader, selector: &Selector, index: i32) -> Option<Token> {
    let (stack, top) = (reader.stack, reader.stack.top());
    stack.get_uservalue(1);
    stack.push_value(index);
    let number = if stack.get(top + 1) == Type::Number { stack.integer(-1) } else { None };
    // That it is there may be left from a registration that failed.
    let number = number.filter(|&number| {
        stack.get_item(top + 1, -number as i32);
        stack.is_same(-1, index)
    });
    stack.set_top(top);
    selector.at(usize::try_from(number? - 1).ok()?)
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

/// What another library's object says. It runs that library's code, which may do anything.
fn ask(reader: &Reader) -> Descriptor {
    let (stack, index) = (reader.stack, reader.place);
    if stack.type_of(index) != Type::Userdata || stack.has_metafield(index, c"__index") {
        for name in [c"fileno", c"getfd"] {
            if stack.get_method(index, name) != Type::Nil {
                stack.push_value(index);
                stack.call(1, 1);
                let number = if stack.type_of(-1) == Type::Number { stack.integer(-1) } else { None };
                let fd = number.and_then(|number| Descriptor::try_from(number).ok());
                stack.pop(1);
                return fd.unwrap_or_else(|| reader.refuse(b"its method gave no descriptor"));
            }
            stack.pop(1);
        }
    }
    reader.expected("socket or descriptor")
}

/// What to watch for: `EVENT_READ`, `EVENT_WRITE` or both.
impl<'a> Argument<'a> for Ready {
    fn read(reader: &mut Reader<'a>) -> Self {
        const BOTH: i64 = (Ready::READ.0 | Ready::WRITE.0) as i64;
        match reader.integer() {
            events @ 1..=BOTH => Ready(events as u8),
            _ => reader.refuse(b"invalid events"),
        }
    }
}

/// How long to wait: `nil` for ever, not at all for what is not positive.
#[derive(Clone, Copy)]
pub(crate) struct Limit(pub(crate) Option<Duration>);

impl<'a> Argument<'a> for Limit {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader<'a>) -> Self {
        let kind = reader.peek();
        let index = reader.advance();
        if matches!(kind, Type::Nothing | Type::Nil) {
            return Limit(None);
        }
        match reader.stack.number(index) {
            Some(seconds) if seconds.is_nan() => reader.refuse(b"timeout out of range"),
            Some(seconds) if seconds <= 0.0 => Limit(Some(Duration::ZERO)),
            // What is too long for a Duration is for ever.
            Some(seconds) => Limit(Duration::try_from_secs_f64(seconds).ok()),
            None => reader.expected("number"),
        }
    }
}
