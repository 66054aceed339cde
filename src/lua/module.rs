//! Opening the library in a Lua state.

mod builder;

use std::ffi::c_int;

use builder::ModuleBuilder;
use mlua::ffi::lua_State;

use super::registry::RegistryKey;
use super::stack::{Stack, Type};
#[cfg(test)]
use super::trampoline::Function;

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
        ModuleBuilder::new(stack).run();
        stack.push_value(-1);
        stack.set_registered(RegistryKey::Module);
    }
    1
}

/// The module of a Lua state that mlua holds.
pub(crate) fn open_state(lua: &mlua::Lua) -> mlua::Result<mlua::Table> {
    // SAFETY: mlua passes its state inside a protected call.
    unsafe {
        lua.exec_raw((), |state| {
            luaopen_bsdsocket(state);
        })
    }
}

/// Whether the library is open in a Lua state.
pub(crate) fn is_open(lua: &mlua::Lua) -> mlua::Result<bool> {
    let registered: mlua::Value = push_registered(lua, RegistryKey::Module)?;
    Ok(!registered.is_nil())
}

/// The table of the functions that only the host of a Lua state may call.
pub(crate) fn open_host(lua: &mlua::Lua) -> mlua::Result<mlua::Table> {
    open_state(lua)?;
    push_registered(lua, RegistryKey::Host)
}

fn push_registered<T: mlua::FromLuaMulti>(lua: &mlua::Lua, key: RegistryKey) -> mlua::Result<T> {
    // SAFETY: mlua passes its state inside a protected call, with space for a value.
    unsafe {
        lua.exec_raw((), |state| {
            Stack::new(state).raising().get_registered(key);
        })
    }
}

/// A table of the functions of a test, made like those of the module.
#[cfg(test)]
pub(super) fn open_with(lua: &mlua::Lua, functions: &[Function]) -> mlua::Result<mlua::Table> {
    // SAFETY: mlua passes its state inside a protected call.
    unsafe {
        lua.exec_raw((), |state| {
            let stack = Stack::new(state).raising();
            let builder = ModuleBuilder::new(stack);
            stack.push_table(0, 0);
            builder.set_functions(functions);
            builder.remove_upvalues();
        })
    }
}
