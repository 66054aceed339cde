//! Sequences and tables with named fields.

use std::ffi::c_int;
use std::mem::needs_drop;

use super::{Results, values};
use crate::error::Error;
use crate::lua::stack::RaisingStack;
use crate::sys::{self, AddrInfo, InterfaceAddress};

/// A Lua sequence.
pub(crate) fn sequence<T: Results>(mut items: Vec<T>) -> impl Results {
    values(move |stack| push_sequence(&mut items, stack))
}

pub(super) fn push_sequence<T: Results>(items: &mut [T], stack: RaisingStack) -> c_int {
    stack.push_table(items.len(), 0);
    for (n, item) in items.iter_mut().enumerate() {
        item.push(stack);
        stack.set_item(-2, n + 1);
    }
    1
}

/// Sets a field of the table on the top. The value must own nothing: a Lua error may pass over it.
pub(super) fn set<T: Results>(stack: RaisingStack, name: &str, mut value: T) {
    const { assert!(!needs_drop::<T>(), "a Lua error may pass over the value") };
    value.push(stack);
    stack.set_field(-2, name);
}

impl Results for AddrInfo {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        stack.push_table(0, 5);
        set(stack, "family", self.family);
        set(stack, "type", self.kind);
        set(stack, "proto", self.proto);
        set(stack, "canonname", self.name.as_ref().map_or(&b""[..], |name| name.as_bytes()));
        set(stack, "sockaddr", self.address);
        1
    }
}

/// An entry of `socket.getifaddrs()`.
impl Results for InterfaceAddress {
    fn push(&mut self, stack: RaisingStack) -> c_int {
        stack.push_table(0, 7);
        set(stack, "name", self.name.as_slice());
        stack.push_table(0, 4);
        for (name, _) in sys::INTERFACE_FLAGS.iter().filter(|(_, flag)| self.flags & flag != 0) {
            set(stack, name, true);
        }
        stack.set_field(-2, "flags");
        set(stack, "family", self.address.map(|address| address.family()));
        set(stack, "address", self.address);
        set(stack, "netmask", self.netmask);
        set(stack, "broadcast", self.broadcast);
        set(stack, "peer", self.peer);
        1
    }
}

/// An entry of `socket.if_nameindex()`.
pub(crate) fn interface(index: u32, name: Vec<u8>) -> impl Results {
    values(move |stack| {
        stack.push_table(0, 2);
        set(stack, "index", index);
        set(stack, "name", name.as_slice());
        1
    })
}

/// The value of LuaSocket's option `linger`.
pub(crate) fn linger(on: bool, timeout: i64) -> impl Results {
    values(move |stack| {
        stack.push_table(0, 2);
        set(stack, "on", on);
        set(stack, "timeout", timeout);
        1
    })
}

/// The failures of all attempts of an operation: `nil`, message and code of one, and a list of them all.
pub(crate) fn failures(operation: &'static str, errors: Vec<Error>, told: usize) -> impl Results {
    values(move |stack| {
        stack.push_nil();
        if let Some((error, cause)) = errors.get(told).and_then(|error| Some((error, error.cause()?))) {
            stack.push_bytes(error.message(operation.as_bytes()).as_bytes());
            stack.push_bytes(cause.code().as_bytes());
        }
        stack.push_table(errors.len(), 0);
        for (n, (error, cause)) in errors.iter().filter_map(|error| Some((error, error.cause()?))).enumerate() {
            stack.push_table(0, 3);
            set(stack, "message", error.message(operation.as_bytes()));
            set(stack, "code", cause.code());
            if let Some(address) = error.address() {
                set(stack, "address", address);
            }
            stack.set_item(-2, n + 1);
        }
        4
    })
}
