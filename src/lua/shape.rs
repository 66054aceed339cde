//! The metatables of sockets.
//!
//! A script reads the fields of a socket (`family`, `type`, `proto`, `timeout`) through `__index`, like methods. If
//! that were a function, each method call would take two calls. So `__index` is a table with the fields, whose own
//! `__index` is the table of methods, and sockets with equal fields share a metatable, their *shape*. Shapes are in the
//! weak table that all functions share.

use super::registry::RegistryKey;
use super::stack::{IN_USE, REGISTRY, RaisingStack, Type};
use super::state::{self, NO_KEY, State};
use crate::socket::Socket;

/// Pushes the metatable for a socket with these fields, and returns the library's data for the Lua state.
#[inline(always)]
pub(super) fn push<'a>(stack: RaisingStack<'a>, socket: &Socket) -> &'a State {
    let (key, shared) = (key(socket), state::shared(stack.stack()));
    if shared.last_shape.get() == key {
        stack.push_item(REGISTRY, shared.last_shape_table);
    } else {
        push_other(stack, socket, key);
        stack.push_value(-1);
        // Storing the shape may raise; the key must not remain with another shape then.
        shared.last_shape.set(NO_KEY);
        stack.set_item(REGISTRY, shared.last_shape_table as usize);
        shared.last_shape.set(key);
    }
    shared
}

#[inline(never)]
fn push_other(stack: RaisingStack, socket: &Socket, key: [u8; 16]) {
    stack.push_bytes(&key);
    if stack.get(IN_USE) == Type::Nil {
        stack.pop(1);
        push_new(stack, socket);
        // in_use[key] = shape
        stack.push_bytes(&key);
        stack.push_value(-2);
        stack.set(IN_USE);
    }
}

fn key(socket: &Socket) -> [u8; 16] {
    let mut key = [0; 16];
    key[0..2].copy_from_slice(&socket.family().to_ne_bytes());
    key[2..4].copy_from_slice(&socket.kind().to_ne_bytes());
    key[4..8].copy_from_slice(&socket.proto().to_ne_bytes());
    key[8..16].copy_from_slice(&socket.timeout.get().to_ne_bytes());
    key
}

#[cold]
#[inline(never)]
fn push_new(stack: RaisingStack, socket: &Socket) {
    stack.push_table(0, 8);
    let shape = stack.top();
    state::push_kept(stack, RegistryKey::SocketMetamethods);
    stack.push_nil();
    while stack.next(shape + 1) {
        // shape[key] = value; the key stays for the traversal
        stack.push_value(-2);
        stack.insert(-2);
        stack.set(shape);
    }
    stack.pop(1);

    stack.push_table(0, 4);
    stack.push_integer(socket.family().into());
    stack.set_field(-2, "family");
    stack.push_integer(socket.kind().into());
    stack.set_field(-2, "type");
    stack.push_integer(socket.proto().into());
    stack.set_field(-2, "proto");
    if let Some(timeout) = socket.timeout() {
        stack.push_number(timeout);
        stack.set_field(-2, "timeout");
    }
    state::push_kept(stack, RegistryKey::SocketFieldsMetatable);
    stack.set_metatable(-2);
    stack.set_field(shape, "__index");
}
