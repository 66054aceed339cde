//! Tables that are made when they are first needed, so that opening the library in a Lua state costs less.

use super::ModuleBuilder;
use super::builder::{protect_metatable, push_weak};
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
    let builder = ModuleBuilder::again(stack);
    match key {
        RegistryKey::Host => {
            stack.push_table(0, module::HOST.len() + tasks::HOST.len());
            builder.set_functions(module::HOST);
            builder.set_functions(tasks::HOST);
        }
        RegistryKey::SocketMetamethods => push_metatable(&builder, "socket", socket::METAMETHODS),
        RegistryKey::SocketFieldsMetatable => {
            stack.push_table(0, 1);
            stack.get_registered(RegistryKey::SocketType);
            stack.set_field(-2, "__index");
        }
        RegistryKey::Hooks | RegistryKey::TimeoutMessages => stack.push_table(0, 0),
        RegistryKey::Parents => push_weak(stack, "k"),
        RegistryKey::StreamMetatable => {
            push_metatable(&builder, "stream", stream::METAMETHODS);
            push_functions(&builder, stream::METHODS);
            stack.set_field(-2, "__index");
        }
        RegistryKey::BufferMetatable => {
            push_functions(&builder, buffer::METHODS);
            stack.set_registered(RegistryKey::BufferMethods);
            push_metatable(&builder, "buffer", buffer::METAMETHODS);
        }
        _ => unreachable!("the table is made when the library is opened"),
    }
    builder.remove_shared();
    stack.push_value(-1);
    stack.set_registered(key);
}

fn push_metatable(builder: &ModuleBuilder, name: &str, metamethods: &[NativeFunction]) {
    builder.stack().push_table(0, metamethods.len() + 3);
    builder.set_functions(metamethods);
    protect_metatable(builder.stack(), name);
}

fn push_functions(builder: &ModuleBuilder, functions: &[NativeFunction]) {
    builder.stack().push_table(0, functions.len());
    builder.set_functions(functions);
}
