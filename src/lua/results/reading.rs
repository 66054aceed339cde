//! The results of reading from a stream.

use std::ffi::c_int;
use std::ops::Range;

use super::{Results, Words};
use crate::lua::arguments::Format;
use crate::lua::stack::RaisingStack;
use crate::lua::trampoline::COPIES_LATE;
use crate::luasocket::Object;

/// The result of a read: a single string (`nil` at the end of the stream), or several values.
pub(crate) enum Reading<'a> {
    One(Option<&'a [u8]>),
    /// Many bytes: those between two places of a buffer.
    Block(Vec<u8>, Range<usize>),
    /// Those at a place of an object's buffer, which no call may change before Lua has copied them: see
    /// [`Reading::lent`].
    Lent(&'a Object, Range<usize>),
    /// What each format has read; `None` for the end of the stream, and where there is no numeral. A numeral is pushed as
    /// a number when Lua can convert it, else as `nil`.
    Several(Vec<(Format, Option<Vec<u8>>)>),
}

impl<'a> Reading<'a> {
    /// The bytes at a place of an object's buffer; `None` where Lua may run finalizers, and so other calls, before it
    /// copies.
    #[inline(always)]
    pub(crate) fn lent(object: &'a Object, place: Range<usize>) -> Option<Self> {
        (!COPIES_LATE).then_some(Reading::Lent(object, place))
    }
}

impl Results for Reading<'_> {
    #[inline(always)]
    fn owns(&self) -> bool {
        !matches!(self, Reading::One(_) | Reading::Lent(..))
    }

    #[inline(always)]
    fn push(&mut self, stack: RaisingStack) -> c_int {
        match self {
            Reading::One(bytes) => bytes.push(stack),
            Reading::Block(bytes, range) => {
                stack.push_range(bytes, range.clone());
                1
            }
            Reading::Lent(object, place) => {
                // SAFETY: the buffer is read until Lua has copied the bytes, and no other code runs before that.
                if !COPIES_LATE && let Ok(incoming) = unsafe { object.incoming.try_borrow_unguarded() } {
                    stack.push_bytes(incoming.bytes(place));
                }
                1
            }
            Reading::Several(values) => {
                stack.reserve(values.len() as c_int + 2);
                for (format, read) in values.iter_mut() {
                    match read {
                        None => stack.push_nil(),
                        Some(text) if *format == Format::Number => stack.push_numeral(text),
                        Some(bytes) => stack.push_range(bytes, 0..bytes.len()),
                    }
                }
                values.len() as c_int
            }
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
