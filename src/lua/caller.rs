//! The Lua that called, as far as a verb may know it.

use std::marker::PhantomData;

use mlua::ffi;

use super::stack::{STATE, Stack, upvalue};
use super::state::State;
use crate::error::{Error, Result};
use crate::sys::Errno;
use crate::tasks::Turn;

/// The state that made the running call.
#[derive(Clone, Copy)]
pub(crate) struct Caller<'a> {
    stack: Stack,
    /// The call as one of the task that runs.
    turn: Option<Turn<'a>>,
    /// A step runs, so that nothing may hold up the thread.
    in_step: bool,
    lifetime: PhantomData<&'a State>,
}

/// True where the stock interpreter installs its handler of Ctrl-C so that system calls are restarted after it. A call
/// that blocks in the kernel then never comes back to look at the hook; `poll` does, for it is never restarted. On Windows
/// no signal ends a call.
pub(crate) const SIGNALS_RESTART_CALLS: bool = cfg!(unix) && !cfg!(any(feature = "lua54", feature = "lua55"));

/// What the library keeps for the Lua state that runs this call.
#[inline(always)]
pub(super) fn shared<'a>(stack: Stack) -> &'a State {
    // SAFETY: every function of this crate carries the State as its first upvalue, which lives as long as the call.
    unsafe { &*stack.userdata(upvalue(STATE)).cast::<State>() }
}

impl<'a> Caller<'a> {
    #[inline(always)]
    pub(super) fn new(stack: Stack) -> Self {
        Caller { stack, turn: None, in_step: false, lifetime: PhantomData }
    }

    /// The same for a call that may be one of a task.
    #[inline(always)]
    pub(super) fn with_turn(self) -> Self {
        let turn = self.find_turn();
        Caller { turn, in_step: turn.is_some() || self.is_in_step(), ..self }
    }

    /// The arguments are read, and the call begins.
    #[inline(always)]
    pub(super) fn begin(self) {
        if let Some(turn) = self.turn
            && !turn.again
        {
            turn.task.progress.begin();
        }
    }

    /// The call as one of the task that runs; nothing outside of tasks.
    #[inline(always)]
    pub(crate) fn turn(self) -> Option<Turn<'a>> {
        self.turn
    }

    /// Whether no system call may sleep in the kernel.
    #[inline(always)]
    pub(crate) fn must_not_sleep(self) -> bool {
        self.in_step
    }

    /// Fails where no coroutine can yield.
    pub(crate) fn check_yields(self) -> Result<()> {
        #[cfg(feature = "luajit")]
        super::probe::check(self)?;
        Ok(())
    }

    /// Fails where a wait would hold up the tasks.
    #[cold]
    pub(crate) fn may_block(self) -> Result<()> {
        if self.is_in_step() {
            let words = "cannot wait here (not in the coroutine of the task that runs)";
            return Err(Error::named(Errno::DEADLOCK, words).raised());
        }
        Ok(())
    }

    pub(super) fn stack(self) -> Stack {
        self.stack
    }

    /// What the library keeps for the whole Lua state.
    pub(crate) fn shared(self) -> &'a State {
        shared(self.stack)
    }

    /// True when a hook waits to run at the very next instruction, as the stock interpreter's handler of Ctrl-C
    /// leaves one. The hooks of debuggers and profilers do not look like that.
    #[cold]
    pub(crate) fn has_pending_hook(self) -> bool {
        let main = self.shared().main();
        [self.stack.state(), main].into_iter().filter(|state| !state.is_null()).any(|state| {
            // SAFETY: the running coroutine, and the main one, which lives as long as the whole state.
            unsafe {
                ffi::lua_gethook(state).is_some()
                    && ffi::lua_gethookmask(state) & ffi::LUA_MASKCOUNT != 0
                    && ffi::lua_gethookcount(state) == 1
            }
        })
    }
}
