//! Step three of a call: the results are pushed onto the Lua stack.
//!
//! Pushing may raise a Lua error, which runs no destructors. Results that own something are therefore pushed inside a
//! protected call.

mod address;
pub(crate) mod dns;
mod message;
mod metatable;
mod object;
pub(crate) mod packing;
mod reading;
mod selected;
pub(crate) mod selector;
pub(crate) mod stats;
mod table;
pub(crate) mod task;
mod words;

use std::ffi::c_int;
use std::mem::needs_drop;

pub(crate) use address::interned;
pub(crate) use message::Received;
pub(crate) use object::{itself, new_object, new_stream, reclassed, updated};
pub(crate) use reading::{Reading, Reply};
pub(crate) use selected::selected;
pub(crate) use table::{failures, interface, linger, sequence};
pub(crate) use words::Words;

use super::stack::RaisingStack;
use super::state::State;
use crate::address::Port;
use crate::sys::Bytes;
use crate::text::Text;

/// Values to return to Lua.
pub(crate) trait Results {
    /// True when a Lua error during [`Results::push`] would leak something.
    #[inline(always)]
    fn owns(&self) -> bool {
        needs_drop::<Self>()
    }

    /// Pushes the values and returns their number.
    fn push(&mut self, stack: RaisingStack) -> c_int;

    /// Called for results that own something once they have been pushed, when no Lua error can follow.
    fn after_push(&mut self, _: &State) {}
}

/// `true`, where Python returns `None`, so that a call can be wrapped in `assert`.
impl Results for () {
    #[inline(always)]
    fn push(&mut self, stack: RaisingStack) -> c_int {
        stack.push_boolean(true);
        1
    }
}

/// What a function pushes. What the function owns is dropped as with other results.
impl<F: FnMut(RaisingStack) -> c_int> Results for F {
    #[inline(always)]
    fn push(&mut self, stack: RaisingStack) -> c_int {
        self(stack)
    }
}

/// The values that a function pushes and counts.
#[inline(always)]
pub(crate) fn values(push: impl FnMut(RaisingStack) -> c_int) -> impl Results {
    push
}

/// No value.
pub(crate) fn no_values() -> impl Results {
    values(|_| 0)
}

impl Results for bool {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        stack.push_boolean(*self);
        1
    }
}

macro_rules! integers {
    ($($integer:ty)*) => {
        $(impl Results for $integer {
            #[inline(always)]
            fn push(&mut self, stack: RaisingStack) -> c_int {
                stack.push_integer(*self as i64);
                1
            }
        })*
    };
}

integers! { i32 i64 u8 u16 u32 u64 usize }

impl Results for f64 {
    #[inline(always)]
    fn push(&mut self, stack: RaisingStack) -> c_int {
        stack.push_number(*self);
        1
    }
}

impl Results for &[u8] {
    #[inline(always)]
    fn push(&mut self, stack: RaisingStack) -> c_int {
        #[cfg(not(feature = "lua55"))]
        stack.push_bytes(self);
        #[cfg(feature = "lua55")]
        stack.push_received(self);
        1
    }
}

impl<const N: usize> Results for [u8; N] {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        self.as_slice().push(stack)
    }
}

impl<const N: usize> Results for Text<N> {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        self.as_bytes().push(stack)
    }
}

impl Results for Vec<u8> {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        self.as_slice().push(stack)
    }
}

impl Results for Bytes<'_> {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        // SAFETY: nothing writes to the bytes while Lua copies them.
        stack.push_bytes(unsafe { self.as_slice() });
        1
    }
}

impl Results for Port<'_> {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        match self {
            Port::Name(name) => name.push(stack),
            Port::Number(port) => port.push(stack),
        }
    }
}

impl Results for String {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        self.as_bytes().push(stack)
    }
}

impl Results for &str {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        self.as_bytes().push(stack)
    }
}

impl<T: Results> Results for Option<T> {
    #[inline(always)]
    fn push(&mut self, stack: RaisingStack) -> c_int {
        match self {
            Some(value) => value.push(stack),
            None => {
                stack.push_nil();
                1
            }
        }
    }
}

macro_rules! tuples {
    ($(($($result:ident)*))*) => {
        $(impl<$($result: Results),*> Results for ($($result,)*) {
            #[inline(always)]
            #[allow(non_snake_case, reason = "the type's letter names the value too")]
            fn push(&mut self, stack: RaisingStack) -> c_int {
                let ($($result,)*) = self;
                0 $(+ $result.push(stack))*
            }
        })*
    };
}

tuples! { (A B) (A B C) (A B C D) (A B C D E) }

/// A result, or an argument, of one of two types.
#[derive(Clone, Copy)]
pub(crate) enum Either<L, R> {
    Left(L),
    Right(R),
}

/// An argument that is optional, in another way than an `Option`.
impl<L, R> Either<L, R> {
    #[inline(always)]
    pub(crate) fn given(self) -> Option<R> {
        match self {
            Either::Left(_) => None,
            Either::Right(value) => Some(value),
        }
    }
}

impl<L: Results, R: Results> Results for Either<L, R> {
    #[inline(always)]
    fn push(&mut self, stack: RaisingStack) -> c_int {
        match self {
            Either::Left(value) => value.push(stack),
            Either::Right(value) => value.push(stack),
        }
    }
}
