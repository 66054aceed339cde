//! Opening the library in a Lua state.

mod builder;
mod later;
mod names;

use std::ffi::c_int;

pub(super) use builder::{load, protect_metatable, push_shared, remove_shared, set_functions, state_of};
use builder::{push_module, push_new_shared};
pub(super) use later::push_host;
use mlua::ffi::lua_State;

use super::registry::RegistryKey;
use super::stack::{Stack, Type};
#[cfg(test)]
use super::trampoline::NativeFunction;

/// Pushes the module table, which the first call in a Lua state makes. `require "bsdsocket"` calls this function, and a
/// C or C++ host may.
///
/// # Safety
/// `state` is a state of the Lua version that this library was built for. The function may raise a Lua error, as
/// `lua_CFunction`s may: it is called by Lua, or no frame between it and the next `lua_pcall` needs destructors.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn luaopen_bsdsocket(state: *mut lua_State) -> c_int {
    // SAFETY: the caller's promise; this frame has nothing to drop.
    let stack = unsafe { Stack::new(state).raising() };
    if stack.get_registered(RegistryKey::Module) == Type::Nil {
        stack.pop(1);
        let shared = push_new_shared(stack);
        push_module(stack, shared);
        remove_shared(stack, shared);
        stack.push_value(-1);
        stack.set_registered(RegistryKey::Module);
    }
    1
}

/// A table of the functions of a test, made like those of the module.
#[cfg(test)]
pub(super) fn open_with(lua: &mlua::Lua, functions: &[NativeFunction]) -> mlua::Result<mlua::Table> {
    // SAFETY: mlua passes its state inside a protected call.
    unsafe {
        lua.exec_raw((), |state| {
            let stack = Stack::new(state).raising();
            let shared = push_new_shared(stack);
            stack.push_table(0, 0);
            set_functions(stack, shared, functions);
            remove_shared(stack, shared);
        })
    }
}
