//! What a call that may wait does before its first attempt in a task, and how it yields.

use std::time::{Duration, Instant};

use super::slots::Advice;
use super::{Scheduler, Task, Wait};
use crate::error::{Cause, Error, Result};
use crate::socket::Deadline;
use crate::sys::{Descriptor, Errno, Readiness};

/// The number of calls without a wait after which a task yields to the others.
const MOST_CALLS: u32 = 128;

/// A call of a task, and whether it is made again.
#[derive(Clone, Copy)]
pub(crate) struct TaskCall<'a> {
    pub(crate) scheduler: &'a Scheduler,
    pub(crate) task: &'a Task,
    pub(crate) again: bool,
    /// Whether the coroutine is known to be able to yield here.
    pub(crate) yields: bool,
}

impl TaskCall<'_> {
    /// Called before each attempt of a call that may wait; false when the attempt would be refused. Only with `hinted` do
    /// earlier events tell that.
    pub(crate) fn begin(self, fd: Descriptor, readiness: Readiness, whole: bool, hinted: bool) -> Result<bool> {
        self.check()?;
        let calls = self.scheduler.calls.get() + 1;
        self.scheduler.calls.set(calls);
        if calls > MOST_CALLS && (self.again || self.yields) {
            return Err(self.park(Wait::Yield, None));
        }
        match self.scheduler.slots.borrow().advise(fd, readiness, self.task.id.get().place(), whole) {
            Advice::Busy => Err(Error::named(
                Errno::BUSY,
                match readiness {
                    Readiness::Read => "another task is waiting to read",
                    Readiness::Write => "another task is waiting to write",
                },
            )),
            Advice::Wait if hinted => Ok(false),
            _ => Ok(true),
        }
    }

    /// Fails when the task was cancelled or its time is over, after the other tasks have run once.
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

    /// Records what the call waits for, and returns the error that makes its coroutine yield.
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

    /// The deadline of the call, which is the same each time that it is made.
    pub(crate) fn deadline(self, start: impl FnOnce() -> Deadline) -> Deadline {
        let progress = &self.task.progress;
        if let Deadline::NotStarted = progress.deadline() {
            progress.set_deadline(start());
        }
        progress.deadline()
    }

    /// The same without a look at the task's scopes.
    pub(crate) fn park_until(self, wait: Wait, wake: Option<Instant>) -> Error {
        self.scheduler.parked.set(Some((wait, wake)));
        Error::Parked
    }

    /// When a call ends that has so much time, from its beginning.
    pub(crate) fn deadline_after(self, limit: Option<Duration>) -> Option<Instant> {
        self.deadline(|| Deadline::At(limit.and_then(|limit| Instant::now().checked_add(limit)))).end()
    }

    /// When a wait ends that has so much time, from its beginning. Fails when that is over.
    pub(crate) fn end_of(self, limit: Option<Duration>) -> Result<Option<Instant>> {
        self.check()?;
        let progress = &self.task.progress;
        if !self.again {
            progress.set_deadline(Deadline::At(limit.and_then(|limit| Instant::now().checked_add(limit))));
        }
        let end = progress.deadline().end();
        if end.is_some_and(|end| end <= Instant::now()) { Err(Cause::Timeout.into()) } else { Ok(end) }
    }

    /// A receive returned less than it had space for.
    pub(crate) fn short(self, fd: Descriptor) {
        self.scheduler.slots.borrow_mut().short(fd);
    }
}

impl Scheduler {
    /// Takes what the call said that is about to yield, or that was made again.
    pub(crate) fn take_parked(&self) -> Option<(Wait, Option<Instant>)> {
        self.parked.take()
    }
}
