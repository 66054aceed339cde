//! Tasks as arguments, and functions to run in them.

use std::ffi::c_int;

use super::{Argument, Reader};
use crate::lua::stack::Type;
use crate::lua::userdata;
use crate::tasks::Task;

impl<'a> Argument<'a> for &'a Task {
    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        userdata::check::<Task>(reader.stack.stack(), index).unwrap_or_else(|| reader.expected("task"))
    }
}

/// The function of a task and its arguments: all arguments that are left.
#[derive(Clone, Copy)]
pub(crate) struct Body {
    pub(in crate::lua) first: c_int,
    pub(in crate::lua) count: c_int,
}

impl<'a> Argument<'a> for Body {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader<'a>) -> Self {
        let first = reader.advance();
        if reader.stack.type_of(first) != Type::Function {
            reader.expected("function");
        }
        Body { first, count: reader.given() - first + 1 }
    }
}
