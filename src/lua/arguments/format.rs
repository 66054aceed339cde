//! Formats of `file:read`.

use super::bytes::{Rest, rest};
use super::{Argument, Reader};
use crate::lua::stack::Type;

/// A format of `file:read`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Line,
    LineWithEnd,
    Number,
    All,
    Count(usize),
}

/// The formats of a call; without any, a line is read.
impl<'a> Argument<'a> for Rest<'a, Format> {
    const COUNTS: bool = true;

    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        match reader.left() {
            0 => Rest { first: Some(Format::Line), several: &[] },
            1 => Rest { first: Some(format(reader)), several: &[] },
            _ => Rest { first: None, several: rest(reader, format) },
        }
    }
}

fn format(reader: &mut Reader) -> Format {
    if reader.peek() == Type::Number {
        return Format::Count(usize::read(reader));
    }
    let text: &[u8] = Argument::read(reader);
    // Before Lua 5.3 a format begins with an asterisk.
    match text.strip_prefix(b"*").unwrap_or(text).first() {
        Some(b'l') => Format::Line,
        Some(b'L') => Format::LineWithEnd,
        Some(b'n') => Format::Number,
        Some(b'a') => Format::All,
        _ => reader.refuse(b"invalid format"),
    }
}
