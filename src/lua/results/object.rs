//! Objects as results: new sockets and streams, and the object that a method was called on.

use std::ffi::c_int;

use super::{Results, values};
use crate::lua::registry::RegistryKey;
use crate::lua::shape;
use crate::lua::stack::RaisingStack;
use crate::lua::state::{push_kept, shared};
use crate::lua::userdata::{self, Anchored};
use crate::luasocket::{Object, place_of_class};
use crate::socket::{NewSocket, Socket};
use crate::stream::Stream;

impl Results for NewSocket {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        let shared = shape::push(stack, &self.socket);
        if !shared.open_objects.reserve_socket() {
            stack.raise_message(b"not enough memory");
        }
        let socket = userdata::push(stack, 0, |_| std::mem::replace(&mut self.socket, Socket::nothing()));
        // Nothing raises from here on: the socket is in the set exactly when it has its metatable with `__gc`.
        shared.count_open(socket);
        stack.insert(-2);
        stack.set_metatable(-2);
        1
    }
}

/// A stream over the socket that the method was called on, which `make` makes.
pub(crate) fn new_stream(socket: &Socket, make: impl Fn(Anchored<Socket>) -> Stream) -> impl Results {
    values(move |stack| {
        push_kept(stack, RegistryKey::StreamMetatable);
        let open_objects = &shared(stack.stack()).open_objects;
        if !open_objects.reserve_stream() {
            stack.raise_message(b"not enough memory");
        }
        let stream = userdata::push::<Stream>(stack, 0, |_| make(Anchored::new(socket)));
        userdata::anchor_object(stack);
        // A finalizer may have made streams of the socket since it was checked.
        if !socket.lend() {
            stack.raise_message(b"too many streams");
        }
        // Nothing raises from here on: the stream is counted exactly when it has its metatable with `__gc`.
        open_objects.add_stream(stream);
        stack.push_value(-2);
        stack.set_metatable(-2);
        1
    })
}

/// Updates the metatable of the socket that the method was called on, after its fields changed. Returns `true`.
pub(crate) fn updated(socket: &Socket) -> impl Results {
    values(move |stack| {
        shape::push(stack, socket);
        stack.set_metatable(1);
        ().push(stack)
    })
}

/// The object that the method was called on.
#[inline(always)]
pub(crate) fn itself() -> impl Results {
    values(|stack| {
        stack.push_value(1);
        1
    })
}

/// An object of LuaSocket's interface over a new socket.
pub(crate) fn new_object(class: u16, mut new: NewSocket) -> impl Results {
    values(move |stack| {
        let shared = shared(stack.stack());
        if !shared.open_objects.reserve_socket() {
            stack.raise_message(b"not enough memory");
        }
        push_class(stack, class);
        let object = userdata::push::<Object>(stack, 0, |_| Object::new(class, &mut new));
        // Nothing raises from here on.
        shared.count_open(&object.socket);
        stack.insert(-2);
        stack.set_metatable(-2);
        1
    })
}

/// Pushes the metatable of a class.
fn push_class(stack: RaisingStack, class: u16) {
    stack.get_registered(RegistryKey::ClassMetatables);
    stack.push_item(-1, place_of_class(class) as i32 + 1);
    stack.remove(-2);
}

/// Makes the object that the method was called on one of a class, and then returns a result.
pub(crate) fn reclassed(class: u16, mut result: impl Results) -> impl Results {
    values(move |stack| {
        push_class(stack, class);
        stack.set_metatable(1);
        result.push(stack)
    })
}
