//! Addresses as results.

use std::borrow::Borrow;
use std::ffi::c_int;

use super::{Results, metatable};
use crate::address::{Address, Fields, Layout, Single};
use crate::lua::stack::{ADDRESSES, RaisingStack, Type, upvalue};
use crate::lua::state::shared;
use crate::text::Text;

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
pub(crate) struct Interned<A>(pub(crate) A);

impl<A: Borrow<Address>> Results for Interned<A> {
    #[inline(always)]
    fn push(&mut self, stack: RaisingStack) -> c_int {
        let address = self.0.borrow();
        if let Some(layout) = push_simple(address, stack) {
            let key = key(address, layout, shared(stack.stack()).seed);
            stack.push_integer(key);
            if stack.get(upvalue(ADDRESSES)) == Type::Nil || !is_unchanged(address, stack) {
                stack.pop(1);
                push_new(address, layout, key, stack);
            }
        }
        1
    }
}

/// A hash of the bytes of the `sockaddr` and of the protocol on which its fields depend. It fits into a number of any
/// Lua. The seed keeps peers from choosing addresses with equal keys; if two are equal, one table replaces the other.
#[inline(always)]
fn key(address: &Address, layout: &Layout, seed: u64) -> i64 {
    let bytes = address.as_bytes();
    let first = seed ^ ((layout.key as u64) << 8 | bytes.len() as u64);
    let hash = bytes.chunks(8).fold(first, |hash, chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        let product = u128::from(hash ^ u64::from_ne_bytes(word)) * u128::from(seed | 1);
        (product >> 64) as u64 ^ product as u64
    });
    (hash >> 11) as i64
}

/// Pushes a new table for an address, which later calls find by its key.
#[inline(never)]
fn push_new(address: &Address, layout: &Layout, key: i64, stack: RaisingStack) {
    push_table(address, layout, stack);
    stack.push_integer(key);
    stack.push_value(-2);
    stack.set(upvalue(ADDRESSES));
}

/// Whether the table on the top has the fields of an address and no others.
#[inline(always)]
fn is_unchanged(address: &Address, stack: RaisingStack) -> bool {
    let mut comparer = FieldComparer { stack, count: 0, pushed: 0, is_same: true };
    address.write(&mut comparer);
    let FieldComparer { count, pushed, is_same, .. } = comparer;
    stack.pop(pushed);
    is_same && !has_more(count, stack)
}

/// Whether the table on the top has more than items from 1 to `count`, of which none is `nil`. When it is traversed,
/// these come first; in LuaJIT item 0 comes before them.
#[inline(always)]
fn has_more(count: usize, stack: RaisingStack) -> bool {
    if cfg!(feature = "luajit") {
        let has_item_0 = stack.get_item(-1, 0) != Type::Nil;
        stack.pop(1);
        if has_item_0 {
            return true;
        }
    }
    stack.push_integer(count as i64);
    let has_next = stack.next(-2);
    if has_next {
        stack.pop(2);
    }
    has_next
}

/// Compares the fields of an address with the items of a table, which it pushes above the table.
struct FieldComparer<'a> {
    stack: RaisingStack<'a>,
    count: usize,
    pushed: c_int,
    is_same: bool,
}

impl FieldComparer<'_> {
    #[inline(always)]
    fn compare(&mut self, is_same: impl FnOnce(RaisingStack, Type) -> bool) {
        self.count += 1;
        if self.is_same {
            let found = self.stack.get_item(-1 - self.pushed, self.count as c_int);
            self.pushed += 1;
            self.is_same = is_same(self.stack, found);
        }
    }
}

impl Fields for FieldComparer<'_> {
    #[inline(always)]
    fn bytes(&mut self, bytes: &[u8]) {
        self.compare(|stack, found| found == Type::String && stack.string_of(found, -1) == bytes);
    }

    #[inline(always)]
    fn integer(&mut self, value: i64) {
        self.compare(|stack, found| found == Type::Number && stack.is_integer(-1, value));
    }

    fn unsigned(&mut self, value: u64) {
        match as_integer(value) {
            Some(value) => self.integer(value),
            None => self.bytes(hexadecimal(value).as_bytes()),
        }
    }
}

/// Pushes `nil` for no address, or the field of one that is no table; else pushes nothing and returns the layout.
#[inline(always)]
fn push_simple(address: &Address, stack: RaisingStack) -> Option<&'static Layout> {
    let layout = address.layout();
    match layout {
        None => stack.push_nil(),
        Some(layout) if layout.single != Single::Table && push_single(address, stack) => {}
        Some(_) => return layout,
    }
    None
}

/// Pushes a new table of the fields of an address.
#[inline(always)]
fn push_table(address: &Address, layout: &Layout, stack: RaisingStack) {
    stack.push_table(layout.fields.len(), 0);
    address.write(&mut FieldPusher::into_table(stack));
    metatable::set(stack, layout);
}

/// Pushes the field of an address that has only one; false, with nothing pushed, when it has several.
fn push_single(address: &Address, stack: RaisingStack) -> bool {
    let mut pusher = FieldPusher { in_table: false, ..FieldPusher::into_table(stack) };
    address.write(&mut pusher);
    let is_single = pusher.count == 1;
    if !is_single {
        stack.pop(pusher.count as c_int);
    }
    is_single
}

/// An unsigned 64-bit integer as one of Lua: where Lua has 64-bit integers, or where a number is exact.
fn as_integer(value: u64) -> Option<i64> {
    const HAS_INTEGERS: bool = cfg!(any(feature = "lua53", feature = "lua54", feature = "lua55"));
    (HAS_INTEGERS || value < 1 << 53).then_some(value as i64)
}

/// One that is none in Lua, as text.
fn hexadecimal(value: u64) -> Text<24> {
    Text::format(format_args!("{value:#x}"))
}

/// Pushes the fields of an address: as items of the table on the top, or one above the other.
pub(super) struct FieldPusher<'a> {
    stack: RaisingStack<'a>,
    in_table: bool,
    count: usize,
}

impl<'a> FieldPusher<'a> {
    #[inline(always)]
    pub(super) fn into_table(stack: RaisingStack<'a>) -> Self {
        FieldPusher { stack, in_table: true, count: 0 }
    }

    #[inline(always)]
    fn finish_field(&mut self) {
        self.count += 1;
        if self.in_table {
            self.stack.set_item(-2, self.count);
        }
    }
}

impl Fields for FieldPusher<'_> {
    #[inline(always)]
    fn bytes(&mut self, bytes: &[u8]) {
        self.stack.push_bytes(bytes);
        self.finish_field();
    }

    #[inline(always)]
    fn integer(&mut self, value: i64) {
        self.stack.push_integer(value);
        self.finish_field();
    }

    fn unsigned(&mut self, value: u64) {
        match as_integer(value) {
            Some(value) => self.integer(value),
            None => self.bytes(hexadecimal(value).as_bytes()),
        }
    }
}
