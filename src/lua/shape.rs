//! The metatables of sockets.
//!
//! A socket's fields (`family`, `type`, `proto`, `timeout`) read like methods, through `__index`. A function there
//! would cost every method call a second call. So `__index` is always a table, with the fields in it and the methods
//! behind it, and sockets whose fields are the same share one metatable: their *shape*. Shapes are kept weakly.

use super::caller;
use super::registry::RegistryKey;
use super::stack::{REGISTRY, RaisingStack, SHAPES, Type, upvalue};
use crate::lua::state::State;
use crate::socket::Socket;

/// What makes two sockets share a shape: family, type, protocol, timeout.
pub(super) type ShapeKey = [u8; 16];

/// No socket's key, for there is no such timeout.
pub(super) const NO_KEY: ShapeKey = [0xff; 16];

/// Pushes the metatable for a socket of these fields, and returns what the library keeps for the state. May raise.
#[inline(always)]
pub(super) fn push<'a>(stack: RaisingStack<'a>, socket: &Socket) -> &'a State {
    let (key, shared) = (key(socket), caller::shared(stack.stack()));
    if shared.last_shape.get() == key {
        stack.push_item(REGISTRY, shared.refs.last_shape);
    } else {
        push_other(stack, socket, key);
        stack.push_value(-1);
        // The key goes with the shape: neither is the last one before both are.
        shared.last_shape.set(NO_KEY);
        stack.set_item(REGISTRY, shared.refs.last_shape as usize);
        shared.last_shape.set(key);
    }
    shared
}

#[inline(never)]
fn push_other(stack: RaisingStack, socket: &Socket, key: ShapeKey) {
    stack.push_bytes(&key);
    if stack.get(upvalue(SHAPES)) == Type::Nil {
        stack.pop(1);
        push_new(stack, socket);
        // shapes[key] = shape
        stack.push_bytes(&key);
        stack.push_value(-2);
        stack.set(upvalue(SHAPES));
    }
}

fn key(socket: &Socket) -> ShapeKey {
    let mut key = [0; 16];
    key[0..2].copy_from_slice(&socket.family.to_ne_bytes());
    key[2..4].copy_from_slice(&socket.kind.to_ne_bytes());
    key[4..8].copy_from_slice(&socket.proto.to_ne_bytes());
    key[8..16].copy_from_slice(&socket.timeout.get().to_ne_bytes());
    key
}

#[cold]
#[inline(never)]
fn push_new(stack: RaisingStack, socket: &Socket) {
    stack.push_table(0, 8);
    let shape = stack.top();
    stack.get_registered(RegistryKey::SocketMetamethods);
    stack.push_nil();
    while stack.next(shape + 1) {
        // shape[key] = value, keeping the key for the walk
        stack.push_value(-2);
        stack.insert(-2);
        stack.set(shape);
    }
    stack.pop(1);

    stack.push_table(0, 4);
    stack.push_integer(socket.family.into());
    stack.set_field(-2, "family");
    stack.push_integer(socket.kind.into());
    stack.set_field(-2, "type");
    stack.push_integer(socket.proto.into());
    stack.set_field(-2, "proto");
    if let Some(timeout) = socket.timeout() {
        stack.push_number(timeout);
        stack.set_field(-2, "timeout");
    }
    stack.get_registered(RegistryKey::SocketFieldsMetatable);
    stack.set_metatable(-2);
    stack.set_field(shape, "__index");
}
