//! The metatables of addresses, one for each layout, which are made when they are first needed.

use crate::address::Layout;
use crate::lua::registry::RegistryKey;
use crate::lua::stack::{ADDRESS_METATABLES, RaisingStack, Type, upvalue};

/// The chunk that makes them.
const CHUNK: &str = include_str!("../../../lua/address.lua");

/// Sets the metatable of the table on the top.
#[inline(always)]
pub(super) fn set(stack: RaisingStack, layout: &Layout) {
    if stack.get_item(upvalue(ADDRESS_METATABLES), layout.key) == Type::Nil {
        stack.pop(1);
        push_new(stack, layout);
    }
    stack.set_metatable(-2);
}

#[cold]
#[inline(never)]
fn push_new(stack: RaisingStack, layout: &Layout) {
    stack.reserve(10);
    if stack.get_registered(RegistryKey::AddressMaker) == Type::Nil {
        stack.pop(1);
        stack.load(CHUNK, c"@lua/address.lua");
        stack.call(0, 1);
        stack.push_value(-1);
        stack.set_registered(RegistryKey::AddressMaker);
    }
    stack.push_table(layout.fields.len(), 0);
    for (n, name) in layout.fields.iter().enumerate() {
        stack.push_bytes(name.as_bytes());
        stack.set_item(-2, n + 1);
    }
    stack.call(1, 1);
    // A finalizer may have made it meanwhile.
    if stack.get_item(upvalue(ADDRESS_METATABLES), layout.key) == Type::Nil {
        stack.pop(1);
        stack.push_value(-1);
        stack.set_item(upvalue(ADDRESS_METATABLES), layout.key as usize);
    } else {
        stack.remove(-2);
    }
}
