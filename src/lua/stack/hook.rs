//! Suspending the debug hook of a thread.

use std::ffi::c_int;

use mlua::ffi;

use super::Stack;

impl Stack<'_> {
    /// Removes the debug hook and returns its function, mask and count.
    #[cold]
    pub(in crate::lua) fn take_hook(self) -> Option<(ffi::lua_Hook, c_int, c_int)> {
        // SAFETY: a live state (the parent's docs).
        unsafe {
            let (mask, count) = (ffi::lua_gethookmask(self.state()), ffi::lua_gethookcount(self.state()));
            let hook = ffi::lua_gethook(self.state()).map(|hook| (hook, mask, count));
            ffi::lua_sethook(self.state(), None, 0, 0);
            hook
        }
    }

    /// Sets it again, unless another one was set.
    #[cold]
    pub(in crate::lua) fn put_hook(self, hook: Option<(ffi::lua_Hook, c_int, c_int)>) {
        // SAFETY: a live state (the parent's docs).
        unsafe {
            if let Some((hook, mask, count)) = hook
                && ffi::lua_gethook(self.state()).is_none()
            {
                ffi::lua_sethook(self.state(), Some(hook), mask, count);
            }
        }
    }
}
