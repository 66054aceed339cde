//! Opening `bsdsocket.selectors` in a Lua state.

use std::ffi::c_int;

use mlua::ffi::lua_State;

use super::module::{ModuleBuilder, luaopen_bsdsocket, protect};
use super::results::SELECTOR_METATABLE;
use super::stack::{Stack, Type};
use crate::selectors::{EVENTS, INDEX, METAMETHODS, METHODS};

/// Where the registry keeps the module.
static MODULE: u8 = 12;

/// What `require "bsdsocket.selectors"` calls, and a C or C++ host: pushes the module table, made at the first call in
/// a Lua state.
///
/// # Safety
/// As for [`luaopen_bsdsocket`], which it calls.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn luaopen_bsdsocket_selectors(state: *mut lua_State) -> c_int {
    // SAFETY: the caller's promise.
    let stack = unsafe { Stack::new(state) };
    if stack.get_registered(&MODULE) == Type::Nil {
        // SAFETY: the caller's promise.
        unsafe { luaopen_bsdsocket(state) };
        stack.pop(2);
        let opening = ModuleBuilder::again(stack);
        stack.push_table(0, METAMETHODS.len() + 3);
        opening.set_functions(METAMETHODS);
        protect(stack, "selector");
        stack.push_table(0, METHODS.len());
        opening.set_functions(METHODS);
        stack.set_field(-2, "__index");
        stack.set_registered(&SELECTOR_METATABLE);
        stack.push_table(0, INDEX.len() + EVENTS.len());
        opening.set_functions(INDEX);
        for (name, value) in EVENTS {
            stack.push_integer(*value);
            stack.set_field(-2, name);
        }
        opening.end();
        stack.push_value(-1);
        stack.set_registered(&MODULE);
    }
    1
}
