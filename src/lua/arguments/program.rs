//! Programs as arguments.

use std::cell::RefCell;

use super::{Argument, Reader};
use crate::lua::userdata;
use crate::sys::Process;

impl<'a> Argument<'a> for &'a RefCell<Option<Process>> {
    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        userdata::check(reader.stack.stack(), index).unwrap_or_else(|| reader.expected("program"))
    }
}
