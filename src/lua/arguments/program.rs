//! Programs as arguments.

use super::{Argument, Reader};
use crate::lua::userdata;
use crate::programs::Program;

impl<'a> Argument<'a> for &'a Program {
    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        userdata::check::<Program>(reader.stack.stack(), index).unwrap_or_else(|| reader.expected("program"))
    }
}
