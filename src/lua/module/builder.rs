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

/// Makes the tables of a module.
pub(in crate::lua) struct ModuleBuilder<'a> {
    stack: RaisingStack<'a>,
    /// Index of the first of the values that all functions share.
    values: c_int,
}

impl<'a> ModuleBuilder<'a> {
    /// Pushes the values that all functions share.
    pub(super) fn new(stack: RaisingStack<'a>) -> Self {
        // What a call may push anyway: more would make the stack of a new state grow.
        stack.reserve(MINSTACK);
        sys::start();
        draw_secret();
        push_weak(stack, "v");
        State::push(stack, main_thread(stack.stack()), make_table);
        let builder = ModuleBuilder { stack, values: stack.top() - SHARED + 1 };
        for (place, key) in [(0, RegistryKey::State), (1, RegistryKey::InUse)] {
            stack.push_value(builder.values + place);
            stack.set_registered(key);
        }
        stack.push_table(0, 1);
        builder.set_functions(STATE_METAMETHODS);
        stack.set_metatable(builder.values);
        builder
    }

    /// Pushes the same values again for another module, once the library is open.
    pub(in crate::lua) fn again(stack: RaisingStack<'a>) -> Self {
        stack.reserve(30);
        stack.get_registered(RegistryKey::State);
        stack.get_registered(RegistryKey::InUse);
        ModuleBuilder { stack, values: stack.top() - SHARED + 1 }
    }

    pub(super) fn stack(&self) -> RaisingStack<'a> {
        self.stack
    }

    /// The library's data for the Lua state.
    pub(in crate::lua) fn shared(&self) -> &'a State {
        // SAFETY: the first of the values is the State, which the registry keeps alive.
        unsafe { &*self.stack.userdata(self.values).cast::<State>() }
    }

    /// Pushes the module table, in place of the shared values.
    pub(super) fn run(self) {
        #[cfg(not(feature = "luajit"))]
        self.push_module();
        #[cfg(feature = "luajit")]
        self.push_module_with_collector_stopped();
        self.remove_shared();
    }

    /// Pushes the module table while the collector is stopped, which would find nothing to free and takes a tenth of the
    /// time.
    #[cfg(feature = "luajit")]
    fn push_module_with_collector_stopped(&self) {
        let stack = self.stack;
        let was_running = stack.stop_collector();
        let made = self.shared().protect_with(stack.stack(), &[self.values, self.values + 1], |stack| {
            ModuleBuilder { stack, values: 1 }.push_module();
            1
        });
        if was_running {
            stack.restart_collector();
        }
        if made.is_none() {
            stack.raise();
        }
    }

    fn push_module(&self) {
        let stack = self.stack;
        stack.push_table(0, module::INDEX.len() + constants::STRINGS.len() + 3 + names::count());
        self.set_functions(module::INDEX);
        #[cfg(any(feature = "lua53", feature = "lua54", feature = "lua55"))]
        take_from_string(stack);
        names::add(stack, self.values);
        for (name, value) in constants::STRINGS {
            stack.push_bytes(value.as_bytes());
            stack.set_field(-2, name);
        }
        stack.push_boolean(sys::HAS_IPV6);
        stack.set_field(-2, "has_ipv6");
        stack.push_bytes(VERSION.as_bytes());
        stack.set_field(-2, "_VERSION");

        stack.push_table(0, socket::METHODS.len());
        self.set_functions(socket::METHODS);
        stack.push_value(-1);
        stack.set_registered(RegistryKey::SocketType);
        stack.set_field(-2, "SocketType");
        anchor_common_strings(stack);
    }

    /// Removes the shared values from below the value on the top.
    pub(in crate::lua) fn remove_shared(&self) {
        for _ in 0..SHARED {
            self.stack.remove(self.values);
        }
    }

    /// Sets each function in the table on the top.
    pub(in crate::lua) fn set_functions(&self, functions: &[NativeFunction]) {
        let stack = self.stack;
        for function in functions {
            stack.push_bytes(function.name.as_bytes());
            stack.push_value(-1);
            stack.push_sharing(self.values, function.entry, 1);
            stack.set(-3);
        }
    }
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
