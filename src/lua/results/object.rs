//! Objects as results: new sockets and streams, and the object that a method was called on.

use std::ffi::c_int;

use super::{Push, Results};
use crate::lua::registry::RegistryKey;
use crate::lua::shape;
use crate::lua::stack::RaisingStack;
use crate::lua::state::shared;
use crate::lua::userdata::{self, Anchored};
use crate::socket::{NewSocket, Socket};
use crate::stream::{Stream, StreamSettings};

impl Results for NewSocket {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        let shared = shape::push(stack, &self.socket);
        let (open_objects, counted) = (&shared.open_objects, &shared.limits);
        if !open_objects.reserve_socket() {
            stack.raise_message(b"not enough memory");
        }
        let socket = userdata::push(stack, 0, |_| std::mem::replace(&mut self.socket, Socket::nothing()));
        // Nothing raises from here on: the socket is in the set exactly when it has its metatable with `__gc`.
        if let Ok(fd) = socket.open_fd() {
            // A descriptor that had this number is closed.
            open_objects.scheduler.forget(fd);
            open_objects.add_socket(socket);
            counted.count_socket();
        }
        stack.insert(-2);
        stack.set_metatable(-2);
        1
    }
}

/// A stream over the socket that the method was called on.
pub(crate) fn new_stream(socket: &Socket, settings: StreamSettings) -> impl Results {
    Push(move |stack| {
        let streams = shared(stack.stack()).open_objects.streams();
        if !streams.reserve() {
            stack.raise_message(b"not enough memory");
        }
        stack.get_registered(RegistryKey::StreamMetatable);
        let stream = userdata::push::<Stream>(stack, 0, |_| Stream::new(Anchored::new(socket), settings));
        userdata::anchor_object(stack);
        // A finalizer may have made streams of the socket since it was checked.
        if !socket.lend() {
            stack.raise_message(b"too many streams");
        }
        // Nothing raises from here on: the stream is counted exactly when it has its metatable with `__gc`.
        streams.add(stream);
        stack.push_value(-2);
        stack.set_metatable(-2);
        1
    })
}

/// Updates the metatable of the socket that the method was called on, after its fields changed. Returns `true`.
pub(crate) fn updated(socket: &Socket) -> impl Results {
    Push(move |stack| {
        shape::push(stack, socket);
        stack.set_metatable(1);
        ().push(stack)
    })
}

/// The object that the method was called on.
#[inline(always)]
pub(crate) fn itself() -> impl Results {
    Push(|stack| {
        stack.push_value(1);
        1
    })
}
