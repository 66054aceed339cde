//! The results of reading from a stream.

use std::ffi::c_int;
use std::ops::Range;

use super::Results;
use crate::lua::stack::RaisingStack;
use crate::text::Text;

/// The result of a read: a single string (`nil` at the end of the stream), or several values.
pub(crate) enum Reading<'a> {
    One(Option<&'a [u8]>),
    /// Many bytes: those between two places of a buffer.
    Block(Vec<u8>, Range<usize>),
    Several(Vec<ReadValue<Vec<u8>>>),
}

/// The result of one format: bytes, or their place among the unread ones.
pub(crate) enum ReadValue<T> {
    Bytes(T),
    /// A possible numeral: pushed as a number when Lua can convert it, else as `nil`.
    Number(T),
    /// The end of the stream, or no numeral.
    Nothing,
}

impl Results for Reading<'_> {
    #[inline(always)]
    fn owns(&self) -> bool {
        !matches!(self, Reading::One(_))
    }

    #[inline(always)]
    fn push(&mut self, stack: RaisingStack) -> c_int {
        match self {
            Reading::One(bytes) => bytes.push(stack),
            Reading::Block(bytes, range) => {
                stack.push_range(bytes, range.clone());
                1
            }
            Reading::Several(values) => {
                stack.reserve(values.len() as c_int + 2);
                values.iter_mut().map(|value| value.push(stack)).sum()
            }
        }
    }
}

impl Results for ReadValue<Vec<u8>> {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        match self {
            ReadValue::Bytes(bytes) => stack.push_range(bytes, 0..bytes.len()),
            ReadValue::Number(text) => stack.push_numeral(text),
            ReadValue::Nothing => stack.push_nil(),
        }
        1
    }
}

/// The three results of `receive` of LuaSocket's interface: what was received, behind a prefix; or `nil`, words, and what
/// was received before the failure.
pub(crate) struct Reply<'a> {
    pub(crate) prefix: &'a [u8],
    pub(crate) data: Reading<'a>,
    pub(crate) failure: Option<Text<80>>,
}

impl Reply<'_> {
    #[inline(always)]
    fn push_data(&mut self, stack: RaisingStack) {
        if self.prefix.is_empty() {
            self.data.push(stack);
        } else if matches!(self.data, Reading::One(None)) {
            stack.push_bytes(self.prefix);
        } else {
            self.data.push(stack);
            stack.push_bytes(self.prefix);
            stack.insert(-2);
            stack.concat(2);
        }
    }
}

impl Results for Reply<'_> {
    #[inline(always)]
    fn owns(&self) -> bool {
        self.data.owns()
    }

    #[inline(always)]
    fn push(&mut self, stack: RaisingStack) -> c_int {
        // First, for a finalizer that runs meanwhile may receive where the data is.
        self.push_data(stack);
        stack.push_nil();
        match &self.failure {
            None => stack.push_nil(),
            Some(words) => {
                stack.push_bytes(words.as_bytes());
                stack.push_value(-3);
            }
        }
        3
    }
}
