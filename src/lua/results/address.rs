//! Addresses as results.

use std::borrow::Borrow;
use std::ffi::c_int;

use super::{Results, metatable, values};
use crate::address::{Address, Field, Layout, hexadecimal};
use crate::lua::stack::{IN_USE, RaisingStack, Type};
use crate::lua::state::shared;

impl Results for &mut Address {
    #[inline(always)]
    fn push(&mut self, stack: RaisingStack) -> c_int {
        Address::push(self, stack)
    }
}

/// A table of the documented fields with the metatable of its family; a plain string or number where there is one
/// field; `nil` for no address.
impl Results for Address {
    #[inline(always)]
    fn push(&mut self, stack: RaisingStack) -> c_int {
        if let Some(layout) = push_simple(self, stack) {
            push_table(self, layout, stack);
        }
        1
    }
}

/// An address whose table is the same each time, as long as it is alive and no script has changed it. So a script can
/// use a table as the key of what it knows about a peer.
#[inline(always)]
pub(crate) fn interned(address: impl Borrow<Address>) -> impl Results {
    values(move |stack| push_interned(address.borrow(), stack))
}

#[inline(always)]
pub(super) fn push_interned(address: &Address, stack: RaisingStack) -> c_int {
    if let Some(layout) = push_simple(address, stack) {
        let key = key(address, layout, shared(stack.stack()).seed);
        stack.push_integer(key);
        if stack.get(IN_USE) == Type::Nil || !is_unchanged(address, stack) {
            stack.pop(1);
            push_new(address, layout, key, stack);
        }
    }
    1
}

/// A hash of the bytes of the `sockaddr` and of the protocol on which its fields depend. It fits into a number of any
/// Lua. The seed keeps peers from choosing addresses with equal keys; if two are equal, one table replaces the other.
#[inline(always)]
fn key(address: &Address, layout: &Layout, seed: u64) -> i64 {
    let bytes = address.as_bytes();
    let first = seed ^ ((layout.key as u64) << 8 | bytes.len() as u64);
    let mix = |hash, word| {
        let product = u128::from(hash ^ u64::from_ne_bytes(word)) * u128::from(seed | 1);
        (product >> 64) as u64 ^ product as u64
    };
    let (words, rest) = bytes.as_chunks();
    let mut hash = words.iter().fold(first, |hash, word| mix(hash, *word));
    if !rest.is_empty() {
        let mut word = [0; 8];
        word[..rest.len()].copy_from_slice(rest);
        hash = mix(hash, word);
    }
    (hash >> 11) as i64
}

/// Pushes a new table for an address, which later calls find by its key.
#[inline(never)]
fn push_new(address: &Address, layout: &Layout, key: i64, stack: RaisingStack) {
    push_table(address, layout, stack);
    stack.push_integer(key);
    stack.push_value(-2);
    stack.set(IN_USE);
}

/// Whether the table on the top has the fields of an address and no others.
#[inline(always)]
fn is_unchanged(address: &Address, stack: RaisingStack) -> bool {
    let (mut count, mut pushed, mut is_same) = (0, 0, true);
    // When the table is traversed, item 0 comes before the fields in LuaJIT.
    if cfg!(feature = "luajit") {
        (pushed, is_same) = (1, stack.get_item(-1, 0) == Type::Nil);
    }
    address.write(&mut |field| {
        count += 1;
        if is_same {
            pushed += 1;
            let found = stack.get_item(-pushed, count as c_int);
            is_same = is_field(field, found, stack);
        }
    });
    if is_same {
        // The fields come before all else that the table has.
        stack.push_integer(count);
        if stack.next(-pushed - 2) {
            is_same = false;
            pushed += 2;
        }
    }
    stack.pop(pushed);
    is_same
}

/// Whether the value on the top, which has a type, is a field of an address.
#[inline(always)]
fn is_field(field: Field, found: Type, stack: RaisingStack) -> bool {
    let is_text = |bytes: &[u8]| found == Type::String && stack.string_of(found, -1) == bytes;
    let is_integer = |value| found == Type::Number && stack.is_integer(-1, value);
    match field {
        Field::Integer(value) => is_integer(value),
        Field::Bytes(bytes) => is_text(bytes),
        Field::Unsigned(value) => match as_integer(value) {
            Some(value) => is_integer(value),
            None => is_text(hexadecimal(value).as_bytes()),
        },
        _ => false,
    }
}

/// Pushes `nil` for no address, or the field of one that is no table; else pushes nothing and returns the layout.
#[inline(always)]
fn push_simple(address: &Address, stack: RaisingStack) -> Option<&'static Layout> {
    let layout = address.layout();
    match layout {
        None => stack.push_nil(),
        Some(layout) if layout.may_be_string && push_single(address, stack) => {}
        Some(_) => return layout,
    }
    None
}

/// Pushes a new table of the fields of an address.
#[inline(always)]
fn push_table(address: &Address, layout: &Layout, stack: RaisingStack) {
    stack.push_table(layout.fields.len(), 0);
    let mut count = 0;
    address.write(&mut |field| {
        count += 1;
        push_field(field, stack);
        stack.set_item(-2, count);
    });
    metatable::set(stack, layout);
}

/// Pushes the field of an address that has only one; false, with nothing pushed, when it has several.
fn push_single(address: &Address, stack: RaisingStack) -> bool {
    let mut count = 0;
    address.write(&mut |field| {
        count += 1;
        push_field(field, stack);
    });
    if count != 1 {
        stack.pop(count);
    }
    count == 1
}

/// An unsigned 64-bit integer as one of Lua: where Lua has 64-bit integers, or where a number is exact.
fn as_integer(value: u64) -> Option<i64> {
    const HAS_INTEGERS: bool = cfg!(any(feature = "lua53", feature = "lua54", feature = "lua55"));
    (HAS_INTEGERS || value < 1 << 53).then_some(value as i64)
}

/// Pushes a field of an address.
#[inline(always)]
pub(super) fn push_field(field: Field, stack: RaisingStack) {
    match field {
        Field::Integer(value) => stack.push_integer(value),
        Field::Bytes(bytes) => stack.push_bytes(bytes),
        Field::Unsigned(value) => match as_integer(value) {
            Some(value) => stack.push_integer(value),
            // One that is none in Lua is text.
            None => stack.push_bytes(hexadecimal(value).as_bytes()),
        },
        _ => stack.push_nil(),
    }
}
