//! Coroutines of tasks: how a call parks and is made again.
//!
//! A call that parks yields its arguments and its own function, which stay on the stack of its coroutine. The step that
//! makes the call again moves them to its own stack, and back if the call parks again. Otherwise it resumes the
//! coroutine with the results of the call.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ptr::{self, NonNull};

use mlua::ffi::{self, lua_State};

mod outcome;
mod parking;
#[cfg(feature = "luajit")]
mod probe;

pub(super) use outcome::{push_object, push_traceback, register, unregister};
use parking::may_yield;
pub(super) use parking::{is_parked, park};
#[cfg(feature = "luajit")]
pub(super) use probe::check_yields;

use super::caller::Caller;
use super::stack::{MINSTACK, Stack, Type};
use super::state::State;
use crate::tasks::{Task, TaskCall};

/// A coroutine. It must be kept alive by the registry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Thread(*mut lua_State);

impl Thread {
    pub(crate) const NONE: Thread = Thread(ptr::null_mut());
}

/// What the scheduler of a Lua state runs.
pub(super) struct Running {
    /// The coroutine of the running task; null outside of steps, `BETWEEN` between two tasks.
    state: Cell<*mut lua_State>,
    /// The task whose call is made again, until the call has begun.
    token: Cell<*const Task>,
    /// The function that has just parked.
    function: Cell<*const c_void>,
    /// Whether the call that was made again has parked again.
    parked_again: Cell<bool>,
    /// Whether the coroutine is resumed with an error, which the call raises.
    raises: Cell<bool>,
    /// Whether the call that was made again has raised an error of its own, which begins with the place of the call.
    pub(super) places: Cell<bool>,
    /// The registry keys of the list of tasks and of the function that was passed to `onerror`.
    pub(super) objects: Cell<c_int>,
    pub(super) handler: Cell<c_int>,
    /// The registry key of the Lua function that makes an iterator over lines which raises failures; 0 where the native
    /// one can.
    pub(super) lines: Cell<c_int>,
    /// The coroutine that tests whether coroutines can yield, the number of values for its next resume, and its
    /// registry key.
    #[cfg(feature = "luajit")]
    pub(super) probe: Cell<(Thread, c_int)>,
    #[cfg(feature = "luajit")]
    pub(super) probe_place: Cell<c_int>,
    /// The registry key of a Lua function that calls its first argument with the others: in Lua 5.1 a coroutine whose
    /// first function is a C function cannot be resumed after a yield.
    #[cfg(feature = "lua51")]
    pub(super) caller: Cell<c_int>,
}

impl Default for Running {
    fn default() -> Self {
        Running {
            state: Cell::new(ptr::null_mut()),
            token: Cell::new(ptr::null()),
            function: Cell::new(ptr::null()),
            parked_again: Cell::new(false),
            raises: Cell::new(false),
            places: Cell::new(false),
            objects: Cell::new(0),
            handler: Cell::new(0),
            lines: Cell::new(0),
            #[cfg(feature = "luajit")]
            probe: Cell::new((Thread::NONE, 0)),
            #[cfg(feature = "luajit")]
            probe_place: Cell::new(0),
            #[cfg(feature = "lua51")]
            caller: Cell::new(0),
        }
    }
}

impl Running {
    /// The last argument of a call that is made again, which it removes: finalizers and debug hooks that Lua runs before
    /// the call has begun make calls without it.
    fn mark(&self) -> *mut c_void {
        ptr::from_ref(&self.token).cast_mut().cast()
    }
}

/// The value of `Running::state` between two tasks.
const BETWEEN: *mut lua_State = NonNull::dangling().as_ptr();

/// Whether Lua calls a continuation function when a call that has yielded is resumed; it can raise an error.
pub(super) const CONTINUES: bool = !cfg!(any(feature = "lua51", feature = "luajit"));

/// Why a task stopped running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resumed {
    /// Its call parked.
    Parked,
    /// Other code has resumed its coroutine, or it has called `coroutine.yield`.
    Strayed,
    Ended,
    Failed,
}

impl<'a> Caller<'a> {
    /// The call as one of the running task; `None` outside of tasks.
    pub(super) fn find_task_call(self, shared: &'a State) -> Option<TaskCall<'a>> {
        let (running, scheduler) = (&shared.running, &shared.open_objects.scheduler);
        let token = running.token.get();
        if !token.is_null() && self.stack().take_mark(running.mark()) {
            running.token.set(ptr::null());
            // SAFETY: the scheduler holds the task while its call is made again.
            let task = unsafe { &*token };
            task.begin_again();
            return Some(TaskCall { scheduler, task, again: true, yields: true });
        }
        if running.state.get() != self.stack().state() {
            return None;
        }
        let task = scheduler.current()?.get();
        Some(TaskCall { scheduler, task, again: false, yields: may_yield(self.stack()) == Some(true) })
    }

    /// Calls `act`, in which calls count as made outside of tasks.
    pub(super) fn outside_of_task<T>(self, act: impl FnOnce() -> T) -> T {
        let running = &self.shared().running;
        let state = running.state.get();
        if !state.is_null() {
            running.state.set(BETWEEN);
        }
        let done = act();
        running.state.set(state);
        done
    }

    /// Whether tasks are running, so that nothing may block the thread.
    pub(crate) fn is_in_step(self) -> bool {
        !self.shared().running.state.get().is_null()
    }

    /// Called when a step begins and when it ends.
    pub(crate) fn set_in_step(self, works: bool) {
        self.shared().running.state.set(if works { BETWEEN } else { ptr::null_mut() });
    }

    /// Starts a task, or makes its parked call again and resumes it.
    pub(crate) fn go_on(self, task: &Task) -> Resumed {
        let (stack, thread) = (self.stack(), Stack::of(task.thread.get()));
        let held = task.held.get();
        if held < 0 {
            return self.resume(task, thread.top() - 1);
        }
        // SAFETY: the registry holds the coroutine.
        let waits = unsafe {
            ffi::lua_status(thread.state()) == ffi::LUA_YIELD
                && thread.top() >= held
                && ffi::lua_iscfunction(thread.state(), -1) != 0
        };
        if !waits || !(held < MINSTACK / 4 || stack.try_reserve(2 * held + 1)) {
            return Resumed::Strayed;
        }
        match self.call_again(task, thread, held) {
            Some(count) => self.resume(task, count),
            None => Resumed::Parked,
        }
    }

    /// Makes a call again. Returns the number of its results, which it leaves on the coroutine's stack; `None` if the
    /// call has parked again.
    fn call_again(self, task: &Task, thread: Stack, held: c_int) -> Option<c_int> {
        let (stack, shared) = (self.stack(), self.shared());
        let running = &shared.running;
        let base = stack.top();
        thread.move_to(stack, held);
        stack.push_value(base + held);
        for n in 1..held {
            stack.push_value(base + n);
        }
        stack.push_mark(running.mark());
        running.token.set(task);
        running.parked_again.set(false);
        running.places.set(false);
        let done = self.without_hook(|| shared.call(stack, held));
        running.token.set(ptr::null());
        if done && running.parked_again.get() {
            stack.set_top(base + held);
            stack.move_to(thread, held);
            return None;
        }
        let mut count = stack.top() - base - held;
        if !done {
            count = self.without_hook(|| self.explain());
        }
        if count >= MINSTACK && !thread.try_reserve(count) {
            stack.pop(count);
            count = 0;
        }
        stack.move_to(thread, count);
        stack.set_top(base);
        Some(count)
    }

    /// Calls `act` without the debug hook that is pending: what it raises would end a call that is made for a task. It
    /// runs after the step.
    pub(crate) fn without_hook<T>(self, act: impl FnOnce() -> T) -> T {
        let hook = self.has_pending_hook().then(|| self.stack().take_hook());
        let done = act();
        if let Some(hook) = hook {
            self.stack().put_hook(hook);
        }
        done
    }

    /// Passes the error of a call that was made again to its coroutine: has it raised there, or returned as a failure
    /// on Luas without continuation functions.
    fn explain(self) -> c_int {
        let (stack, shared) = (self.stack(), self.shared());
        if CONTINUES {
            shared.running.raises.set(true);
            return 1;
        }
        let error = stack.top();
        let pushed = shared.protect_with(stack, &[error], |stack| {
            stack.push_nil();
            match stack.type_of(1) {
                Type::String => stack.push_value(1),
                _ => stack.push_bytes(b"not permitted"),
            }
            stack.push_bytes(b"EPERM");
            3
        });
        pushed.unwrap_or(1)
    }

    fn resume(self, task: &Task, count: c_int) -> Resumed {
        let (stack, shared) = (self.stack(), self.shared());
        let running = &shared.running;
        let thread = Stack::of(task.thread.get());
        running.function.set(ptr::null());
        running.state.set(thread.state());
        let mut results = 0;
        // SAFETY: a coroutine that the registry holds, with so many values for it.
        let status = unsafe { ffi::lua_resume(thread.state(), stack.state(), count, &mut results) };
        running.state.set(BETWEEN);
        match status {
            // SAFETY: as above.
            ffi::LUA_YIELD if results > 0 && is_parked(thread, running) => {
                task.held.set(results);
                Resumed::Parked
            }
            ffi::LUA_YIELD => Resumed::Strayed,
            ffi::LUA_OK => Resumed::Ended,
            _ => Resumed::Failed,
        }
    }

    /// Called when the task resumes another coroutine, or returns from it.
    pub(super) fn switch_to(self, thread: *mut lua_State) {
        let running = &self.shared().running;
        if running.state.get() == self.stack().state() || !running.state.get().is_null() {
            running.state.set(thread);
        }
    }
}

impl<'a> Stack<'a> {
    /// The stack of a coroutine that the registry keeps alive.
    pub(super) fn of(thread: Thread) -> Stack<'a> {
        // SAFETY: the registry keeps it alive for longer than any call.
        unsafe { Stack::new(thread.0) }
    }

    pub(super) fn as_thread(self) -> Thread {
        Thread(self.state())
    }
}
