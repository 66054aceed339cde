//! Formats of `file:read`.

use super::bytes::rest;
use super::{Argument, Reader, Size};
use crate::lua::stack::Type;

/// A format of `file:read`.
#[derive(Clone, Copy)]
pub(crate) enum Format {
    Line,
    LineWithEnd,
    Number,
    All,
    Count(usize),
}

/// The formats of a call; without any, a line is read.
#[derive(Clone, Copy)]
pub(crate) struct Formats<'a> {
    first: Format,
    count: usize,
    /// All formats, when there are several.
    several: &'a [Format],
}

impl<'a> Formats<'a> {
    pub(in crate::lua) fn new(formats: &'a [Format]) -> Self {
        Formats { first: formats.first().copied().unwrap_or(Format::Line), count: formats.len(), several: formats }
    }

    /// The format when there is only one.
    #[inline(always)]
    pub(crate) fn only(&self) -> Option<Format> {
        (self.count <= 1).then_some(self.first)
    }

    pub(crate) fn all(&self) -> &[Format] {
        if self.count <= 1 { std::slice::from_ref(&self.first) } else { self.several }
    }
}

impl<'a> Argument<'a> for Formats<'a> {
    const COUNTS: bool = true;

    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        match reader.left() {
            0 => Formats { first: Format::Line, count: 0, several: &[] },
            1 => Formats { first: format(reader), count: 1, several: &[] },
            _ => Formats::new(rest(reader, format)),
        }
    }
}

fn format(reader: &mut Reader) -> Format {
    if reader.peek() == Type::Number {
        return Format::Count(Size::read(reader).0);
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
