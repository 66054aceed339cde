//! Step one of a call: the arguments are read into values that need no drop. A wrong argument raises an error with the
//! message that Lua's own library would give.

mod address;
mod bytes;
mod format;
mod given;
mod list;
mod number;
mod object;
pub(crate) mod options;
mod pattern;
pub(in crate::lua) mod polled;
mod task;
mod watched;

use std::ffi::c_int;

pub(crate) use address::FamilyArgument;
pub(crate) use bytes::Rest;
pub(crate) use format::Format;
pub(crate) use given::Given;
pub(crate) use object::Of;
pub(crate) use options::OptionsTable;
pub(crate) use pattern::Pattern;
pub(crate) use task::Body;
pub(crate) use watched::Watched;

use super::stack::{NAME, RaisingStack, Stack, Type, upvalue};
use crate::address::{Layout, layout};
use crate::text::Text;

/// Reads the arguments of a call, one after the other. What raises an error takes a copy, so that the compiler can keep
/// it in registers.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    stack: RaisingStack<'a>,
    count: c_int,
    index: c_int,
    /// Index on the stack of the argument that was read last.
    place: c_int,
    counts: bool,
    method: bool,
    /// The number of the first argument that came in an options table, and the names of these arguments.
    options: Option<(c_int, &'static [&'static str])>,
    /// The family and the protocol of the socket that was read; `None` before a socket.
    family: Option<(u16, i32)>,
}

impl<'a> Reader<'a> {
    /// `counts` is whether the arguments must be counted, which takes a call of the Lua API.
    #[inline(always)]
    pub(super) fn new(stack: RaisingStack<'a>, method: bool, counts: bool) -> Self {
        let count = if counts { stack.top() } else { 0 };
        Reader { stack, count, index: 0, place: 0, counts, method, options: None, family: None }
    }

    #[inline(always)]
    fn advance(&mut self) -> c_int {
        self.index += 1;
        // Values above the arguments were left there by reading and are no arguments.
        self.place = if self.counts && self.index > self.count { self.stack.top() + 1 } else { self.index };
        self.place
    }

    /// Passes over an argument, which nothing complains of.
    #[inline(always)]
    pub(super) fn skip(&mut self) {
        self.index += 1;
    }

    /// The number of arguments; of those that were read, when they are not counted.
    pub(super) fn given(&self) -> c_int {
        if self.counts { self.count } else { self.index }
    }

    pub(super) fn stack(&self) -> RaisingStack<'a> {
        self.stack
    }

    /// The layout of the addresses of the socket that was read; `None` before a socket.
    #[inline(always)]
    fn layout(&self) -> Option<&'static Layout> {
        self.family.map(|(family, proto)| layout(family, proto))
    }

    /// The number of remaining arguments.
    #[inline(always)]
    fn left(&self) -> usize {
        (self.count - self.index).max(0) as usize
    }

    /// The type of the next argument.
    #[inline(always)]
    fn peek(&self) -> Type {
        if self.index >= self.count { Type::Nothing } else { self.stack.type_of(self.index + 1) }
    }

    /// Raises `bad argument` for the argument that was read last.
    #[cold]
    pub(super) fn refuse(&self, reason: &[u8]) -> ! {
        self.refuse_at(self.index, reason)
    }

    /// Raises `bad argument` for an argument, with its name when it came in an options table.
    #[cold]
    pub(super) fn refuse_at(self, index: c_int, reason: &[u8]) -> ! {
        let Some((first, names)) = self.options.filter(|(first, _)| index >= *first) else {
            refuse(self.stack, self.method, index, reason)
        };
        let name = names.get((index - first) as usize).copied().unwrap_or_default();
        let mut text = Text::<120>::format(format_args!("option '{name}': "));
        text.push(reason);
        refuse(self.stack, self.method, first, text.as_bytes())
    }

    /// Raises `bad argument … (what expected, got …)`.
    #[cold]
    #[inline(never)]
    fn expected(self, what: &str) -> ! {
        let mut reason = Text::<120>::format(format_args!("{what} expected, got "));
        reason.push(self.stack.type_name(self.place));
        self.refuse(reason.as_bytes())
    }

    #[cold]
    #[inline(never)]
    fn not_integer(self) -> ! {
        match self.stack.number(self.place) {
            Some(_) => self.refuse(b"number has no integer representation"),
            None => self.expected("number"),
        }
    }

    #[inline(always)]
    fn integer(&mut self) -> i64 {
        let index = self.advance();
        self.stack.integer(index).unwrap_or_else(|| self.not_integer())
    }

    fn number(&mut self) -> f64 {
        let index = self.advance();
        self.stack.number(index).unwrap_or_else(|| self.expected("number"))
    }
}

/// The name of the running native function.
pub(super) fn operation(stack: Stack<'_>) -> &[u8] {
    name_in(stack.string(upvalue(NAME)))
}

/// The name of a function in what its upvalue has: the name, or a message that begins with it.
pub(super) fn name_in(text: &[u8]) -> &[u8] {
    text.windows(2).position(|pair| pair == b": ").map_or(text, |end| &text[..end])
}

/// Raises `bad argument #n to 'name' (reason)`. A method's object is not counted.
#[cold]
#[inline(never)]
pub(super) fn refuse(stack: RaisingStack, method: bool, index: c_int, reason: &[u8]) -> ! {
    let number = if method && index > 1 { index - 1 } else { index };
    let mut message = Text::<200>::format(format_args!("bad argument #{number} to '"));
    message.push(operation(stack.stack()));
    message.push(b"' (");
    message.push(reason);
    message.push(b")");
    stack.raise_message(message.as_bytes())
}

/// A value that is read from the arguments. It borrows from values that stay on the stack for the whole call.
pub(crate) trait Argument<'a> {
    /// Whether reading it depends on the number of arguments.
    const COUNTS: bool = false;

    fn read(reader: &mut Reader<'a>) -> Self;
}

/// Several arguments, one after the other: all of a native function, too.
macro_rules! arguments {
    ($($argument:ident)*) => {
        impl<'a, $($argument: Argument<'a>),*> Argument<'a> for ($($argument,)*) {
            const COUNTS: bool = false $(|| $argument::COUNTS)*;

            #[inline(always)]
            #[allow(unused_variables, clippy::unused_unit, reason = "a function may take none")]
            fn read(reader: &mut Reader<'a>) -> Self {
                ($($argument::read(reader),)*)
            }
        }
    };
}

arguments! {}
arguments! { A }
arguments! { A B }
arguments! { A B C }
arguments! { A B C D }
arguments! { A B C D E }
arguments! { A B C D E F }
arguments! { A B C D E F G }

impl<'a, T: Argument<'a>> Argument<'a> for Option<T> {
    const COUNTS: bool = true;

    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        match reader.peek() {
            Type::Nothing | Type::Nil => {
                reader.skip();
                None
            }
            _ => Some(T::read(reader)),
        }
    }
}

impl<'a, T: Argument<'a>, const N: usize> Argument<'a> for [T; N] {
    const COUNTS: bool = T::COUNTS;

    fn read(reader: &mut Reader<'a>) -> Self {
        std::array::from_fn(|_| T::read(reader))
    }
}
