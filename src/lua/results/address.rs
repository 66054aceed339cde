//! Addresses.

use std::ffi::c_int;

use super::Results;
use crate::address::{Address, Fields, Single};
use crate::lua::stack::{ADDRESS_METATABLES, Stack, upvalue};
use crate::text::Text;

impl Results for &mut Address {
    #[inline(always)]
    fn push(&mut self, stack: Stack) -> c_int {
        Address::push(self, stack)
    }
}

/// A table of the documented fields with the metatable of its family; a plain string where there is one field;
/// `nil` for no address.
impl Results for Address {
    #[inline(always)]
    fn push(&mut self, stack: Stack) -> c_int {
        match self.layout() {
            None => stack.push_nil(),
            Some(layout) if layout.single != Single::Table && self.count_fields() == 1 => self.write(&mut Plain(stack)),
            Some(layout) => {
                stack.push_table(layout.fields.len(), 0);
                self.write(&mut FieldPusher { stack, count: 0 });
                stack.push_item(upvalue(ADDRESS_METATABLES), layout.key);
                stack.set_metatable(-2);
            }
        }
        1
    }
}

impl Address {
    fn count_fields(&self) -> usize {
        let mut count = Count(0);
        self.write(&mut count);
        count.0
    }
}

/// Counts fields.
struct Count(usize);

impl Fields for Count {
    fn bytes(&mut self, _: &[u8]) {
        self.0 += 1;
    }

    fn integer(&mut self, _: i64) {
        self.0 += 1;
    }

    fn unsigned(&mut self, _: u64) {
        self.0 += 1;
    }
}

/// Takes an address of one field.
struct Plain(Stack);

impl Fields for Plain {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.push_bytes(bytes);
    }

    fn integer(&mut self, value: i64) {
        self.0.push_integer(value);
    }

    fn unsigned(&mut self, value: u64) {
        push_unsigned(self.0, value);
    }
}

/// Pushes 64 bits: an integer where Lua has such, a number where it is exact, else a hexadecimal string.
fn push_unsigned(stack: Stack, value: u64) {
    const HAS_INTEGERS: bool = cfg!(any(feature = "lua53", feature = "lua54", feature = "lua55"));
    if HAS_INTEGERS || value < 1 << 53 {
        stack.push_integer(value as i64);
    } else {
        stack.push_bytes(Text::<24>::format(format_args!("{value:#x}")).as_bytes());
    }
}

/// Takes the fields of an address as the items of the table on the top.
pub(super) struct FieldPusher {
    pub(super) stack: Stack,
    pub(super) count: usize,
}

impl FieldPusher {
    #[inline(always)]
    fn keep(&mut self) {
        self.count += 1;
        self.stack.set_item(-2, self.count);
    }
}

impl Fields for FieldPusher {
    #[inline(always)]
    fn bytes(&mut self, bytes: &[u8]) {
        self.stack.push_bytes(bytes);
        self.keep();
    }

    #[inline(always)]
    fn integer(&mut self, value: i64) {
        self.stack.push_integer(value);
        self.keep();
    }

    fn unsigned(&mut self, value: u64) {
        push_unsigned(self.stack, value);
        self.keep();
    }
}
