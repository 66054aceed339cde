//! Objects as results: new sockets, and the object that a method was called on.

use std::ffi::c_int;

use super::Results;
use crate::lua::stack::RaisingStack;
use crate::lua::{shape, userdata};
use crate::socket::{NewSocket, Socket};

impl Results for NewSocket {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        let sockets = shape::push(stack, &self.socket).open_objects.sockets();
        if !sockets.reserve() {
            stack.raise_message(b"not enough memory");
        }
        let socket = userdata::push(stack, 0, |_| std::mem::replace(&mut self.socket, Socket::nothing()));
        // Nothing raises from here on: the socket is in the set exactly when it has its metatable with `__gc`.
        if socket.open_fd().is_ok() {
            sockets.add(socket);
        }
        stack.insert(-2);
        stack.set_metatable(-2);
        1
    }
}

/// Updates the metatable of the socket that the method was called on, after its fields changed. Returns `true`.
pub(crate) struct UpdatedSocket<'a>(pub(crate) &'a Socket);

impl Results for UpdatedSocket<'_> {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        shape::push(stack, self.0);
        stack.set_metatable(1);
        ().push(stack)
    }
}

/// The object that the method was called on.
pub(crate) struct SelfResult;

impl Results for SelfResult {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        stack.push_value(1);
        1
    }
}
