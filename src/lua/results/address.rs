//! Addresses as results.

use std::ffi::c_int;

use super::Results;
use crate::address::{Address, Fields, Single};
use crate::lua::stack::{ADDRESS_METATABLES, RaisingStack, upvalue};
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
        match self.layout() {
            None => stack.push_nil(),
            Some(layout) => {
                if layout.single != Single::Table && push_single(self, stack) {
                    return 1;
                }
                stack.push_table(layout.fields.len(), 0);
                self.write(&mut FieldPusher::into_table(stack));
                stack.push_item(upvalue(ADDRESS_METATABLES), layout.key);
                stack.set_metatable(-2);
            }
        }
        1
    }
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

/// Pushes an unsigned 64-bit integer: an integer where Lua has 64-bit integers, a number where that is exact, else a
/// hexadecimal string.
fn push_unsigned(stack: RaisingStack, value: u64) {
    const HAS_INTEGERS: bool = cfg!(any(feature = "lua53", feature = "lua54", feature = "lua55"));
    if HAS_INTEGERS || value < 1 << 53 {
        stack.push_integer(value as i64);
    } else {
        stack.push_bytes(Text::<24>::format(format_args!("{value:#x}")).as_bytes());
    }
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
        push_unsigned(self.stack, value);
        self.finish_field();
    }
}
