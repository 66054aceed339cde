//! Passing sockets to Lua and back for hosts in C and C++, as `include/bsdsocket.h` declares it.

use std::ffi::c_int;
// `bsdsocket_descriptor`.
#[cfg(unix)]
use std::os::fd::RawFd;
#[cfg(windows)]
use std::os::windows::io::RawSocket as RawFd;

use mlua::ffi::lua_State;

use super::module::{luaopen_bsdsocket, push_host};
use super::stack::{RaisingStack, Stack, Type};

/// `bsdsocket_give`: makes a Lua socket of a descriptor of the host.
///
/// # Safety
/// As for [`luaopen_bsdsocket`]; `fd` is the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn bsdsocket_give(state: *mut lua_State, fd: RawFd) -> c_int {
    // SAFETY: the caller's promise; this frame has nothing to drop.
    let stack = unsafe { Stack::new(state).raising() };
    call_host(stack, b"give", |stack| {
        stack.push_integer(fd as i64);
        1
    });
    1
}

/// `bsdsocket_take`: takes the descriptor of the Lua socket at an index.
///
/// # Safety
/// As for [`luaopen_bsdsocket`].
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn bsdsocket_take(state: *mut lua_State, index: c_int) -> RawFd {
    // SAFETY: as above.
    let stack = unsafe { Stack::new(state).raising() };
    let index = if index < 0 { stack.top() + 1 + index } else { index };
    call_host(stack, b"take", |stack| {
        stack.push_value(index);
        1
    });
    let fd = stack.integer(-1).unwrap_or(-1);
    stack.pop(1);
    fd as RawFd
}

/// Calls a function of the host's table, and leaves its result. Raises its failure.
pub(super) fn call_host(stack: RaisingStack, name: &[u8], push: impl FnOnce(RaisingStack) -> c_int) {
    // SAFETY: who called promised a state in which the library can be opened; nothing here needs dropping.
    unsafe { luaopen_bsdsocket(stack.state()) };
    stack.pop(1);
    push_host(stack);
    stack.push_bytes(name);
    stack.get(-2);
    let count = push(stack);
    stack.call(count, 2);
    if stack.type_of(-2) == Type::Nil {
        stack.remove(-2);
        stack.raise();
    }
    stack.pop(1);
    stack.remove(-2);
}
