//! What a stream read.

use std::ffi::c_int;

use super::Results;
use crate::lua::stack::RaisingStack;

/// What a stream read: one piece of bytes (`nil` at the end), or several values.
pub(crate) enum Reading<'a> {
    One(Option<&'a [u8]>),
    Several(Vec<ReadValue>),
}

/// A value that was read.
pub(crate) enum ReadValue {
    Bytes(Vec<u8>),
    /// What may be a numeral: a number when Lua takes it for one, else `nil`.
    Number(Vec<u8>),
    Nothing,
}

impl Results for Reading<'_> {
    #[inline(always)]
    fn owns(&self) -> bool {
        matches!(self, Reading::Several(_))
    }

    #[inline(always)]
    fn push(&mut self, stack: RaisingStack) -> c_int {
        match self {
            Reading::One(bytes) => bytes.push(stack),
            Reading::Several(values) => {
                stack.reserve(values.len() as c_int + 2);
                values.iter_mut().map(|value| value.push(stack)).sum()
            }
        }
    }
}

impl Results for ReadValue {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        match self {
            ReadValue::Bytes(bytes) => stack.push_bytes(bytes),
            ReadValue::Number(text) => stack.push_numeral(text),
            ReadValue::Nothing => stack.push_nil(),
        }
        1
    }
}
