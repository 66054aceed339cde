//! `socket.buffer`: writable memory of fixed size, indexed from 1.

use std::cell::Cell;

use crate::address::Field;
use crate::error::{Error, Result};
use crate::lua::{Context, Either, Memory, NativeFunction, Results, buffer_method, method, new_buffer};
use crate::sys::Bytes;

/// The methods of a buffer.
pub(crate) static METHODS: &[NativeFunction] =
    &[method("fill", fill), method("set", set), method("sub", sub), method("view", view)];

/// The metamethods of a buffer.
pub(crate) static METAMETHODS: &[NativeFunction] = &[
    method("__eq", equal),
    method("__index", index),
    method("__len", length),
    method("__newindex", newindex),
    method("__tostring", tostring),
];

/// `socket.buffer(size | string)`.
pub(crate) fn buffer(_: Context, given: Either<usize, Bytes>) -> Result<impl Results> {
    Ok(match given {
        Either::Left(size) => new_buffer(size, b""[..].into()),
        Either::Right(bytes) => new_buffer(bytes.len(), bytes),
    })
}

/// `buffer:fill(byte)`.
fn fill(_: Context, buffer: &Memory, byte: u8) -> Result<()> {
    buffer.cells().iter().for_each(|cell| cell.set(byte));
    Ok(())
}

/// `buffer:set(i, bytes)`: fails unless all bytes fit.
fn set(_: Context, buffer: &Memory, place: i64, bytes: Bytes) -> Result<()> {
    let rest = usize::try_from(place).ok().filter(|&place| place > 0).and_then(|place| buffer.cells().get(place - 1..));
    let target = rest.ok_or_else(|| Error::misuse(2, "index out of range"))?.get(..bytes.len());
    Memory::copy(bytes, target.ok_or_else(|| Error::misuse(3, "bytes do not fit"))?);
    Ok(())
}

/// `buffer:sub(i [, j])`: a copy, as a string.
fn sub<'a>(_: Context, buffer: &'a Memory, first: i64, last: Option<i64>) -> Result<Bytes<'a>> {
    Ok(part(buffer, first, last).into())
}

/// `buffer:view([i [, j]])`: a buffer that shares the memory.
fn view(_: Context, buffer: &Memory, first: Option<i64>, last: Option<i64>) -> Result<impl Results> {
    Ok(crate::lua::view(part(buffer, first.unwrap_or(1), last)))
}

/// The bytes from `first` to `last`, both as `string.sub` takes them.
fn part(buffer: &Memory, first: i64, last: Option<i64>) -> &[Cell<u8>] {
    let cells = buffer.cells();
    let length = cells.len() as i64;
    let from_end = |place: i64| if place < 0 { (length + place + 1).max(0) } else { place };
    let first = from_end(first).max(1);
    let last = from_end(last.unwrap_or(-1)).min(length);
    if first > last { &[] } else { &cells[first as usize - 1..last as usize] }
}

fn equal(_: Context, operands: [std::result::Result<&Memory, ()>; 2]) -> Result<bool> {
    Ok(matches!(operands, [Ok(left), Ok(right)] if left.cells() == right.cells()))
}

/// `buffer[i]`, nil when there is no such byte; or a method.
fn index(_: Context, buffer: &Memory, key: Field) -> Result<impl Results> {
    Ok(match key {
        Field::Bytes(name) => Either::Left(buffer_method(name)),
        Field::Integer(place) => Either::Right(cell(buffer, place).map(Cell::get)),
        _ => Either::Right(None),
    })
}

/// `buffer[i] = byte`.
fn newindex(_: Context, buffer: &Memory, key: Field, byte: u8) -> Result<()> {
    let Field::Integer(place) = key else { return Err(Error::misuse(2, "integer expected")) };
    cell(buffer, place).ok_or_else(|| Error::misuse(2, "index out of range"))?.set(byte);
    Ok(())
}

fn cell(buffer: &Memory, place: i64) -> Option<&Cell<u8>> {
    buffer.cells().get(usize::try_from(place).ok()?.checked_sub(1)?)
}

/// `#buffer`.
fn length(_: Context, buffer: &Memory) -> Result<usize> {
    Ok(buffer.cells().len())
}

fn tostring<'a>(_: Context, buffer: &'a Memory) -> Result<Bytes<'a>> {
    Ok(buffer.cells().into())
}
