//! What a native function may ask of the Lua state that called it.

use mlua::ffi;

use super::stack::Stack;
use super::state::{State, shared};

/// The Lua thread that made the running call.
#[derive(Clone, Copy)]
pub(crate) struct Caller<'a> {
    stack: Stack<'a>,
}

/// True where the `lua` program installs its SIGINT handler with `signal`, so with SA_RESTART: a system call that
/// blocks is restarted after the handler and does not return to check for a pending hook. `poll` is never restarted. On
/// Windows no signal interrupts a call.
pub(crate) const SIGNALS_RESTART_CALLS: bool = cfg!(unix) && !cfg!(any(feature = "lua54", feature = "lua55"));

impl<'a> Caller<'a> {
    #[inline(always)]
    pub(super) fn new(stack: Stack<'a>) -> Self {
        Caller { stack }
    }

    pub(super) fn stack(self) -> Stack<'a> {
        self.stack
    }

    /// The library's data for the Lua state.
    pub(crate) fn shared(self) -> &'a State {
        shared(self.stack)
    }

    /// True when a debug hook is set with the count 1, as the SIGINT handler of the `lua` program does: it runs before
    /// the next instruction. Debuggers and profilers do not set such hooks.
    #[cold]
    pub(crate) fn has_pending_hook(self) -> bool {
        let main = self.shared().main();
        [self.stack.state(), main].into_iter().filter(|state| !state.is_null()).any(|state| {
            // SAFETY: the running thread, and the main thread, which lives as long as the Lua state.
            unsafe {
                ffi::lua_gethook(state).is_some()
                    && ffi::lua_gethookmask(state) & ffi::LUA_MASKCOUNT != 0
                    && ffi::lua_gethookcount(state) == 1
            }
        })
    }
}
