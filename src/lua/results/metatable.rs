//! The metatables of addresses, one for each layout, which are made when they are first needed.

use crate::address::Layout;
use crate::lua::registry::RegistryKey;
use crate::lua::stack::{IN_USE, RaisingStack, Type};

/// The chunk that makes them.
const CHUNK: &str = include_str!("../../../lua/address.lua");

/// Sets the metatable of the table on the top.
#[inline(always)]
pub(super) fn set(stack: RaisingStack, layout: &Layout) {
    if stack.get_item(IN_USE, !layout.key) == Type::Nil {
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
    if stack.get_item(IN_USE, !layout.key) == Type::Nil {
        stack.pop(1);
        stack.push_value(-1);
        stack.anchor();
        stack.push_integer((!layout.key).into());
        stack.push_value(-2);
        stack.set(IN_USE);
    } else {
        stack.remove(-2);
    }
}
