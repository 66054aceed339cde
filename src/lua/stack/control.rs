//! Running Lua, and raising its errors.

use std::ffi::{CStr, c_int};

use mlua::ffi;

use super::{Stack, Type};

impl Stack {
    /// Pushes the function that a chunk of Lua compiles to. Raises what the compiler says.
    pub(in crate::lua) fn load(self, source: &str, name: &CStr) {
        // SAFETY: a live state (the parent's docs).
        let status = unsafe {
            ffi::luaL_loadbufferx(self.0, source.as_ptr().cast(), source.len(), name.as_ptr(), c"t".as_ptr())
        };
        if status != ffi::LUA_OK {
            self.raise();
        }
    }

    /// Calls the function below its arguments. May raise.
    pub(in crate::lua) fn call(self, arguments: c_int, results: c_int) {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::lua_call(self.0, arguments, results) }
    }

    #[cfg(not(feature = "lua55"))]
    /// Calls the function below its arguments, all of its results staying on the stack; false leaves the error there.
    pub(in crate::lua) fn call_protected(self, arguments: c_int) -> bool {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::lua_pcall(self.0, arguments, ffi::LUA_MULTRET, 0) == ffi::LUA_OK }
    }

    /// Gives a hook that waits to run the occasion: it may raise. LuaJIT would otherwise run it when an error calls the
    /// message handler, and what the hook raises there would be lost.
    #[cold]
    pub(in crate::lua) fn run_hook(self) {
        unsafe extern "C-unwind" fn nothing(_: *mut ffi::lua_State) -> c_int {
            0
        }
        self.push_function(nothing, 0);
        self.call(0, 0);
    }

    /// Pushes `object.name` as Lua does, with metamethods, and tells what it is. May raise, and run any Lua.
    pub(in crate::lua) fn get_method(self, object: c_int, name: &CStr) -> Type {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::lua_getfield(self.0, object, name.as_ptr()) };
        self.type_of(-1)
    }

    /// Whether the metatable of a value has a field.
    pub(in crate::lua) fn has_metafield(self, object: c_int, name: &CStr) -> bool {
        // SAFETY: a live state (the parent's docs).
        let found = unsafe { ffi::luaL_getmetafield(self.0, object, name.as_ptr()) } != ffi::LUA_TNIL;
        if found {
            self.pop(1);
        }
        found
    }

    /// Says something that is no error: `warn`, where Lua has it.
    pub(in crate::lua) fn warn(self, message: &CStr) {
        #[cfg(any(feature = "lua54", feature = "lua55"))]
        // SAFETY: a live state (the parent's docs).
        unsafe {
            ffi::lua_warning(self.0, message.as_ptr(), 0)
        }
        #[cfg(not(any(feature = "lua54", feature = "lua55")))]
        let _ = message;
    }

    /// Raises the value on the top.
    pub(in crate::lua) fn raise(self) -> ! {
        // SAFETY: a live state (the parent's docs), with nothing droppable alive by rule 2.
        unsafe { ffi::lua_error(self.0) }
    }

    /// Raises a message with the position of the Lua code that called.
    #[cold]
    pub(in crate::lua) fn raise_message(self, message: &[u8]) -> ! {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::luaL_where(self.0, 1) };
        self.push_bytes(message);
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::lua_concat(self.0, 2) };
        self.raise()
    }
}
