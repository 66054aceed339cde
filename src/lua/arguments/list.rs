//! Sequences as arguments.

use std::cell::Cell;
use std::ffi::c_int;

use super::address::field;
use super::bytes::bytes_at;
use super::{Argument, Reader};
use crate::address::Field;
use crate::lua::stack::Type;
use crate::lua::userdata::{self, Memory};
use crate::sys::{Bytes, IOV_MAX, IoSlice, MAX_CMSG_DATA};
use crate::text::Text;

/// The first `most + 1` items of a sequence. `read` reads an item from the top of the stack and leaves one value there.
///
/// The items are in a userdata, which the garbage collector frees also after a Lua error.
fn list<'a, T: Copy>(reader: &mut Reader<'a>, most: usize, read: impl Fn(&Reader<'a>, usize) -> T) -> &'a [T] {
    const { assert!(!std::mem::needs_drop::<T>() && align_of::<T>() <= 8) };
    let (stack, table) = (reader.stack, reader.advance());
    if stack.type_of(table) != Type::Table {
        reader.expected("table");
    }
    // With one item more than the system accepts the call fails as it does for all of them.
    let count = stack.raw_length(table).min(most + 1);
    stack.reserve(count as c_int + 20);
    let block = stack.push_userdata(count * size_of::<T>()).cast::<T>();
    for n in 0..count {
        stack.get_item(table, n as c_int + 1);
        let item = read(reader, n + 1);
        // SAFETY: the block has space for `count` items.
        unsafe { block.add(n).write(item) };
    }
    // SAFETY: all items were written; the block stays on the stack for the whole call.
    unsafe { std::slice::from_raw_parts(block, count) }
}

impl Reader<'_> {
    /// Raises `bad argument … (item n: what expected, got …)` for the item on the top of the stack.
    #[cold]
    fn expected_item(&self, n: usize, what: &str) -> ! {
        let mut reason = Text::<120>::format(format_args!("item {n}: {what} expected, got "));
        reason.push(self.stack.type_name(-1));
        self.refuse(reason.as_bytes())
    }
}

/// More items or descriptors than any system accepts in one message.
const MOST_ITEMS: usize = 1024;

/// Bytes to send from several buffers (iovec): a sequence of strings and buffers.
impl<'a> Argument<'a> for &'a [IoSlice<Bytes<'a>>] {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader<'a>) -> Self {
        list(reader, IOV_MAX, |reader, n| match bytes_at(reader.stack, -1) {
            Some(bytes) => IoSlice::<Bytes>::new(bytes),
            None => reader.expected_item(n, "string"),
        })
    }
}

/// Buffers to receive into (iovec): a sequence of buffers.
impl<'a> Argument<'a> for &'a [IoSlice<&'a [Cell<u8>]>] {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader<'a>) -> Self {
        list(reader, IOV_MAX, |reader, n| match userdata::check::<Memory>(reader.stack.stack(), -1) {
            Some(memory) => IoSlice::<&[Cell<u8>]>::new(memory.cells()),
            None => reader.expected_item(n, "buffer"),
        })
    }
}

/// More numbers than any ioctl request takes.
#[cfg(windows)]
const MOST_NUMBERS: usize = 8;

/// Numbers of 32 bits: a single one, or a sequence.
#[cfg(windows)]
impl<'a> Argument<'a> for &'a [u32] {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader<'a>) -> Self {
        if reader.peek() == Type::Number {
            let number = u32::read(reader);
            reader.stack.reserve(1);
            let block = reader.stack.push_userdata(size_of::<u32>()).cast::<u32>();
            // SAFETY: the block has space for it, and stays on the stack for the whole call.
            return unsafe {
                block.write(number);
                std::slice::from_raw_parts(block, 1)
            };
        }
        list(reader, MOST_NUMBERS, |reader, n| {
            let number = reader.stack.integer(-1).and_then(|number| u32::try_from(number).ok());
            number.unwrap_or_else(|| reader.expected_item(n, "number"))
        })
    }
}

/// A sequence of descriptors.
#[cfg(unix)]
impl<'a> Argument<'a> for &'a [c_int] {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader<'a>) -> Self {
        list(reader, MOST_ITEMS, |reader, n| {
            let number = reader.stack.integer(-1).and_then(|number| c_int::try_from(number).ok());
            number.unwrap_or_else(|| reader.expected_item(n, "descriptor"))
        })
    }
}

/// Ancillary data: a sequence of tables with level, type and data, by position or by name.
impl<'a> Argument<'a> for &'a [(c_int, c_int, Bytes<'a>)] {
    const COUNTS: bool = true;

    fn read(reader: &mut Reader<'a>) -> Self {
        list(reader, MOST_ITEMS, |reader, n| {
            let stack = reader.stack;
            if stack.type_of(-1) != Type::Table {
                reader.expected_item(n, "table");
            }
            let item = stack.top();
            let number = |place, name| match field(stack, item, place, name) {
                Field::Integer(number) => c_int::try_from(number).ok(),
                _ => None,
            };
            let level = number(0, "level").unwrap_or_else(|| reader.expected_item(n, "level"));
            let kind = number(1, "type").unwrap_or_else(|| reader.expected_item(n, "type"));
            stack.set_top(item);
            field(stack, item, 2, "data");
            // The data is the value that stays.
            stack.remove(item);
            match bytes_at(stack, -1) {
                Some(data) if data.len() <= MAX_CMSG_DATA as usize => (level, kind, data),
                _ => reader.expected_item(n, "data"),
            }
        })
    }
}
