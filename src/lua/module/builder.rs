//! Making the module table, and the tables that the registry keeps.

use std::ffi::{CStr, c_int};
use std::ptr;

use mlua::ffi::{self, lua_State};

use super::later::make_table;
use super::names;
use crate::error::Result;
use crate::lua::registry::RegistryKey;
use crate::lua::results::{Results, no_values};
use crate::lua::stack::{MINSTACK, RaisingStack, SHARED, Stack};
#[cfg(any(feature = "lua53", feature = "lua54", feature = "lua55"))]
use crate::lua::stack::{REGISTRY, Type};
use crate::lua::state::State;
use crate::lua::trampoline::{Context, NativeFunction, function};
use crate::lua::userdata::draw_secret;
use crate::{constants, module, socket, sys};

/// The library's name and version.
const VERSION: &str = concat!("bsdsocket ", env!("CARGO_PKG_VERSION"));

/// The metamethods of the state's userdata. It is the library's first object with a finalizer, so that Lua calls this
/// finalizer last when the state is closed.
static STATE_METAMETHODS: &[NativeFunction] = &[function("__gc", close_all)];

fn close_all(context: Context) -> Result<impl Results> {
    let shared = context.caller.shared();
    shared.open_objects.close_all();
    shared.limits.end();
    #[cfg(feature = "lua55")]
    shared.lua_block.take().resize(context.caller.stack(), 0);
    Ok(no_values())
}

/// Makes the values that all functions share, and pushes them. Returns the index of the first.
pub(super) fn push_new_shared(stack: RaisingStack) -> c_int {
    // What a call may push anyway: more would make the stack of a new state grow.
    stack.reserve(MINSTACK);
    sys::start();
    draw_secret();
    push_weak(stack, "v");
    State::push(stack, main_thread(stack.stack()), make_table);
    let shared = stack.top() - SHARED + 1;
    for (place, key) in [(0, RegistryKey::State), (1, RegistryKey::InUse)] {
        stack.push_value(shared + place);
        stack.set_registered(key);
    }
    stack.push_table(0, 1);
    set_functions(stack, shared, STATE_METAMETHODS);
    stack.set_metatable(shared);
    shared
}

/// Pushes the same values again for another module, once the library is open.
pub(in crate::lua) fn push_shared(stack: RaisingStack) -> c_int {
    stack.reserve(30);
    stack.get_registered(RegistryKey::State);
    stack.get_registered(RegistryKey::InUse);
    stack.top() - SHARED + 1
}

/// Removes the shared values from below the value on the top.
pub(in crate::lua) fn remove_shared(stack: RaisingStack, shared: c_int) {
    for _ in 0..SHARED {
        stack.remove(shared);
    }
}

/// Sets each function in the table on the top. The values that they share begin at `shared`.
pub(in crate::lua) fn set_functions(stack: RaisingStack, shared: c_int, functions: &[NativeFunction]) {
    for function in functions {
        stack.push_bytes(function.name.as_bytes());
        stack.push_value(-1);
        stack.push_sharing(shared, function.entry, 1);
        stack.set(-3);
    }
}

/// The library's data for the Lua state, once the library is open.
pub(in crate::lua) fn state_of<'a>(stack: RaisingStack<'a>) -> &'a State {
    stack.reserve(1);
    stack.get_registered(RegistryKey::State);
    // SAFETY: the value is the State, which the registry keeps alive.
    let state = unsafe { &*stack.userdata(-1).cast::<State>() };
    stack.pop(1);
    state
}

/// Pushes the module table.
pub(super) fn push_module(stack: RaisingStack, shared: c_int) {
    #[cfg(not(feature = "luajit"))]
    make_module(stack, shared);
    // The collector would find nothing to free and takes a tenth of the time.
    #[cfg(feature = "luajit")]
    {
        let was_running = stack.stop_collector();
        let made = state_of(stack).protect_with(stack.stack(), &[shared, shared + 1], |stack| {
            make_module(stack, 1);
            1
        });
        if was_running {
            stack.restart_collector();
        }
        if made.is_none() {
            stack.raise();
        }
    }
}

fn make_module(stack: RaisingStack, shared: c_int) {
    stack.push_table(0, module::INDEX.len() + constants::STRINGS.len() + 3 + names::count());
    set_functions(stack, shared, module::INDEX);
    #[cfg(any(feature = "lua53", feature = "lua54", feature = "lua55"))]
    take_from_string(stack);
    names::add(stack, shared);
    for (name, value) in constants::STRINGS {
        stack.push_bytes(value.as_bytes());
        stack.set_field(-2, name);
    }
    stack.push_boolean(sys::HAS_IPV6);
    stack.set_field(-2, "has_ipv6");
    stack.push_bytes(VERSION.as_bytes());
    stack.set_field(-2, "_VERSION");

    stack.push_table(0, socket::METHODS.len());
    set_functions(stack, shared, socket::METHODS);
    stack.push_value(-1);
    stack.set_registered(RegistryKey::SocketType);
    stack.set_field(-2, "SocketType");
    anchor_common_strings(stack);
}

/// Gives the metatable on the top the name of its type, and hides it from scripts.
pub(in crate::lua) fn protect_metatable(stack: RaisingStack, name: &str) {
    stack.push_bytes(name.as_bytes());
    stack.set_field(-2, "__name");
    stack.push_bytes(name.as_bytes());
    stack.set_field(-2, "__metatable");
}

/// Pushes a weak table: its keys are weak for the mode `k`, its values for `v`.
pub(super) fn push_weak(stack: RaisingStack, mode: &str) {
    stack.push_table(0, 0);
    stack.push_table(0, 1);
    stack.push_bytes(mode.as_bytes());
    stack.set_field(-2, "__mode");
    stack.set_metatable(-2);
}

/// Keeps the codes of EWOULDBLOCK and timeouts in the registry, so that returning them does not allocate.
fn anchor_common_strings(stack: RaisingStack) {
    for text in ["timeout", "EAGAIN"] {
        stack.push_bytes(text.as_bytes());
        stack.anchor();
    }
}

/// Puts Lua's own functions into the module where the library `string` has them.
#[cfg(any(feature = "lua53", feature = "lua54", feature = "lua55"))]
fn take_from_string(stack: RaisingStack) {
    let module = stack.top();
    if stack.get_field(REGISTRY, "_LOADED") == Type::Table && stack.get_field(-1, "string") == Type::Table {
        for name in ["pack", "unpack", "packsize"] {
            match stack.get_field(module + 2, name) {
                Type::Function => stack.set_field(module, name),
                _ => stack.pop(1),
            }
        }
    }
    stack.set_top(module);
}

/// Compiles a chunk and pushes it as a function.
pub(in crate::lua) fn load(stack: RaisingStack, (name, source): (&str, &str)) {
    let name = CStr::from_bytes_until_nul(name.as_bytes()).unwrap_or_default();
    stack.load(source, name);
}

/// The main thread of the Lua state; null where Lua does not tell which it is.
fn main_thread(stack: Stack) -> *mut lua_State {
    let state = stack.state();
    #[cfg(any(feature = "lua51", feature = "luajit"))]
    // SAFETY: a live state, with space for one value.
    let main = unsafe { if ffi::lua_pushthread(state) == 1 { state } else { ptr::null_mut() } };
    #[cfg(not(any(feature = "lua51", feature = "luajit")))]
    // SAFETY: as above.
    let main = unsafe {
        ffi::lua_rawgeti(state, ffi::LUA_REGISTRYINDEX, ffi::LUA_RIDX_MAINTHREAD as _);
        let main = ffi::lua_tothread(state, -1);
        if main.is_null() { ptr::null_mut() } else { main }
    };
    stack.pop(1);
    main
}
