//! Opening `bsdsocket.test` in a Lua state.

use std::ffi::c_int;

use mlua::ffi::lua_State;

use super::module::{load, luaopen_bsdsocket};
#[cfg(unix)]
use super::module::{protect_metatable, push_shared, remove_shared, set_functions};
use super::registry::RegistryKey;
use super::stack::{RaisingStack, Stack, Type};
use super::tasks::luaopen_bsdsocket_tasks;
#[cfg(unix)]
use crate::programs::{INDEX, METAMETHODS};

/// The files of `lua/test`: the name of each, the name of its chunk, and its source.
macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, (concat!("@lua/test/", $name, ".lua\0"), include_str!(concat!("../../lua/test/", $name, ".lua"))))),*]
    };
}

/// The first of them makes the module of all.
const FILES: &[(&str, (&str, &str))] = files! {
    "init" "assertions" "capture" "channel" "datagram_faults" "datagram_proxy" "encode" "failure" "faults" "hexdump" "matchers" "packets" "pcapng" "peer" "ports"
    "process" "program" "proxy" "random" "scope" "server" "stream_faults" "transcript" "values"
};

/// Pushes the functions for programs.
#[cfg(unix)]
fn push_programs(stack: RaisingStack) {
    let shared = push_shared(stack);
    stack.push_table(0, METAMETHODS.len() + 2);
    set_functions(stack, shared, METAMETHODS);
    protect_metatable(stack, "program");
    stack.set_registered(RegistryKey::ProgramMetatable);
    stack.push_table(0, INDEX.len());
    set_functions(stack, shared, INDEX);
    remove_shared(stack, shared);
}

/// The system has none.
#[cfg(not(unix))]
fn push_programs(stack: RaisingStack) {
    stack.push_nil();
}

/// Pushes the module table, which the first call in a Lua state makes. `require "bsdsocket.test"` calls this function,
/// and a C or C++ host may.
///
/// # Safety
/// As for [`luaopen_bsdsocket`], which it calls.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn luaopen_bsdsocket_test(state: *mut lua_State) -> c_int {
    // SAFETY: the caller's promise; this frame has nothing to drop.
    let stack = unsafe { Stack::new(state).raising() };
    if stack.get_registered(RegistryKey::Test) == Type::Nil {
        stack.pop(1);
        stack.reserve(10);
        stack.push_table(0, FILES.len());
        for (name, script) in FILES {
            load(stack, *script);
            stack.set_field(-2, name);
        }
        stack.get_field(-1, FILES[0].0);
        stack.insert(-2);
        // SAFETY: the caller's promise.
        unsafe {
            luaopen_bsdsocket(state);
            luaopen_bsdsocket_tasks(state);
        }
        push_programs(stack);
        stack.call(4, 1);
        stack.push_value(-1);
        stack.set_registered(RegistryKey::Test);
    }
    1
}
