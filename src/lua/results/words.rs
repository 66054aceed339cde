//! The words for a failure, without a code.

use std::ffi::c_int;

use super::Results;
use crate::error::Cause;
use crate::lua::stack::RaisingStack;
use crate::text::Text;

/// Words that are known, or those of a cause.
#[derive(Clone, Copy)]
pub(crate) enum Words {
    Known(&'static str),
    Of(Cause),
}

impl Results for Words {
    #[cold]
    fn push(&mut self, stack: RaisingStack) -> c_int {
        match self {
            Words::Known(words) => words.push(stack),
            Words::Of(cause) => Results::push(&mut Text::<80>::format(format_args!("{cause}")), stack),
        }
    }
}
