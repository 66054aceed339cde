//! A call in a task: what it checks before each attempt, and how it parks.

use std::time::{Duration, Instant};

use super::{Scheduler, Task, Wait};
use crate::error::{Cause, Error, Result};
use crate::socket::Deadline;
use crate::sys::{Descriptor, Errno, Ready};

/// The number of calls without a wait after which a task lets the others run.
const MOST_CALLS: u32 = 128;

/// The same once the time is over for which the host lets tasks run.
const FEW_CALLS: u32 = 8;

/// A call that a task makes; with `again` it has parked before, and the scheduler makes it again.
#[derive(Clone, Copy)]
pub(crate) struct TaskCall<'a> {
    pub(crate) scheduler: &'a Scheduler,
    pub(crate) task: &'a Task,
    pub(crate) again: bool,
    /// Whether it is known that the coroutine can yield here.
    pub(crate) yields: bool,
}

impl Scheduler {
    /// Whether the time is over for which the host lets tasks run.
    fn is_late(&self) -> bool {
        self.last.get().is_some_and(|last| last <= Instant::now())
    }

    /// Whether the host lets tasks run for a limited time.
    pub(crate) fn is_in_haste(&self) -> bool {
        self.last.get().is_some()
    }

    /// The tasks that wait for a descriptor, by their indexes.
    pub(crate) fn waiting_for(&self, fd: Descriptor) -> std::result::Result<Vec<u32>, Errno> {
        self.slots.borrow().waiting_for(fd)
    }
}

impl TaskCall<'_> {
    /// Whether an attempt may be made at once. If not, `begin` finds out why.
    #[inline(always)]
    pub(crate) fn goes_ahead(self, fd: Descriptor, readiness: Ready) -> bool {
        let calls = self.scheduler.calls.get() + 1;
        let (task, slots) = (self.task, self.scheduler.slots.borrow());
        if calls > FEW_CALLS
            || task.check().is_err()
            || slots.advise(fd, readiness, task.id.get().place(), false) != Some(true)
        {
            return false;
        }
        self.scheduler.calls.set(calls);
        true
    }

    /// Called before each attempt of a call that may wait. Returns false if the attempt would fail with EAGAIN, which
    /// earlier events tell if `hinted`. `whole` says that several tasks may wait to do the same.
    pub(crate) fn begin(self, fd: Descriptor, readiness: Ready, whole: bool, hinted: bool) -> Result<bool> {
        self.check()?;
        let calls = self.scheduler.calls.get() + 1;
        self.scheduler.calls.set(calls);
        if (calls > MOST_CALLS || calls > FEW_CALLS && self.scheduler.is_late()) && (self.again || self.yields) {
            return Err(self.park(Wait::Yield, None));
        }
        match self.scheduler.slots.borrow().advise(fd, readiness, self.task.id.get().place(), whole) {
            None => Err(Error::named(
                Errno::BUSY,
                match readiness {
                    Ready::READ => "another task is waiting to read",
                    _ => "another task is waiting to write",
                },
            )),
            Some(may_succeed) => Ok(may_succeed || !hinted),
        }
    }

    /// Fails if the task was cancelled or a timeout has expired. Lets the other tasks run once before.
    #[inline(always)]
    pub(crate) fn check(self) -> Result<()> {
        self.task.check().or_else(|cause| self.refuse(cause))
    }

    #[cold]
    fn refuse(self, cause: Cause) -> Result<()> {
        if self.again {
            return Err(cause.into());
        }
        self.task.refuse(cause)?;
        Err(self.give_way())
    }

    /// Lets the other tasks run, and returns the error that makes the call's coroutine yield.
    pub(crate) fn give_way(self) -> Error {
        self.park(Wait::Yield, None)
    }

    /// Records what the call waits for, until `end` or a timeout around it, and returns the error that makes it yield.
    pub(crate) fn park(self, wait: Wait, end: Option<Instant>) -> Error {
        if let Some(errno) = self.task.take_unwatched() {
            return errno.into();
        }
        if let Wait::Socket(fd, readiness) = wait {
            self.scheduler.slots.borrow_mut().drained(fd, readiness);
        }
        let scope = self.task.scope_end();
        let wake = match (end, scope) {
            (Some(end), Some(scope)) => Some(end.min(scope)),
            (end, scope) => end.or(scope),
        };
        self.scheduler.parked.set(Some((wait, wake)));
        Error::Parked
    }

    /// The deadline of the call. The first attempt sets it.
    pub(crate) fn deadline(self, start: impl FnOnce() -> Deadline) -> Deadline {
        let task = self.task;
        if let Deadline::NotStarted = task.deadline() {
            task.set_deadline(start());
        }
        task.deadline()
    }

    /// Like `park`, but without the timeouts of the task's scopes.
    pub(crate) fn park_until(self, wait: Wait, wake: Option<Instant>) -> Error {
        self.scheduler.parked.set(Some((wait, wake)));
        Error::Parked
    }

    /// The deadline of a call with a timeout of `limit`. The first attempt sets it.
    pub(crate) fn deadline_after(self, limit: Option<Duration>) -> Option<Instant> {
        self.deadline(|| Deadline::At(limit.and_then(|limit| Instant::now().checked_add(limit)))).end()
    }

    /// The deadline of a wait for at most `limit` since the first attempt. Fails with `timeout` if it has passed.
    pub(crate) fn end_of(self, limit: Option<Duration>) -> Result<Option<Instant>> {
        self.check()?;
        let task = self.task;
        if !self.again {
            task.set_deadline(Deadline::At(limit.and_then(|limit| Instant::now().checked_add(limit))));
        }
        let end = task.deadline().end();
        if end.is_some_and(|end| end <= Instant::now()) { Err(Cause::Timeout.into()) } else { Ok(end) }
    }

    /// Which of several attempts in turn the call had reached, and whether it had raised the attempt's audit events. The
    /// events that follow are new ones.
    pub(crate) fn reached(self) -> (usize, bool) {
        match self.task.count() {
            reached @ 1.. if self.again => {
                self.task.pass_events();
                (reached / 2 - 1, reached % 2 == 1)
            }
            _ => (0, false),
        }
    }

    /// Called when an attempt begins, and when its audit events were raised.
    pub(crate) fn reach(self, attempt: usize, raised: bool) {
        if !raised {
            self.task.begin_attempts();
        }
        self.task.set_count(2 * (attempt + 1) + usize::from(raised));
    }

    /// Called after a receive that did not fill its buffer: nothing is left to receive.
    pub(crate) fn short(self, fd: Descriptor) {
        self.scheduler.slots.borrow_mut().short(fd);
    }
}

impl Scheduler {
    /// Removes and returns what the parked call waits for.
    pub(crate) fn take_parked(&self) -> Option<(Wait, Option<Instant>)> {
        self.parked.take()
    }
}
