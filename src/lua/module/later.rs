//! Tables that are made when they are first needed, so that opening the library in a Lua state costs less.

use std::ffi::c_int;

use super::builder::{protect_metatable, push_shared, push_weak, remove_shared, set_functions};
use crate::lua::registry::RegistryKey;
use crate::lua::stack::{RaisingStack, Type};
use crate::lua::trampoline::NativeFunction;
use crate::{buffer, module, socket, stream, tasks};

/// Pushes the table of the functions that only the host may call.
pub(in crate::lua) fn push_host(stack: RaisingStack) {
    if stack.get_registered(RegistryKey::Host) == Type::Nil {
        stack.pop(1);
        make_table(stack, RegistryKey::Host);
    }
}

/// Makes such a table, which the registry keeps, and pushes it.
pub(super) fn make_table(stack: RaisingStack, key: RegistryKey) {
    let shared = push_shared(stack);
    match key {
        RegistryKey::Host => {
            stack.push_table(0, module::HOST.len() + tasks::HOST.len());
            set_functions(stack, shared, module::HOST);
            set_functions(stack, shared, tasks::HOST);
        }
        RegistryKey::SocketMetamethods => push_metatable(stack, shared, "socket", socket::METAMETHODS),
        RegistryKey::SocketFieldsMetatable => {
            stack.push_table(0, 1);
            stack.get_registered(RegistryKey::SocketType);
            stack.set_field(-2, "__index");
        }
        RegistryKey::Hooks | RegistryKey::TimeoutMessages => stack.push_table(0, 0),
        RegistryKey::Parents => push_weak(stack, "k"),
        RegistryKey::StreamMetatable => {
            push_metatable(stack, shared, "stream", stream::METAMETHODS);
            push_functions(stack, shared, stream::METHODS);
            stack.set_field(-2, "__index");
        }
        RegistryKey::BufferMetatable => {
            push_functions(stack, shared, buffer::METHODS);
            stack.set_registered(RegistryKey::BufferMethods);
            push_metatable(stack, shared, "buffer", buffer::METAMETHODS);
        }
        _ => unreachable!("the table is made when the library is opened"),
    }
    remove_shared(stack, shared);
    stack.push_value(-1);
    stack.set_registered(key);
}

fn push_metatable(stack: RaisingStack, shared: c_int, name: &str, metamethods: &[NativeFunction]) {
    stack.push_table(0, metamethods.len() + 3);
    set_functions(stack, shared, metamethods);
    protect_metatable(stack, name);
}

fn push_functions(stack: RaisingStack, shared: c_int, functions: &[NativeFunction]) {
    stack.push_table(0, functions.len());
    set_functions(stack, shared, functions);
}
