//! Strings and buffers.

use std::ffi::c_int;

use super::{Argument, Reader};
use crate::address::Port;
use crate::lua::results::Either;
use crate::lua::stack::{RaisingStack, Type};
use crate::lua::userdata::{self, Memory};
use crate::sys::Bytes;

/// A string, a number converted to one, or a buffer.
impl<'a> Argument<'a> for Bytes<'a> {
    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        bytes_at(reader.stack, index).unwrap_or_else(|| reader.expected("string"))
    }
}

/// The bytes of a string, a number, which is replaced by a string, or a buffer; `None` for another value.
#[inline(always)]
pub(super) fn bytes_at<'a>(stack: RaisingStack<'a>, index: c_int) -> Option<Bytes<'a>> {
    match stack.bytes(index) {
        Some(bytes) => Some(bytes.into()),
        None => userdata::check::<Memory>(stack.stack(), index).map(|memory| memory.cells().into()),
    }
}

/// The bytes of a string, or of a number converted to one.
impl<'a> Argument<'a> for &'a [u8] {
    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        reader.stack.bytes(index).unwrap_or_else(|| reader.expected("string"))
    }
}

/// A size, or the bytes to copy.
impl<'a> Argument<'a> for Either<usize, Bytes<'a>> {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader<'a>) -> Self {
        if reader.peek() == Type::Number {
            return Either::Left(usize::read(reader));
        }
        let index = reader.advance();
        match bytes_at(reader.stack, index) {
            Some(bytes) => Either::Right(bytes),
            None => reader.expected("number, string or buffer"),
        }
    }
}

/// A service: a name, or a port number from 0 to 65535.
impl<'a> Argument<'a> for Port<'a> {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader<'a>) -> Self {
        match reader.peek() {
            Type::Number => match u16::try_from(reader.integer()) {
                Ok(port) => Port::Number(port),
                Err(_) => reader.refuse(b"port out of range"),
            },
            Type::String => Port::Name(Argument::read(reader)),
            _ => {
                reader.advance();
                reader.expected("string or number")
            }
        }
    }
}

/// A port: a number from 0 to 65535, or the bytes of what else was given.
impl<'a> Argument<'a> for std::result::Result<u16, &'a [u8]> {
    const COUNTS: bool = true;

    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        if reader.peek() == Type::Number
            && let Some(port) = reader.stack.integer(reader.index + 1).and_then(|port| u16::try_from(port).ok())
        {
            reader.advance();
            return Ok(port);
        }
        Err(Argument::read(reader))
    }
}

/// All remaining arguments, of one type.
#[derive(Clone, Copy)]
pub(crate) struct Rest<'a, T> {
    /// The only one.
    pub(super) first: Option<T>,
    /// All, when there are several.
    pub(super) several: &'a [T],
}

impl<'a, T: Copy> Rest<'a, T> {
    pub(crate) fn new(all: &'a [T]) -> Self {
        if let [only] = all { Rest { first: Some(*only), several: &[] } } else { Rest { first: None, several: all } }
    }

    /// The argument when there is only one.
    #[inline(always)]
    pub(crate) fn only(&self) -> Option<T> {
        self.first
    }

    pub(crate) fn all(&self) -> &[T] {
        if self.several.is_empty() { self.first.as_slice() } else { self.several }
    }
}

impl<'a> Argument<'a> for Rest<'a, Bytes<'a>> {
    const COUNTS: bool = true;

    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        match reader.left() {
            0 => Rest { first: None, several: &[] },
            1 => Rest { first: Some(written(reader)), several: &[] },
            _ => Rest { first: None, several: rest(reader, written) },
        }
    }
}

/// Reads bytes as `file:write` formats them: before Lua 5.5 it writes a float with an integral value without `.0`.
fn written<'a>(reader: &mut Reader<'a>) -> Bytes<'a> {
    const SHORT_FLOATS: bool = cfg!(any(feature = "lua53", feature = "lua54"));
    let is_number = SHORT_FLOATS && reader.peek() == Type::Number;
    let bytes = Bytes::read(reader);
    match bytes.len().checked_sub(2).map(|length| bytes.split_at(length)) {
        Some((digits, end)) if is_number && end.iter().eq(*b".0") => digits,
        _ => bytes,
    }
}

/// Reads all remaining arguments into a userdata, which the garbage collector frees.
pub(super) fn rest<'a, T: Copy>(reader: &mut Reader<'a>, read: impl Fn(&mut Reader<'a>) -> T) -> &'a [T] {
    let count = reader.left();
    reader.stack.reserve(4);
    let block = reader.stack.push_userdata(count * size_of::<T>()).cast::<T>();
    for n in 0..count {
        let item = read(reader);
        // SAFETY: the block has space for `count` items.
        unsafe { block.add(n).write(item) };
    }
    // SAFETY: all items were written; the block stays on the stack for the whole call.
    unsafe { std::slice::from_raw_parts(block, count) }
}
