//! Opening `bsdsocket.tasks` in a Lua state.

use std::ffi::c_int;

use mlua::ffi::lua_State;

use super::caller::set_looks;
use super::coroutine::CONTINUES;
use super::module::{load, luaopen_bsdsocket, protect_metatable, push_shared, remove_shared, set_functions, state_of};
use super::registry::RegistryKey;
use super::stack::{Stack, Type};
use crate::tasks::{BLOCKS, INDEX};

/// The functions in Lua: they call functions that may yield, which native functions cannot do on each Lua. The first file
/// makes the module table, to which the others add.
const MODULE: (&str, &str) = ("@lua/tasks.lua\0", include_str!("../../lua/tasks.lua"));
const PARTS: [(&str, &str); 2] = [
    ("@lua/tasks/group.lua\0", include_str!("../../lua/tasks/group.lua")),
    ("@lua/tasks/queue.lua\0", include_str!("../../lua/tasks/queue.lua")),
];

/// Makes of the native iterator over lines one that raises what the native one returns as a failure.
const LINES: (&str, &str) = (
    "=lines\0",
    "local error, level = error, ...
    local function line(...)
      local first, message = ...
      if first == nil and message then
        error(message, level)
      end
      return ...
    end
    return function(next)
      return function()
        return line(next())
      end
    end",
);

/// Pushes the module table, which the first call in a Lua state makes. `require "bsdsocket.tasks"` calls this function,
/// and a C or C++ host may.
///
/// # Safety
/// As for [`luaopen_bsdsocket`], which it calls.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn luaopen_bsdsocket_tasks(state: *mut lua_State) -> c_int {
    // SAFETY: the caller's promise; this frame has nothing to drop.
    let stack = unsafe { Stack::new(state).raising() };
    if stack.get_registered(RegistryKey::Tasks) == Type::Nil {
        // SAFETY: the caller's promise.
        unsafe { luaopen_bsdsocket(state) };
        stack.pop(2);
        let shared = push_shared(stack);
        let state = state_of(stack);
        if !state.allows_tasks.get() {
            stack.raise_message(b"the host allows no tasks");
        }
        let running = &state.running;
        stack.push_table(0, 0);
        running.objects.set(stack.anchor());
        stack.push_boolean(false);
        running.handler.set(stack.anchor());
        #[cfg(feature = "lua51")]
        {
            load(stack, ("=tasks\0", "local function call(f, ...) return f(...) end return call(...)"));
            running.caller.set(stack.anchor());
        }
        if !CONTINUES {
            load(stack, LINES);
            // The level of who calls the iterator: PUC Lua 5.1 counts tail calls.
            stack.push_integer(if cfg!(feature = "lua51") { 3 } else { 2 });
            stack.call(1, 1);
            running.lines.set(stack.anchor());
        }
        stack.push_table(0, INDEX.len() + 2);
        set_functions(stack, shared, INDEX);
        stack.push_table(0, BLOCKS.len());
        set_functions(stack, shared, BLOCKS);
        stack.set_field(-2, "blocks");
        // Lua finalizes this userdata before those that were made earlier: no task runs while the state is closed.
        stack.push_userdata(0);
        stack.push_table(0, 1);
        stack.get_field(-3, "end");
        stack.set_field(-2, "__gc");
        stack.set_metatable(-2);
        stack.anchor();
        let core = stack.top();
        load(stack, MODULE);
        stack.push_value(core);
        stack.push_table(0, 4);
        protect_metatable(stack, "task");
        stack.push_value(-1);
        stack.set_registered(RegistryKey::TaskMetatable);
        stack.call(2, 1);
        for part in PARTS {
            load(stack, part);
            stack.push_value(core);
            stack.push_value(core + 1);
            stack.call(2, 0);
        }
        stack.remove(core);
        remove_shared(stack, shared);
        stack.push_value(-1);
        stack.set_registered(RegistryKey::Tasks);
        set_looks();
    }
    1
}
