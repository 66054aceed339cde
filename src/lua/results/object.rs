//! Sockets, and the object that a method was called on.

use std::ffi::c_int;

use super::Results;
use crate::lua::stack::Stack;
use crate::lua::{shape, userdata};
use crate::socket::{NewSocket, Socket};

impl Results for NewSocket {
    fn push(&mut self, stack: Stack) -> c_int {
        let shared = shape::push(stack, &self.socket);
        let sockets = shared.held.sockets();
        if !sockets.reserve() {
            stack.raise_message(b"not enough memory");
        }
        let socket = userdata::push(stack, 0, |_| std::mem::replace(&mut self.socket, Socket::nothing()));
        // From here on nothing raises: the socket is held exactly when its end is seen to.
        if let Ok(fd) = socket.open_fd() {
            // What had this number before is closed.
            shared.held.scheduler.forget(fd);
            sockets.add(socket);
        }
        stack.insert(-2);
        stack.set_metatable(-2);
        1
    }
}

/// The socket that the method was called on, after its fields changed; reads as `true`.
pub(crate) struct UpdatedSocket<'a>(pub(crate) &'a Socket);

impl Results for UpdatedSocket<'_> {
    fn push(&mut self, stack: Stack) -> c_int {
        shape::push(stack, self.0);
        stack.set_metatable(1);
        ().push(stack)
    }
}

/// The object that the method was called on.
pub(crate) struct SelfResult;

impl Results for SelfResult {
    fn push(&mut self, stack: Stack) -> c_int {
        stack.push_value(1);
        1
    }
}
