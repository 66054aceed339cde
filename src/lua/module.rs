//! ModuleBuilder the library in a Lua state.

use std::ffi::{CStr, c_int};
use std::ptr;

use mlua::ffi::{self, lua_State};

use super::held;
use super::shape;
use super::stack::{SHARED, Stack, Type, WOULD_BLOCK};
use super::state::State;
use super::trampoline::Function;
use super::userdata::{MEMORY_METATABLE, MEMORY_METHODS, PARENTS, STREAM_METATABLE, draw_secret};
use crate::{address, ancillary, buffer, constants, embedding, module, socket, stream, sys};

/// Where the registry keeps the module, so that a state has one however often it is opened.
pub(super) static MODULE: u8 = 7;

/// Where the registry keeps the values that all functions carry.
static COMMON: u8 = 15;

/// Where the registry keeps what only the host may call.
pub(super) static HOST: u8 = 11;

/// What `require "bsdsocket"` calls, and a C or C++ host: pushes the module table, made at the first call in a Lua
/// state.
///
/// # Safety
/// `state` is a state of the Lua that this library was built for, and may raise (`require` and `lua_pcall` see to it).
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn luaopen_bsdsocket(state: *mut lua_State) -> c_int {
    // SAFETY: the caller's promise.
    let stack = unsafe { Stack::new(state) };
    if stack.get_registered(&MODULE) == Type::Nil {
        stack.pop(1);
        ModuleBuilder::new(stack).run();
        stack.push_value(-1);
        stack.set_registered(&MODULE);
    }
    1
}

/// The library's name and version.
const VERSION: &str = concat!("bsdsocket ", env!("CARGO_PKG_VERSION"));

/// A chunk of Lua: its path, which is its name in messages, and its source.
macro_rules! script {
    ($path:literal) => {
        (concat!("@lua/", $path, "\0"), include_str!(concat!("../../lua/", $path)))
    };
}

/// Makes the metatables of addresses.
const ADDRESS: (&str, &str) = script!("address.lua");

pub(super) struct ModuleBuilder {
    stack: Stack,
    /// Index of the first of the values that all functions carry.
    common: c_int,
}

impl ModuleBuilder {
    fn new(stack: Stack) -> Self {
        stack.reserve(30);
        sys::start();
        draw_secret();
        push_address_metatables(stack);
        stack.push_table(0, 0);
        weaken(stack, "v");
        State::push(stack, main_coroutine(stack));
        let opening = ModuleBuilder { stack, common: stack.top() - SHARED + 1 };
        stack.push_table(0, 1);
        opening.set_functions(held::METAMETHODS);
        stack.set_metatable(opening.common);
        opening
    }

    /// The library is open already: another module of it is to be made.
    pub(super) fn again(stack: Stack) -> Self {
        stack.reserve(30);
        stack.get_registered(&COMMON);
        for place in 1..=SHARED {
            stack.push_item(-place, place);
        }
        stack.remove(-1 - SHARED);
        ModuleBuilder { stack, common: stack.top() - SHARED + 1 }
    }

    /// What the library keeps for the Lua state.
    pub(super) fn shared(&self) -> &State {
        // SAFETY: the first of the common values is the State, which the registry keeps.
        unsafe { &*self.stack.userdata(self.common).cast::<State>() }
    }

    /// Takes the common values out from under the value on the top.
    pub(super) fn end(self) {
        for _ in 0..SHARED {
            self.stack.remove(self.common);
        }
    }

    /// Leaves the module table on the top.
    fn run(self) {
        let stack = self.stack;
        stack.push_table(0, 1024);
        self.set_functions(module::INDEX);
        for (name, value) in constants::INTEGERS.iter().copied().flatten() {
            stack.push_bytes(name.as_bytes());
            stack.push_integer(*value);
            stack.set(-3);
        }
        for (name, value) in constants::STRINGS {
            stack.push_bytes(value.as_bytes());
            stack.set_field(-2, name);
        }
        stack.push_boolean(sys::HAS_IPV6);
        stack.set_field(-2, "has_ipv6");
        stack.push_bytes(VERSION.as_bytes());
        stack.set_field(-2, "_VERSION");
        push_both_ways(stack, constants::ERRNO.iter());
        stack.set_field(-2, "errno");
        for enumeration in constants::ENUMS {
            push_both_ways(stack, constants::members(*enumeration));
            stack.set_field(-2, enumeration.0);
        }

        self.push_socket_type();
        stack.set_field(-2, "SocketType");
        stack.push_table(0, embedding::HOST.len());
        self.set_functions(embedding::HOST);
        stack.set_registered(&HOST);
        self.register_buffers();
        self.register_streams();
        anchor_common_strings(stack);
        stack.push_table(SHARED as usize, 0);
        for place in 1..=SHARED {
            stack.push_value(self.common + place - 1);
            stack.set_item(-2, place as usize);
        }
        stack.set_registered(&COMMON);
        self.end();
    }

    /// Sets each function in the table on the top.
    pub(super) fn set_functions(&self, functions: &[Function]) {
        let stack = self.stack;
        for function in functions.iter().filter(|function| !sys::ABSENT.contains(&function.name)) {
            stack.push_bytes(function.name.as_bytes());
            for place in 0..SHARED {
                stack.push_value(self.common + place);
            }
            stack.push_value(-1 - SHARED);
            stack.push_bytes(crate::error::would_block_message(function.name).as_bytes());
            stack.push_function(function.entry, WOULD_BLOCK);
            stack.set(-3);
        }
    }

    /// Pushes the table of methods, and registers what the shapes of sockets are made of.
    fn push_socket_type(&self) {
        let stack = self.stack;
        stack.push_table(0, 64);
        self.set_functions(socket::METHODS);
        // What leads from a shape's fields to the methods.
        stack.push_table(0, 1);
        stack.push_value(-2);
        stack.set_field(-2, "__index");
        stack.set_registered(&shape::METHODS);
        stack.push_table(0, 8);
        self.set_functions(socket::METAMETHODS);
        protect(stack, "socket");
        stack.set_registered(&shape::METAMETHODS);
    }

    fn register_streams(&self) {
        let stack = self.stack;
        stack.push_table(0, 8);
        self.set_functions(stream::METAMETHODS);
        protect(stack, "stream");
        stack.push_table(0, 8);
        self.set_functions(stream::METHODS);
        stack.set_field(-2, "__index");
        stack.set_registered(&STREAM_METATABLE);
    }

    fn register_buffers(&self) {
        let stack = self.stack;
        stack.push_table(0, 8);
        self.set_functions(buffer::METAMETHODS);
        protect(stack, "buffer");
        stack.push_table(0, 8);
        self.set_functions(buffer::METHODS);
        stack.set_registered(&MEMORY_METHODS);
        stack.set_registered(&MEMORY_METATABLE);
        stack.push_table(0, 0);
        weaken(stack, "k");
        stack.set_registered(&PARENTS);
    }
}

/// Pushes a table of the metatables of addresses.
fn push_address_metatables(stack: Stack) {
    stack.push_table(0, 0);
    load(stack, ADDRESS);
    stack.call(0, 1);
    for layout in address::layouts().chain([&ancillary::LAYOUT]) {
        stack.push_value(-1);
        stack.push_table(layout.fields.len(), 0);
        for (n, name) in layout.fields.iter().enumerate() {
            stack.push_bytes(name.as_bytes());
            stack.set_item(-2, n + 1);
        }
        stack.call(1, 1);
        stack.set_item(-3, layout.key as usize);
    }
    stack.pop(1);
}

/// OptionNames the type of a metatable on the top, and hides it from scripts.
pub(super) fn protect(stack: Stack, name: &str) {
    stack.push_bytes(name.as_bytes());
    stack.set_field(-2, "__name");
    stack.push_bytes(name.as_bytes());
    stack.set_field(-2, "__metatable");
}

/// Makes the table on the top weak.
fn weaken(stack: Stack, mode: &str) {
    stack.push_table(0, 1);
    stack.push_bytes(mode.as_bytes());
    stack.set_field(-2, "__mode");
    stack.set_metatable(-2);
}

/// Pushes a table that maps name to number and number to name.
fn push_both_ways<'a>(stack: Stack, names: impl Iterator<Item = &'a constants::Constant> + Clone) {
    stack.push_table(0, 2 * names.clone().count());
    for (name, value) in names {
        stack.push_bytes(name.as_bytes());
        stack.push_integer(*value);
        stack.set(-3);
        // Of several names for one number the first is the number's.
        stack.push_integer(*value);
        let taken = stack.get(-2) != Type::Nil;
        stack.pop(1);
        if !taken {
            stack.push_integer(*value);
            stack.push_bytes(name.as_bytes());
            stack.set(-3);
        }
    }
}

/// Keeps the strings alive that would-block and timeout return, so that returning them allocates nothing.
fn anchor_common_strings(stack: Stack) {
    for text in ["timeout", "EAGAIN"] {
        stack.push_bytes(text.as_bytes());
        stack.anchor();
    }
}

pub(super) fn load(stack: Stack, (name, source): (&str, &str)) {
    let name = CStr::from_bytes_until_nul(name.as_bytes()).unwrap_or_default();
    stack.load(source, name);
}

/// The main coroutine, which lives as long as the Lua state; null where it cannot be known.
fn main_coroutine(stack: Stack) -> *mut lua_State {
    let state = stack.state();
    #[cfg(any(feature = "lua51", feature = "luajit"))]
    // SAFETY: a live state, with room for one value.
    let main = unsafe {
        let is_main = ffi::lua_pushthread(state) == 1;
        if is_main { state } else { ptr::null_mut() }
    };
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

/// A table of functions of a test, made as those of the module are.
#[cfg(test)]
pub(super) fn open_with(lua: &mlua::Lua, functions: &[Function]) -> mlua::Result<mlua::Table> {
    // SAFETY: mlua passes its state inside a protected call.
    unsafe {
        lua.exec_raw((), |state| {
            let stack = Stack::new(state);
            let opening = ModuleBuilder::new(stack);
            stack.push_table(0, 0);
            opening.set_functions(functions);
            for _ in 0..SHARED {
                stack.remove(opening.common);
            }
        })
    }
}
