//! Threads (coroutines) of the same Lua state.

use std::ffi::{c_int, c_void};
use std::marker::PhantomData;

use mlua::ffi;

use super::{RaisingStack, Stack};

impl<'a> Stack<'a> {
    /// The stack of the thread at `index`, which the registry keeps alive.
    pub(in crate::lua) fn thread(self, index: c_int) -> Stack<'a> {
        // SAFETY: a live state (the parent's docs).
        Stack(unsafe { ffi::lua_tothread(self.0, index) }, PhantomData)
    }

    /// Moves values to the top of another thread, which has space for them.
    pub(in crate::lua) fn move_to(self, other: Stack, count: c_int) {
        // SAFETY: live threads of one state (the parent's docs).
        unsafe { ffi::lua_xmove(self.0, other.0, count) }
    }

    /// Whether a value is a C function.
    #[cfg(feature = "lua51")]
    pub(in crate::lua) fn is_native(self, index: c_int) -> bool {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::lua_iscfunction(self.0, index) != 0 }
    }

    /// Makes space for `count` more values; false when there is no memory.
    pub(in crate::lua) fn try_reserve(self, count: c_int) -> bool {
        // SAFETY: a live state (the parent's docs); without memory it fails and does not raise.
        unsafe { ffi::lua_checkstack(self.0, count) != 0 }
    }

    /// Sets the debug hook of this thread in another one. A host may use it to end a script that runs too long.
    #[cfg(feature = "lua55")]
    pub(in crate::lua) fn copy_hook_to(self, other: Stack) {
        // SAFETY: live threads of one state (the parent's docs).
        unsafe {
            let (hook, mask) = (ffi::lua_gethook(self.0), ffi::lua_gethookmask(self.0));
            ffi::lua_sethook(other.0, hook, mask, ffi::lua_gethookcount(self.0));
        }
    }

    /// Resumes this thread from `from` with the function below its arguments, the only values on its stack, and leaves
    /// the results or the error there; true when there was no error. The function is a C function and calls others
    /// without a continuation, so that nothing can yield out of it.
    #[cfg(feature = "lua55")]
    pub(in crate::lua) fn resume(self, from: Stack, arguments: c_int) -> bool {
        let mut count = 0;
        // SAFETY: live threads of one state (the parent's docs); this one runs nothing.
        unsafe { ffi::lua_resume(self.0, from.0, arguments, &mut count) == ffi::LUA_OK }
    }

    /// Resets a thread that ended with an error: only the error is left on its stack, and it can be used again.
    #[cfg(feature = "lua55")]
    pub(in crate::lua) fn close(self, from: Stack) {
        // SAFETY: live threads of one state (the parent's docs); this one does not run.
        unsafe { ffi::lua_closethread(self.0, from.0) };
    }
}

impl RaisingStack<'_> {
    /// Pushes a new thread.
    pub(in crate::lua) fn push_thread(self) {
        // SAFETY: a live state (the parent's docs).
        unsafe { ffi::lua_newthread(self.state()) };
    }
}

impl Stack<'_> {
    /// Pushes an address as a mark.
    pub(in crate::lua) fn push_mark(self, mark: *mut c_void) {
        // SAFETY: a live state (the parent's docs); the address is never read.
        unsafe { ffi::lua_pushlightuserdata(self.state(), mark) }
    }

    /// Whether the last value is this mark, which is removed.
    pub(in crate::lua) fn take_mark(self, mark: *mut c_void) -> bool {
        // SAFETY: as above; there is a value. No userdata has the address of a field of another one.
        let found = self.top() > 0 && unsafe { ffi::lua_touserdata(self.state(), -1) } == mark;
        if found {
            self.pop(1);
        }
        found
    }
}
