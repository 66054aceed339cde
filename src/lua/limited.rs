//! Calls in a Lua state whose host can cancel them or has set limits.

use std::ffi::c_int;
use std::time::{Duration, Instant};

use super::arguments::operation;
use super::caller::{Caller, set_looks};
use super::coroutine::park;
use super::stack::Stack;
use super::state::State;
use super::trampoline::push_failure;
use crate::error::{Cause, Error, Result};
use crate::limits::{LimitSettings, Limits, Stats};
use crate::socket::Socket;
use crate::sys::{self, Descriptor, Errno, Ready};

/// The functions that work in a cancelled state: those that close or describe, and those that tasks need to end.
const STILL_WORKS: &[&str] = &[
    "__close",
    "__eq",
    "__gc",
    "__index",
    "__len",
    "__newindex",
    "__tostring",
    "all",
    "allows_tasks",
    "cancel",
    "cancel_group",
    "cancel_since",
    "close",
    "close_group",
    "current",
    "end",
    "error_class",
    "events",
    "fileno",
    "finalizer",
    "group",
    "is_in_step",
    "is_stuck",
    "join",
    "leave",
    "mark",
    "now",
    "onerror",
    "open_group",
    "pack",
    "packsize",
    "poll",
    "pollfd",
    "run",
    "serial",
    "shield",
    "sockets",
    "stats",
    "status",
    "step",
    "switch",
    "take",
    "timeout",
    "timeout_after",
    "traceback",
    "type",
    "unpack",
    "wake",
    "yield",
];

impl State {
    /// The counters of the state.
    pub(super) fn stats(&self) -> Stats {
        let open_objects = &self.open_objects;
        self.limits.stats(open_objects.count_sockets(), open_objects.scheduler.living())
    }

    /// Sets the limits of a Lua state in which the library was just opened.
    pub(super) fn limit(&self, settings: &LimitSettings) -> std::result::Result<(), Errno> {
        self.limits.set(settings)?;
        if self.limits.guards() {
            self.open_objects.hurry();
        }
        if self.limits.looks() {
            set_looks();
        }
        if settings.counts_calls() {
            self.open_objects.keep_records();
        }
        if let Some(waker) = self.limits.waker() {
            self.open_objects.scheduler.heed(waker);
        }
        Ok(())
    }
}

impl Caller<'_> {
    /// Called when a call begins. Returns whether the state was cancelled.
    #[inline(never)]
    pub(super) fn heed(self, limits: &Limits) -> bool {
        limits.begin();
        let cancelled = self.heed_switch();
        self.begin_trace();
        cancelled
    }

    /// Closes the sockets and cancels the tasks if the host has asked for it. Returns whether the state was cancelled.
    pub(crate) fn heed_switch(self) -> bool {
        let Some(limits) = self.limits() else { return false };
        if limits.is_to_close() {
            self.close_sockets();
        }
        if limits.was_just_cancelled() {
            self.shared().open_objects.scheduler.cancel_since(0);
        }
        limits.is_cancelled()
    }

    /// In a call that goes on for long: fails when the state was cancelled, or its sockets were closed.
    pub(crate) fn check_switch(self, socket: &Socket, fd: Descriptor) -> std::result::Result<(), Errno> {
        if self.heed_switch() {
            return Err(Errno::CANCELED);
        }
        if socket.lent_fd() == fd { Ok(()) } else { Err(Errno::BAD_DESCRIPTOR) }
    }

    /// Whether the time is limited for which the thread may be held up.
    pub(crate) fn is_in_haste(self) -> bool {
        self.limits().is_some_and(|limits| limits.guards()) || self.shared().open_objects.scheduler.is_in_haste()
    }

    /// Whether the host has cancelled the state.
    pub(crate) fn is_cancelled(self) -> bool {
        self.limits().is_some_and(|limits| limits.is_cancelled())
    }

    /// The number of results of a call that fails because the state was cancelled; `None` for one that still works.
    /// In a task, the other tasks run first.
    #[cold]
    pub(super) fn refuse_cancelled(self, stack: Stack) -> Option<c_int> {
        let name = operation(stack);
        if STILL_WORKS.iter().any(|works| works.as_bytes() == name) {
            return None;
        }
        // SAFETY: the call has not begun, and nothing here needs dropping.
        let raising = unsafe { stack.raising() };
        if let Some(task_call) = self.task_call()
            && !task_call.again
            && task_call.yields
            && let Error::Parked = task_call.give_way()
        {
            return Some(park(raising, self, stack.top()));
        }
        // The iterator of `lines` raises its failures: nil would end the loop, as the end of a stream does.
        if name == b"lines" {
            raising.raise_message(b"lines: Operation canceled");
        }
        Some(push_failure(raising, Cause::System(Errno::CANCELED)))
    }

    /// Waits as [`sys::wait`] does, and no longer than the host allows: fails with ECANCELED when the state is
    /// cancelled, with EBADF when its sockets were closed.
    pub(crate) fn wait_for(
        self,
        fd: Descriptor,
        readiness: Ready,
        time: Option<Duration>,
    ) -> std::result::Result<bool, Cause> {
        match self.limits() {
            Some(limits) => self.wait_limited(limits, &[fd], readiness, time),
            None => sys::wait(fd, readiness, time).map_err(Cause::System),
        }
    }

    /// The same for [`sys::wait_to_connect`].
    pub(crate) fn wait_to_connect(
        self,
        descriptors: &[Descriptor],
        time: Option<Duration>,
    ) -> std::result::Result<(), Cause> {
        match self.limits() {
            Some(limits) => self.wait_limited(limits, descriptors, Ready::WRITE, time).map(drop),
            None => sys::wait_to_connect(descriptors, time).map_err(Cause::System),
        }
    }

    fn wait_limited(
        self,
        limits: &Limits,
        descriptors: &[Descriptor],
        readiness: Ready,
        time: Option<Duration>,
    ) -> std::result::Result<bool, Cause> {
        match limits.wait(descriptors, readiness, time) {
            Err(Cause::System(Errno::CANCELED)) if !self.heed_switch() => Err(Cause::System(Errno::BAD_DESCRIPTOR)),
            is_ready => is_ready,
        }
    }

    /// The earlier of a time and the end of the longest wait that the host allows.
    pub(crate) fn earlier(self, end: Option<Instant>) -> Option<Instant> {
        let limit = self.limits().and_then(|limits| limits.end_of_wait());
        match (end, limit) {
            (Some(end), Some(limit)) => Some(end.min(limit)),
            (end, limit) => end.or(limit),
        }
    }

    /// Sleeps as [`sys::pause`] does, and no longer than the host allows.
    pub(crate) fn sleep(self, time: Duration) -> std::result::Result<(), Cause> {
        let Some(limits) = self.limits() else { return sys::pause(time).map_err(Cause::System) };
        match limits.wait(&[], Ready::READ, Some(time)) {
            Err(Cause::System(Errno::CANCELED)) if !self.heed_switch() => Ok(()),
            ended => ended.map(drop),
        }
    }

    /// Fails where the host does not allow the name of an address to be looked up.
    pub(crate) fn check_reverse(self, address: &[u8]) -> Result<()> {
        self.shared().limits.check_reverse_name(address)
    }

    /// Fails where the host does not allow a name to be looked up. An argument may ask for it, before the call begins.
    pub(crate) fn check_name(self, host: Option<&[u8]>) -> Result<()> {
        self.shared().limits.check_name(host)
    }

    /// Fails where a look-up would block the thread, and the host could not cancel it.
    pub(crate) fn check_look_up_in_place(self) -> Result<()> {
        if self.shared().limits.guards() {
            return Err(Error::named(Errno::NOT_SUPPORTED, "without threads only numeric hosts can be looked up"));
        }
        Ok(())
    }
}
