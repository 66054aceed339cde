//! Telling hosts in C and C++ what calls have done, as `include/bsdsocket.h` declares it.

use std::ffi::{c_char, c_int, c_void};

use mlua::ffi::lua_State;

use super::stack::{RaisingStack, Stack, Type, upvalue};

/// `bsdsocket_trace`.
pub(super) type TraceHook = unsafe extern "C-unwind" fn(*mut lua_State, *const COutcome, *mut c_void);

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

/// Pushes a function that calls a hook of the host.
pub(super) fn push_trace(stack: RaisingStack, call: TraceHook, data: *mut c_void) {
    let hook = stack.push_userdata(size_of::<(TraceHook, *mut c_void)>()).cast::<(TraceHook, *mut c_void)>();
    // SAFETY: a fresh, aligned block of this size.
    unsafe { hook.write((call, data)) };
    stack.push_function(tell, 1);
}

unsafe extern "C-unwind" fn tell(state: *mut lua_State) -> c_int {
    // SAFETY: Lua passes the state that runs this call; this frame has nothing to drop.
    let stack = unsafe { Stack::new(state) };
    // SAFETY: the upvalue that `push_trace` has set.
    let (call, data) = unsafe { stack.userdata(upvalue(1)).cast::<(TraceHook, *mut c_void)>().read() };
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
    // SAFETY: the host's promise; the texts stay on the stack while it runs.
    unsafe { call(state, &outcome, data) };
    0
}

/// A string of Lua as one of C, which lives as long as it is on the stack; null for another value.
pub(super) fn text(stack: Stack, index: c_int) -> *const c_char {
    match stack.type_of(index) {
        Type::String => stack.string(index).as_ptr().cast(),
        _ => std::ptr::null(),
    }
}
