//! Calling Lua functions and raising Lua errors.

use std::ffi::{CStr, c_int};

use mlua::ffi;

#[cfg(not(feature = "lua55"))]
use super::Stack;
use super::{RaisingStack, Type};

impl RaisingStack<'_> {
    /// Compiles a chunk of Lua and pushes it as a function. Raises a syntax error.
    pub(in crate::lua) fn load(self, source: &str, name: &CStr) {
        // SAFETY: a live state (the parent's docs).
        let status = unsafe {
            ffi::luaL_loadbufferx(self.state(), source.as_ptr().cast(), source.len(), name.as_ptr(), c"t".as_ptr())
        };
        if status != ffi::LUA_OK {
            self.raise();
        }
    }

    /// Calls the function below its arguments.
    pub(in crate::lua) fn call(self, arguments: c_int, results: c_int) {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::lua_call(self.state(), arguments, results) }
    }

    /// Runs a pending debug hook, which may raise, by calling a function that does nothing. LuaJIT would otherwise run
    /// it in the message handler of the error that follows, where an error of the hook is lost.
    #[cold]
    pub(in crate::lua) fn run_hook(self) {
        unsafe extern "C-unwind" fn nothing(_: *mut ffi::lua_State) -> c_int {
            0
        }
        self.push_function(nothing, 0);
        self.call(0, 0);
    }

    /// Pushes `object.name`, with metamethods, and returns its type. May run any Lua code.
    pub(in crate::lua) fn get_method(self, object: c_int, name: &CStr) -> Type {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::lua_getfield(self.state(), object, name.as_ptr()) };
        self.type_of(-1)
    }

    /// Replaces the key on the top by its value in an object, with metamethods, and returns the value's type.
    pub(in crate::lua) fn get_indexed(self, object: c_int) -> Type {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::lua_gettable(self.state(), object) };
        self.type_of(-1)
    }

    /// Whether the metatable of a value has a field.
    pub(in crate::lua) fn has_metafield(self, object: c_int, name: &CStr) -> bool {
        // SAFETY: a live state (the parent's docs).
        let found = unsafe { ffi::luaL_getmetafield(self.state(), object, name.as_ptr()) } != ffi::LUA_TNIL;
        if found {
            self.pop(1);
        }
        found
    }

    /// Stops the collector, and returns whether it was running.
    #[cfg(feature = "luajit")]
    pub(in crate::lua) fn stop_collector(self) -> bool {
        const IS_RUNNING: c_int = 9; // LUA_GCISRUNNING, lua.h
        // SAFETY: a live state (the parent's docs).
        unsafe {
            let was_running = ffi::lua_gc(self.state(), IS_RUNNING, 0) != 0;
            ffi::lua_gc(self.state(), ffi::LUA_GCSTOP, 0);
            was_running
        }
    }

    #[cfg(feature = "luajit")]
    pub(in crate::lua) fn restart_collector(self) {
        // SAFETY: as above.
        unsafe {
            ffi::lua_gc(self.state(), ffi::LUA_GCRESTART, 0);
        }
    }

    /// Emits a warning, where Lua has `warn`.
    pub(in crate::lua) fn warn(self, message: &CStr) {
        #[cfg(any(feature = "lua54", feature = "lua55"))]
        // SAFETY: a live state (the parent's docs).
        unsafe {
            ffi::lua_warning(self.state(), message.as_ptr(), 0)
        }
        #[cfg(not(any(feature = "lua54", feature = "lua55")))]
        let _ = message;
    }

    /// Replaces so many strings on the top by one.
    pub(in crate::lua) fn concat(self, count: c_int) {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::lua_concat(self.state(), count) }
    }

    /// Raises the value on the top.
    pub(in crate::lua) fn raise(self) -> ! {
        // SAFETY: a live state (the parent's docs); nothing needs dropping by rule 2.
        unsafe { ffi::lua_error(self.state()) }
    }

    /// Raises a message, with the position of the calling Lua code before it.
    #[cold]
    pub(in crate::lua) fn raise_message(self, message: &[u8]) -> ! {
        self.push_bytes(message);
        self.raise_with_place()
    }

    /// Raises the string on the top with the position of the call.
    pub(in crate::lua) fn raise_with_place(self) -> ! {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::luaL_where(self.state(), 1) };
        self.stack().insert(-2);
        self.concat(2);
        self.raise()
    }
}

#[cfg(not(feature = "lua55"))]
impl Stack<'_> {
    /// Calls the function below its arguments in protected mode and leaves all results on the stack; false when it
    /// raised an error, which is left there.
    pub(in crate::lua) fn call_protected(self, arguments: c_int) -> bool {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::lua_pcall(self.0, arguments, ffi::LUA_MULTRET, 0) == ffi::LUA_OK }
    }
}
