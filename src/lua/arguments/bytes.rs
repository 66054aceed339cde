//! Strings and buffers.

use std::cell::Cell;
use std::ffi::c_int;

use super::{Argument, Reader};
use crate::address::Port;
use crate::lua::stack::{RaisingStack, Type};
use crate::lua::userdata::{self, Memory, NewBuffer};
use crate::memory;
use crate::sys::Errno;

/// Bytes to read: a string, a number converted to one, or a buffer.
#[derive(Clone, Copy)]
pub(crate) struct Bytes<'a>(pub(crate) &'a [Cell<u8>]);

impl<'a> Argument<'a> for Bytes<'a> {
    #[inline(always)]
    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        Bytes::at(reader.stack, index).unwrap_or_else(|| reader.expected("string"))
    }
}

impl<'a> Bytes<'a> {
    /// Appends a copy. Fails with ENOMEM.
    pub(crate) fn append_to(self, out: &mut Vec<u8>) -> Result<(), Errno> {
        memory::reserve(out, self.0.len())?;
        // SAFETY: nothing writes to the cells meanwhile; `out` is memory of its own.
        out.extend_from_slice(unsafe { &*(std::ptr::from_ref(self.0) as *const [u8]) });
        Ok(())
    }

    /// Copies the first bytes until `out` is full; returns the copy and the remaining bytes.
    pub(crate) fn split_into(self, out: &mut [u8]) -> (&[u8], Self) {
        let (first, rest) = self.0.split_at(self.0.len().min(out.len()));
        let out = &mut out[..first.len()];
        out.iter_mut().zip(first).for_each(|(byte, cell)| *byte = cell.get());
        (out, Bytes(rest))
    }

    #[inline(always)]
    pub(super) fn at(stack: RaisingStack<'a>, index: c_int) -> Option<Self> {
        match stack.cells(index) {
            Some(cells) => Some(Bytes(cells)),
            None => userdata::check::<Memory>(stack.stack(), index).map(|memory| Bytes(memory.cells())),
        }
    }

    /// Pushes a copy of the bytes.
    pub(in crate::lua) fn push(&self, stack: RaisingStack) {
        // SAFETY: nothing writes to the cells while Lua copies them.
        stack.push_bytes(unsafe { &*(std::ptr::from_ref(self.0) as *const [u8]) });
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
impl<'a> Argument<'a> for NewBuffer<'a> {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader<'a>) -> Self {
        if reader.peek() == Type::Number {
            return NewBuffer { size: usize::read(reader), contents: &[] };
        }
        let index = reader.advance();
        match Bytes::at(reader.stack, index) {
            Some(Bytes(contents)) => NewBuffer { size: contents.len(), contents },
            None => reader.expected("number, string or buffer"),
        }
    }
}

/// A key that a buffer is indexed with.
#[derive(Clone, Copy)]
pub(crate) enum BufferKey<'a> {
    Place(i64),
    Name(&'a [u8]),
    Other,
}

impl<'a> Argument<'a> for BufferKey<'a> {
    fn read(reader: &mut Reader<'a>) -> Self {
        let index = reader.advance();
        match reader.stack.type_of(index) {
            Type::Number => reader.stack.integer(index).map_or(BufferKey::Other, BufferKey::Place),
            Type::String => BufferKey::Name(reader.stack.bytes(index).unwrap_or_default()),
            _ => BufferKey::Other,
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

/// All remaining arguments, of one type.
#[derive(Clone, Copy)]
pub(crate) struct Rest<'a, T> {
    /// The only one.
    pub(super) first: Option<T>,
    /// All, when there are several.
    pub(super) several: &'a [T],
}

impl<'a, T: Copy> Rest<'a, T> {
    pub(in crate::lua) fn new(all: &'a [T]) -> Self {
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
    match Bytes::read(reader) {
        Bytes([text @ .., point, zero]) if is_number && (point.get(), zero.get()) == (b'.', b'0') => Bytes(text),
        bytes => bytes,
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
