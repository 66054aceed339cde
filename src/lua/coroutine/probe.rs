//! Tests whether coroutines can yield, with a coroutine that is no task. While a debug hook or a finalizer runs, LuaJIT
//! treats any yield as one of the hook and corrupts its state. In a finalizer the test would do so too, but there
//! LuaJIT can be asked.

use std::ffi::c_int;

use mlua::ffi::{self, lua_State};

use super::Thread;
use crate::error::{Error, Result};
use crate::lua::caller::Caller;
use crate::lua::stack::{REGISTRY, RaisingStack, Stack};
use crate::lua::state::shared;
use crate::sys::Errno;

/// Yields each time it is resumed.
const CHUNK: &str = "local yield = ... while true do yield() end";

unsafe extern "C-unwind" fn yield_one(state: *mut lua_State) -> c_int {
    // SAFETY: the running call's state, with room for a value; the call ends with it.
    unsafe {
        ffi::lua_pushboolean(state, 1);
        ffi::lua_yield(state, 1)
    }
}

unsafe extern "C-unwind" {
    /// Sets a mode of LuaJIT. Raises an error while a finalizer runs.
    fn luaJIT_setmode(state: *mut lua_State, index: c_int, mode: c_int) -> c_int;
}

/// The mode of one trace; without a flag nothing is done.
const MODE_TRACE: c_int = 5;

/// Whether a finalizer runs.
fn finalizes(caller: Caller) -> bool {
    let set = caller.shared().protect(caller.stack(), |stack| {
        // SAFETY: a live state; what it raises ends the protected call, which has nothing to drop.
        unsafe { luaJIT_setmode(stack.state(), 0, MODE_TRACE) };
        0
    });
    set.is_none()
}

/// Creates the coroutine.
fn prepare(stack: RaisingStack) {
    let running = &shared(stack.stack()).running;
    stack.push_thread();
    let thread = stack.thread(-1);
    stack.load(CHUNK, c"=probe");
    stack.push_function(yield_one, 0);
    stack.move_to(thread, 2);
    running.probe.set((thread.as_thread(), 1));
    match running.probe_place.get() {
        0 => running.probe_place.set(stack.anchor()),
        place => stack.set_item(REGISTRY, place as usize),
    }
}

/// Fails if coroutines cannot yield now.
pub(in crate::lua) fn check_yields(caller: Caller) -> Result<()> {
    let refused = || Error::named(Errno::DEADLOCK, "tasks cannot run in a finalizer or a debug hook").raised();
    if finalizes(caller) {
        return Err(refused());
    }
    let (stack, shared) = (caller.stack(), caller.shared());
    if shared.running.probe.get().0 == Thread::NONE {
        let made = shared.protect(stack, |stack| {
            prepare(stack);
            0
        });
        made.ok_or(Error::Vetoed)?;
    }
    let (thread, arguments) = shared.running.probe.get();
    let probe = Stack::of(thread);
    let mut count = 0;
    // SAFETY: a coroutine that the registry keeps.
    let status = unsafe { ffi::lua_resume(probe.state(), stack.state(), arguments, &mut count) };
    if status == ffi::LUA_YIELD && probe.top() == 1 {
        probe.set_top(0);
        shared.running.probe.set((thread, 0));
        return Ok(());
    }
    shared.running.probe.set((Thread::NONE, 0));
    Err(refused())
}
