//! Opening `bsdsocket.selectors` in a Lua state.

use std::ffi::c_int;

use mlua::ffi::lua_State;

use super::module::{luaopen_bsdsocket, protect_metatable, push_shared, remove_shared, set_functions};
use super::registry::RegistryKey;
use super::stack::{Stack, Type};
use crate::selectors::{EVENTS, INDEX, METAMETHODS, METHODS};

/// Pushes the module table, which the first call in a Lua state makes. `require "bsdsocket.selectors"` calls this
/// function, and a C or C++ host may.
///
/// # Safety
/// As for [`luaopen_bsdsocket`], which it calls.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn luaopen_bsdsocket_selectors(state: *mut lua_State) -> c_int {
    // SAFETY: the caller's promise; this frame has nothing to drop.
    let stack = unsafe { Stack::new(state).raising() };
    if stack.get_registered(RegistryKey::Selectors) == Type::Nil {
        // SAFETY: the caller's promise.
        unsafe { luaopen_bsdsocket(state) };
        stack.pop(2);
        let shared = push_shared(stack);
        stack.push_table(0, METAMETHODS.len() + 3);
        set_functions(stack, shared, METAMETHODS);
        protect_metatable(stack, "selector");
        stack.push_table(0, METHODS.len());
        set_functions(stack, shared, METHODS);
        stack.set_field(-2, "__index");
        stack.set_registered(RegistryKey::SelectorMetatable);
        stack.push_table(0, INDEX.len() + EVENTS.len());
        set_functions(stack, shared, INDEX);
        for (name, value) in EVENTS {
            stack.push_integer(*value);
            stack.set_field(-2, name);
        }
        remove_shared(stack, shared);
        stack.push_value(-1);
        stack.set_registered(RegistryKey::Selectors);
    }
    1
}
