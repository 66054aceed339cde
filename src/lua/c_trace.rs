//! Telling hosts in C and C++ what calls have done, as `include/bsdsocket.h` declares it.

use std::ffi::{c_char, c_int};

use mlua::ffi::lua_State;

use super::c_open::CLimits;
use super::stack::{RaisingStack, Stack, Type, upvalue};

/// `struct bsdsocket_outcome`. New fields come last.
#[repr(C)]
pub(super) struct COutcome {
    size: usize,
    operation: *const c_char,
    address: *const c_char,
    message: *const c_char,
    code: *const c_char,
    time: f64,
    received: u64,
    sent: u64,
}

/// Pushes a function that calls the host's `bsdsocket_trace`.
pub(super) fn push_trace(stack: RaisingStack, limits: CLimits) {
    let kept = stack.push_userdata(size_of::<CLimits>()).cast::<CLimits>();
    // SAFETY: a fresh, aligned block of this size.
    unsafe { kept.write(limits) };
    stack.push_function(tell, 1);
}

unsafe extern "C-unwind" fn tell(state: *mut lua_State) -> c_int {
    // SAFETY: Lua passes the state that runs this call; this frame has nothing to drop.
    let stack = unsafe { Stack::new(state) };
    // SAFETY: the upvalue that `push_trace` has set.
    let limits = unsafe { stack.userdata(upvalue(1)).cast::<CLimits>().read() };
    let count = |index| stack.number(index).unwrap_or(0.0) as u64;
    let outcome = COutcome {
        size: size_of::<COutcome>(),
        operation: text(stack, 1),
        address: text(stack, 2),
        message: text(stack, 3),
        code: text(stack, 4),
        time: stack.number(5).unwrap_or(0.0),
        received: count(6),
        sent: count(7),
    };
    if let Some(call) = limits.trace {
        // SAFETY: the host's promise; the texts stay on the stack while it runs.
        unsafe { call(state, &outcome, limits.trace_data) };
    }
    0
}

/// A string of Lua as one of C, which lives as long as it is on the stack; null for another value.
pub(super) fn text(stack: Stack, index: c_int) -> *const c_char {
    match stack.type_of(index) {
        Type::String => stack.string(index).as_ptr().cast(),
        _ => std::ptr::null(),
    }
}
