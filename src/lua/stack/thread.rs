//! Other threads of the same Lua state.

use std::ffi::c_int;

use mlua::ffi;

use super::Stack;

impl Stack {
    /// Pushes a new thread. May raise.
    pub(in crate::lua) fn push_thread(self) {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::lua_newthread(self.0) };
    }

    /// The stack of a thread, which lives as long as something refers to the thread.
    pub(in crate::lua) fn thread(self, index: c_int) -> Stack {
        // SAFETY: a live state (the parent's docs).
        Stack(unsafe { ffi::lua_tothread(self.0, index) })
    }

    /// Moves values to the top of another thread, which has room for them.
    pub(in crate::lua) fn hand_to(self, other: Stack, count: c_int) {
        // SAFETY: live threads of one state (the parent's docs).
        unsafe { ffi::lua_xmove(self.0, other.0, count) }
    }

    /// Whether a value is a function that is not Lua's.
    #[cfg(feature = "lua51")]
    pub(in crate::lua) fn is_native(self, index: c_int) -> bool {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::lua_iscfunction(self.0, index) != 0 }
    }

    /// Whether there is room for so many values, made if need be.
    pub(in crate::lua) fn has_room(self, count: c_int) -> bool {
        // SAFETY: a live state (the parent's docs); without memory it fails and does not raise.
        unsafe { ffi::lua_checkstack(self.0, count) != 0 }
    }

    #[cfg(feature = "lua55")]
    /// Gives another thread the debug hook of this one, by which a host may end what runs too long.
    pub(in crate::lua) fn lend_hook_to(self, other: Stack) {
        // SAFETY: live threads of one state (the parent's docs).
        unsafe {
            let (hook, mask) = (ffi::lua_gethook(self.0), ffi::lua_gethookmask(self.0));
            ffi::lua_sethook(other.0, hook, mask, ffi::lua_gethookcount(self.0));
        }
    }

    #[cfg(feature = "lua55")]
    /// Runs the function below its arguments, the only values of this thread, for `from`, and leaves the results or an
    /// error; true when there was none. Nothing can yield out of a function that is not Lua's and calls plainly.
    pub(in crate::lua) fn resume(self, from: Stack, arguments: c_int) -> bool {
        let mut count = 0;
        // SAFETY: live threads of one state (the parent's docs); this one runs nothing.
        unsafe { ffi::lua_resume(self.0, from.0, arguments, &mut count) == ffi::LUA_OK }
    }

    #[cfg(feature = "lua55")]
    /// Makes a thread that ended with an error ready for another function, with nothing but the error left in it.
    pub(in crate::lua) fn close(self, from: Stack) {
        // SAFETY: live threads of one state (the parent's docs); this one does not run.
        unsafe { ffi::lua_closethread(self.0, from.0) };
    }
}
