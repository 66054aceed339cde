//! What `receive` of LuaSocket's interface reads.

use super::{Argument, Reader};
use crate::lua::stack::Type;

/// A pattern: by default a line.
#[derive(Clone, Copy)]
pub(crate) enum Pattern {
    Line,
    All,
    /// Whatever has arrived.
    Arrived,
    Count(usize),
}

impl<'a> Argument<'a> for Pattern {
    const COUNTS: bool = true;

    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        if matches!(reader.peek(), Type::Nothing | Type::Nil) {
            reader.skip();
            return Pattern::Line;
        }
        Pattern::read_given(reader)
    }
}

impl Pattern {
    fn read_given(reader: &mut Reader) -> Self {
        let index = reader.advance();
        // A string may be a number too.
        match reader.stack.number(index) {
            Some(count) if count >= 0.0 => return Pattern::Count(count as usize),
            Some(_) => reader.refuse(b"invalid receive pattern"),
            None => {}
        }
        match reader.stack.bytes(index) {
            Some([b'*', b'l', ..]) => Pattern::Line,
            Some([b'*', b'a', ..]) => Pattern::All,
            Some([b'*', b'r', ..]) => Pattern::Arrived,
            Some(_) => reader.refuse(b"invalid receive pattern"),
            None => reader.expected("string"),
        }
    }
}
