//! Step one of a call: what the caller gave, as values that need no drop. A wrong one raises, in Lua's own words.

mod address;
mod bytes;
mod format;
mod list;
mod number;
mod object;
mod options;
mod watched;

use std::ffi::c_int;

pub(crate) use address::{FamilyArgument, Internet};
pub(crate) use bytes::{BufferKey, Bytes, Content, Port, Rest};
pub(crate) use format::{Format, Formats};
pub(crate) use list::{ControlMessages, Descriptors, Gather, Numbers, Scatter};
pub(crate) use number::{Flags, Leading, OptionValue, Seconds, Size, TimeoutOption};
pub(crate) use object::{HookArgument, Maybe, OpenFile};
pub(crate) use options::{OptionNames, OptionsTable};
pub(crate) use watched::{Awaited, Events, Limit, Owner, Watched};

use super::stack::{Stack, Type};
use super::trampoline::refuse;
use crate::address::Layout;
use crate::text::Text;

/// Walks over the arguments of a call.
pub(crate) struct Reader {
    stack: Stack,
    count: c_int,
    index: c_int,
    /// Where on the stack the argument that was just read is.
    place: c_int,
    counts: bool,
    method: bool,
    /// Where the arguments of an options table begin, and their names.
    options: Option<(c_int, &'static [&'static str])>,
    /// How addresses of the socket that was read look; none before a socket.
    layout: Option<&'static Layout>,
}

impl Reader {
    /// `counts` tells whether the arguments have to be counted: that is a call into Lua.
    #[inline(always)]
    pub(super) fn new(stack: Stack, method: bool, counts: bool) -> Self {
        let count = if counts { stack.top() } else { 0 };
        Reader { stack, count, index: 0, place: 0, counts, method, options: None, layout: None }
    }

    #[inline(always)]
    fn advance(&mut self) -> c_int {
        self.index += 1;
        // What reading left on the stack above the arguments is none.
        self.place = if self.counts && self.index > self.count { self.stack.top() + 1 } else { self.index };
        self.place
    }

    /// The next argument's place on the stack, and how many were given.
    pub(super) fn next_index(&mut self) -> c_int {
        self.advance()
    }

    pub(super) fn given(&self) -> c_int {
        if self.counts { self.count } else { self.index }
    }

    /// Raises `bad argument … (what expected, got …)`.
    #[cold]
    pub(super) fn expect(&self, what: &str) -> ! {
        self.expected(what)
    }

    pub(super) fn stack(&self) -> Stack {
        self.stack
    }

    /// How many arguments are left.
    #[inline(always)]
    fn left(&self) -> usize {
        (self.count - self.index).max(0) as usize
    }

    /// The next argument's type, without a call into Lua when there is none.
    #[inline(always)]
    fn peek(&self) -> Type {
        if self.index >= self.count { Type::Nothing } else { self.stack.type_of(self.index + 1) }
    }

    /// Raises `bad argument` for the argument that was just read.
    #[cold]
    fn refuse(&self, reason: &[u8]) -> ! {
        self.refuse_at(self.index, reason)
    }

    /// Raises `bad argument` for an argument; one that came in an options table is told by its name.
    #[cold]
    pub(super) fn refuse_at(&self, index: c_int, reason: &[u8]) -> ! {
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
    fn expected(&self, what: &str) -> ! {
        let mut reason = Text::<120>::format(format_args!("{what} expected, got "));
        reason.push(self.stack.type_name(self.place));
        self.refuse(reason.as_bytes())
    }

    #[cold]
    #[inline(never)]
    fn not_integer(&self) -> ! {
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
}

/// Two arguments, one after the other.
impl<'a, A: Argument<'a>, B: Argument<'a>> Argument<'a> for (A, B) {
    const COUNTS: bool = A::COUNTS || B::COUNTS;

    fn read(reader: &mut Reader) -> Self {
        (A::read(reader), B::read(reader))
    }
}

/// A value that is read from the stack. It borrows from what stays there for the whole call.
pub(crate) trait Argument<'a> {
    /// Whether reading it depends on how many arguments there are.
    const COUNTS: bool = false;

    fn read(reader: &mut Reader) -> Self;
}

/// All arguments of a verb.
pub(crate) trait Arguments<'a> {
    /// Whether any of them depends on how many there are.
    const COUNTS: bool;

    fn read(reader: &mut Reader) -> Self;
}

macro_rules! arguments {
    ($($argument:ident)*) => {
        impl<'a, $($argument: Argument<'a>),*> Arguments<'a> for ($($argument,)*) {
            const COUNTS: bool = false $(|| $argument::COUNTS)*;

            #[inline(always)]
            #[allow(unused_variables, clippy::unused_unit, reason = "a verb may take none")]
            fn read(reader: &mut Reader) -> Self {
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
    fn read(reader: &mut Reader) -> Self {
        match reader.peek() {
            Type::Nothing | Type::Nil => {
                reader.advance();
                None
            }
            _ => Some(T::read(reader)),
        }
    }
}

impl<'a, T: Argument<'a>, const N: usize> Argument<'a> for [T; N] {
    const COUNTS: bool = T::COUNTS;

    fn read(reader: &mut Reader) -> Self {
        std::array::from_fn(|_| T::read(reader))
    }
}
