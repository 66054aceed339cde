//! What a native function may ask of the Lua state that called it.

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering};

use mlua::ffi;

use super::stack::Stack;
use super::state::{State, shared};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::sys::Errno;
use crate::tasks::TaskCall;

/// The Lua thread that made the running call. It is passed to whatever a call does, so it is two pointers.
#[derive(Clone, Copy)]
pub(crate) struct Caller<'a> {
    stack: Stack<'a>,
    /// `None` while no call looks for a task or for limits.
    info: Option<&'a CallInfo<'a>>,
}

/// What a call has found where it may be one of a task, or have limits.
pub(super) struct CallInfo<'a> {
    /// The library's data for the Lua state.
    shared: &'a State,
    /// The call as one of the running task.
    task_call: Option<TaskCall<'a>>,
    /// Whether tasks are running, so that nothing may block the thread.
    in_step: bool,
    /// Whether the Lua state has limits that calls have to look at.
    limited: bool,
}

/// True where the `lua` program installs its SIGINT handler with `signal`, so with SA_RESTART: a system call that
/// blocks is restarted after the handler and does not return to check for a pending hook. `poll` is never restarted. On
/// Windows no signal interrupts a call.
pub(crate) const SIGNALS_RESTART_CALLS: bool = cfg!(unix) && !cfg!(any(feature = "lua54", feature = "lua55"));

/// Whether a Lua state of the process has opened `bsdsocket.tasks`, or has limits that calls look at. Until then they do
/// not look for either.
static LOOKS: AtomicBool = AtomicBool::new(false);

/// Has calls look for the task that they belong to, and for limits.
pub(super) fn set_looks() {
    LOOKS.store(true, Ordering::Relaxed);
}

impl<'a> Caller<'a> {
    #[inline(always)]
    pub(super) fn new(stack: Stack<'a>) -> Self {
        Caller { stack, info: None }
    }

    /// The same for a call that may be one of a task, or have limits, with memory for what it finds.
    #[inline(always)]
    pub(super) fn looking(stack: Stack<'a>, info: &'a mut MaybeUninit<CallInfo<'a>>) -> Self {
        let caller = Caller::new(stack);
        if LOOKS.load(Ordering::Relaxed) { Caller { info: Some(caller.look(info)), ..caller } } else { caller }
    }

    #[inline(never)]
    fn look(self, info: &'a mut MaybeUninit<CallInfo<'a>>) -> &'a CallInfo<'a> {
        let shared = self.shared();
        let task_call = self.find_task_call(shared);
        let in_step = task_call.is_some() || self.is_in_step();
        info.write(CallInfo { shared, task_call, in_step, limited: shared.limits.looks() })
    }

    /// The limits of the Lua state, where calls have to look at them.
    #[inline(always)]
    pub(crate) fn limits(self) -> Option<&'a Limits> {
        self.info.filter(|info| info.limited).map(|info| &info.shared.limits)
    }

    /// Fails where the limits of the Lua state do not allow something.
    #[inline(always)]
    pub(crate) fn obey(self, check: impl FnOnce(&Limits) -> Result<()>) -> Result<()> {
        self.limits().map_or(Ok(()), check)
    }

    /// Called once the arguments are read: forgets the progress of the task's previous call.
    #[inline(always)]
    pub(super) fn begin(self) {
        if let Some(task_call) = self.task_call()
            && !task_call.again
        {
            task_call.task.begin();
        }
    }

    /// The call as one of the running task; `None` outside of tasks.
    #[inline(always)]
    pub(crate) fn task_call(self) -> Option<TaskCall<'a>> {
        self.info?.task_call
    }

    /// The number of audit events that the call of a task has reached.
    pub(crate) fn events(self) -> u16 {
        self.task_call().map_or(0, |task_call| task_call.task.events())
    }

    #[inline(always)]
    fn in_step(self) -> bool {
        self.info.is_some_and(|info| info.in_step)
    }

    /// Whether no system call may sleep in the kernel.
    #[inline(always)]
    pub(crate) fn must_not_sleep(self) -> bool {
        self.in_step() || self.limits().is_some_and(|limits| limits.guards())
    }

    /// Fails if coroutines cannot yield now.
    pub(crate) fn check_yields(self) -> Result<()> {
        #[cfg(feature = "luajit")]
        super::coroutine::check_yields(self)?;
        Ok(())
    }

    /// Fails if a wait would block the other tasks.
    #[cold]
    pub(crate) fn may_block(self) -> Result<()> {
        if self.is_in_step() {
            let words = "cannot wait here (not in the coroutine of the task that runs)";
            return Err(Error::named(Errno::DEADLOCK, words).raised());
        }
        Ok(())
    }

    /// Whether a call may wait here: outside of tasks, or where the coroutine of the running task can yield.
    pub(crate) fn may_wait(self) -> bool {
        !self.in_step() || self.task_call().is_some_and(|task_call| task_call.again || task_call.yields)
    }

    pub(super) fn stack(self) -> Stack<'a> {
        self.stack
    }

    /// The library's data for the Lua state.
    #[inline(always)]
    pub(crate) fn shared(self) -> &'a State {
        match self.info {
            Some(info) => info.shared,
            None => shared(self.stack),
        }
    }

    /// True when a debug hook is set with the count 1, as the SIGINT handler of the `lua` program does: it runs before
    /// the next instruction. Debuggers and profilers do not set such hooks.
    #[cold]
    pub(crate) fn has_pending_hook(self) -> bool {
        let pending = |state| {
            // SAFETY: the running thread, or the main thread, which lives as long as the Lua state.
            unsafe {
                ffi::lua_gethook(state).is_some()
                    && ffi::lua_gethookmask(state) & ffi::LUA_MASKCOUNT != 0
                    && ffi::lua_gethookcount(state) == 1
            }
        };
        let (running, main) = (self.stack.state(), self.shared().main());
        pending(running) || main != running && !main.is_null() && pending(main)
    }
}
