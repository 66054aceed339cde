//! How a native function yields, and what it returns when its coroutine is resumed.

use std::ffi::c_int;

use mlua::ffi::{self, lua_State};

use super::Running;
use crate::lua::arguments::operation;
use crate::lua::caller::Caller;
#[cfg(not(any(feature = "lua51", feature = "luajit")))]
use crate::lua::stack::Type;
use crate::lua::stack::{RaisingStack, Stack};
#[cfg(not(any(feature = "lua51", feature = "luajit")))]
use crate::lua::state::shared;
use crate::text::Text;

/// Parks a call: yields its first `count` arguments and its own function.
#[cold]
#[inline(never)]
pub(in crate::lua) fn park(stack: RaisingStack, caller: Caller, count: c_int) -> c_int {
    let running = &caller.shared().running;
    let Some(task_call) = caller.task_call() else { return 0 };
    if task_call.again {
        running.parked_again.set(true);
        // One value: a closed thread has none.
        stack.push_boolean(true);
        return 1;
    }
    if may_yield(stack.stack()) == Some(false) {
        task_call.scheduler.take_parked();
        let mut message = Text::<120>::new();
        message.push(operation(stack.stack()));
        message.push(b": cannot wait here (in a call from C)");
        stack.raise_message(message.as_bytes());
    }
    stack.set_top(count);
    push_own(stack.stack());
    // SAFETY: the running call's state.
    unsafe {
        running.function.set(ffi::lua_topointer(stack.state(), -1));
        yield_values(stack.state(), count + 1)
    }
}

/// Whether the running coroutine can yield; `None` on Luas without lua_isyieldable.
pub(super) fn may_yield(stack: Stack) -> Option<bool> {
    #[cfg(any(feature = "lua53", feature = "lua54", feature = "lua55"))]
    // SAFETY: the running call's state.
    return Some(unsafe { ffi::lua_isyieldable(stack.state()) } != 0);
    #[cfg(not(any(feature = "lua53", feature = "lua54", feature = "lua55")))]
    {
        let _ = stack;
        None
    }
}

/// Pushes the running function.
fn push_own(stack: Stack) {
    // SAFETY: the running call's state; level 0 is the call itself.
    unsafe {
        let mut frame: ffi::lua_Debug = std::mem::zeroed();
        ffi::lua_getstack(stack.state(), 0, &mut frame);
        ffi::lua_getinfo(stack.state(), c"f".as_ptr(), &mut frame);
    }
}

#[cfg(any(feature = "lua51", feature = "luajit"))]
unsafe fn yield_values(state: *mut lua_State, count: c_int) -> c_int {
    // SAFETY: the caller's call ends with it.
    unsafe { ffi::lua_yield(state, count) }
}

#[cfg(feature = "lua52")]
unsafe fn yield_values(state: *mut lua_State, count: c_int) -> c_int {
    unsafe extern "C-unwind" fn go_on(state: *mut lua_State) -> c_int {
        // SAFETY: the state of the call; this frame has nothing to drop.
        continue_call(unsafe { Stack::new(state).raising() })
    }
    // SAFETY: the caller's call ends with it.
    unsafe { ffi::lua_yieldk(state, count, 0, Some(go_on)) }
}

#[cfg(any(feature = "lua53", feature = "lua54", feature = "lua55"))]
unsafe fn yield_values(state: *mut lua_State, count: c_int) -> c_int {
    unsafe extern "C-unwind" fn go_on(state: *mut lua_State, _: c_int, _: ffi::lua_KContext) -> c_int {
        // SAFETY: the state of the call; this frame has nothing to drop.
        continue_call(unsafe { Stack::new(state).raising() })
    }
    // SAFETY: the caller's call ends with it.
    unsafe { ffi::lua_yieldk(state, count, 0, Some(go_on)) }
}

/// Called when the coroutine is resumed: returns what it was resumed with, or raises it as an error.
#[cfg(not(any(feature = "lua51", feature = "luajit")))]
fn continue_call(stack: RaisingStack) -> c_int {
    let running = &shared(stack.stack()).running;
    if running.state.get() != stack.state() {
        stack.raise_message(b"the coroutine of a task was resumed with coroutine.resume");
    }
    if running.raises.replace(false) {
        match stack.type_of(-1) {
            Type::String if running.places.replace(false) => stack.raise_with_place(),
            _ => stack.raise(),
        }
    }
    stack.top()
}

/// Whether the value on the top is the function that has just parked.
pub(in crate::lua) fn is_parked(stack: Stack, running: &Running) -> bool {
    // SAFETY: a live state.
    let function = unsafe { ffi::lua_topointer(stack.state(), -1) };
    !function.is_null() && function == running.function.get()
}
