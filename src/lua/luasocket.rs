//! Opening `bsdsocket.luasocket` in a Lua state.

use std::ffi::c_int;

use mlua::ffi::lua_State;

use super::module::{load, luaopen_bsdsocket, push_shared, remove_shared, set_functions};
use super::registry::RegistryKey;
use super::stack::{REGISTRY, RaisingStack, Stack, Type};
use crate::luasocket::{CLASSES, CONSTANTS, CORE, DNS, METAMETHODS, MIME, UNIX};
use crate::sys;

/// The functions in Lua. Each file gets the tables of `socket.core`, `socket.unix` and `mime.core`, and
/// `package.preload`, where there is such.
const PARTS: &[(&str, &str)] = &[
    ("@lua/luasocket/except.lua\0", include_str!("../../lua/luasocket/except.lua")),
    ("@lua/luasocket/connect.lua\0", include_str!("../../lua/luasocket/connect.lua")),
    ("@lua/luasocket/sleep.lua\0", include_str!("../../lua/luasocket/sleep.lua")),
    ("@lua/luasocket/preload.lua\0", include_str!("../../lua/luasocket/preload.lua")),
];

/// Pushes the table of `socket.core`, which the first call in a Lua state makes. `require "bsdsocket.luasocket"` calls
/// this function, and a C or C++ host may. Ignores SIGPIPE for the process.
///
/// # Safety
/// As for [`luaopen_bsdsocket`], which it calls.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn luaopen_bsdsocket_luasocket(state: *mut lua_State) -> c_int {
    sys::ignore_sigpipe();
    // SAFETY: the caller's promise.
    unsafe { bsdsocket_luasocket(state) }
}

/// The same, and leaves SIGPIPE as it is.
///
/// # Safety
/// As for [`luaopen_bsdsocket`], which it calls.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn bsdsocket_luasocket(state: *mut lua_State) -> c_int {
    // SAFETY: the caller's promise; this frame has nothing to drop.
    let stack = unsafe { Stack::new(state).raising() };
    if stack.get_registered(RegistryKey::LuaSocket) == Type::Nil {
        // SAFETY: the caller's promise.
        unsafe { luaopen_bsdsocket(state) };
        stack.pop(2);
        let shared = push_shared(stack);
        push_classes(stack, shared);
        let core = stack.top() + 1;
        for functions in [CORE, UNIX, MIME] {
            stack.push_table(0, functions.len() + 8);
            set_functions(stack, shared, functions);
        }
        stack.push_table(0, DNS.len());
        set_functions(stack, shared, DNS);
        stack.set_field(core, "dns");
        for (name, value) in CONSTANTS {
            stack.push_integer(*value);
            stack.set_field(core, name);
        }
        stack.push_integer(sys::descriptor_limit());
        stack.set_field(core, "_SETSIZE");
        push_preload(stack);
        for part in PARTS {
            load(stack, *part);
            for place in 0..4 {
                stack.push_value(core + place);
            }
            stack.call(4, 0);
        }
        stack.set_top(core);
        remove_shared(stack, shared);
        stack.push_value(-1);
        stack.set_registered(RegistryKey::LuaSocket);
    }
    1
}

/// Makes the metatable of each class. A script gets a table with `__index` in its place, as programs expect of LuaSocket.
fn push_classes(stack: RaisingStack, shared: c_int) {
    stack.push_table(CLASSES.len(), 0);
    for (n, (name, methods)) in CLASSES.iter().enumerate() {
        stack.push_table(0, METAMETHODS.len() + 3);
        set_functions(stack, shared, METAMETHODS);
        stack.push_bytes(name.as_bytes());
        stack.set_field(-2, "__name");
        stack.push_table(0, methods.iter().map(|of_some| of_some.len()).sum::<usize>() + 1);
        methods.iter().for_each(|of_some| set_functions(stack, shared, of_some));
        stack.push_bytes(name.as_bytes());
        stack.set_field(-2, "class");
        stack.push_table(0, 1);
        stack.push_value(-2);
        stack.set_field(-2, "__index");
        stack.set_field(-3, "__metatable");
        stack.set_field(-2, "__index");
        stack.set_item(-2, n + 1);
    }
    stack.set_registered(RegistryKey::ClassMetatables);
}

/// Pushes `package.preload`, or nil.
fn push_preload(stack: RaisingStack) {
    let top = stack.top();
    let found = stack.get_field(REGISTRY, "_LOADED") == Type::Table
        && stack.get_field(-1, "package") == Type::Table
        && stack.get_field(-1, "preload") == Type::Table;
    if !found {
        stack.push_nil();
    }
    stack.insert(top + 1);
    stack.set_top(top + 1);
}
