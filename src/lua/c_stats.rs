//! The counters for hosts in C and C++, as `include/bsdsocket.h` declares them.

use std::ffi::{c_char, c_int, c_void};

use mlua::ffi::lua_State;

use super::c_exchange::call_host;
use super::c_trace::text;
use super::module::{luaopen_bsdsocket, state_of};
use super::stack::Stack;

/// `struct bsdsocket_stats`. New fields come last.
#[repr(C)]
pub struct CStats {
    size: usize,
    sockets: u64,
    made: u64,
    refused: u64,
    received: u64,
    receives: u64,
    sent: u64,
    sends: u64,
    waits: u64,
    waited: f64,
    buffered: u64,
    tasks: u64,
}

/// `bsdsocket_stats`: see [`stats`](crate::stats).
///
/// # Safety
/// As for [`luaopen_bsdsocket`]; `given` points to a structure that begins with its size.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn bsdsocket_stats(state: *mut lua_State, given: *mut CStats) {
    // SAFETY: the caller's promise; this frame has nothing to drop.
    let stack = unsafe { Stack::new(state).raising() };
    // SAFETY: as above.
    unsafe { luaopen_bsdsocket(state) };
    stack.pop(1);
    let counted = state_of(stack).stats();
    // SAFETY: the caller's promise: as many bytes as the structure says are written.
    unsafe {
        let size = given.cast::<usize>().read();
        let stats = CStats {
            size,
            sockets: counted.sockets as u64,
            made: counted.made,
            refused: counted.refused,
            received: counted.received,
            receives: counted.receives,
            sent: counted.sent,
            sends: counted.sends,
            waits: counted.waits,
            waited: counted.waited.as_secs_f64(),
            buffered: counted.buffered as u64,
            tasks: counted.tasks as u64,
        };
        let size = size.min(size_of::<CStats>());
        given.cast::<u8>().copy_from_nonoverlapping((&raw const stats).cast(), size);
    }
}

/// `struct bsdsocket_socket`. New fields come last.
#[repr(C)]
pub struct Entry {
    size: usize,
    family: c_int,
    kind: c_int,
    proto: c_int,
    laddr: *const c_char,
    raddr: *const c_char,
    received: u64,
    sent: u64,
    age: f64,
    waiting: u64,
}

/// `bsdsocket_sockets`: calls a function for each open socket: see [`sockets`](crate::sockets).
///
/// # Safety
/// As for [`luaopen_bsdsocket`]; `act` may be called.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn bsdsocket_sockets(
    state: *mut lua_State,
    act: unsafe extern "C-unwind" fn(*mut c_void, *const Entry),
    data: *mut c_void,
) {
    // SAFETY: the caller's promise; this frame has nothing to drop.
    let stack = unsafe { Stack::new(state).raising() };
    call_host(stack, b"sockets", |_| 0);
    let list = stack.top();
    for n in 1..=stack.raw_length(list) {
        stack.push_item(list, n as c_int);
        let entry = stack.top();
        let number = |name| {
            stack.get_field(entry, name);
            let value = stack.number(-1);
            stack.pop(1);
            value
        };
        // The table keeps the text alive.
        let text_of = |name| {
            stack.get_field(entry, name);
            let value = text(stack.stack(), -1);
            stack.pop(1);
            value
        };
        let integer = |name| number(name).unwrap_or(0.0) as c_int;
        let count = |name| number(name).unwrap_or(0.0) as u64;
        let told = Entry {
            size: size_of::<Entry>(),
            family: integer("family"),
            kind: integer("type"),
            proto: integer("proto"),
            laddr: text_of("laddr"),
            raddr: text_of("raddr"),
            received: count("received"),
            sent: count("sent"),
            age: number("age").unwrap_or(-1.0),
            waiting: count("waiting"),
        };
        // SAFETY: the caller's promise.
        unsafe { act(data, &told) };
        stack.set_top(list);
    }
    stack.pop(1);
}
