//! The results of reading from a stream.

use std::ffi::c_int;
use std::ops::Range;

use super::{Results, Words};
use crate::lua::stack::RaisingStack;
use crate::lua::trampoline::COPIES_LATE;
use crate::luasocket::Object;

/// The result of a read: a single string (`nil` at the end of the stream), or several values.
pub(crate) enum Reading<'a> {
    One(Option<&'a [u8]>),
    /// Many bytes: those between two places of a buffer.
    Block(Vec<u8>, Range<usize>),
    Lent(Lent<'a>),
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
        !matches!(self, Reading::One(_) | Reading::Lent(_))
    }

    #[inline(always)]
    fn push(&mut self, stack: RaisingStack) -> c_int {
        match self {
            Reading::One(bytes) => bytes.push(stack),
            Reading::Block(bytes, range) => {
                stack.push_range(bytes, range.clone());
                1
            }
            Reading::Lent(lent) => {
                lent.push(stack);
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

/// Bytes that Lua copies from an object's buffer, which no call may change before: they are pushed first.
pub(crate) struct Lent<'a> {
    object: &'a Object,
    place: Range<usize>,
}

impl<'a> Lent<'a> {
    /// The bytes at a place of the object's buffer; `None` where Lua may run finalizers, and so other calls, before it
    /// copies.
    #[inline(always)]
    pub(crate) fn new(object: &'a Object, place: Range<usize>) -> Option<Self> {
        (!COPIES_LATE).then_some(Lent { object, place })
    }

    #[inline(always)]
    fn push(&self, stack: RaisingStack) {
        // SAFETY: the buffer is read until Lua has copied the bytes, and no other code runs before that.
        if let Ok(incoming) = unsafe { self.object.incoming.try_borrow_unguarded() } {
            stack.push_bytes(incoming.bytes(&self.place));
        }
    }
}

/// The three results of `receive` of LuaSocket's interface: what was received, behind a prefix; or `nil`, words, and what
/// was received before the failure.
pub(crate) struct Reply<'a> {
    pub(crate) prefix: &'a [u8],
    pub(crate) data: Reading<'a>,
    pub(crate) failure: Option<Words>,
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
        match &mut self.failure {
            None => stack.push_nil(),
            Some(words) => {
                words.push(stack);
                stack.push_value(-3);
            }
        }
        3
    }
}
