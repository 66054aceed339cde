//! Addresses.

use std::ffi::c_int;

use super::Results;
use crate::address::{Address, Fields};
use crate::lua::stack::{ADDRESS_METATABLES, Stack, upvalue};

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
            Some(layout) if layout.fields.len() == 1 => self.write(&mut Plain(stack)),
            Some(layout) => {
                stack.push_table(layout.fields.len(), 0);
                self.write(&mut Items { stack, count: 0 });
                stack.push_item(upvalue(ADDRESS_METATABLES), layout.key);
                stack.set_metatable(-2);
            }
        }
        1
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
}

/// Takes the fields of an address as the items of the table on the top.
pub(super) struct Items {
    pub(super) stack: Stack,
    pub(super) count: usize,
}

impl Items {
    #[inline(always)]
    fn keep(&mut self) {
        self.count += 1;
        self.stack.set_item(-2, self.count);
    }
}

impl Fields for Items {
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
}
