//! Calls in a Lua state whose host limits or counts the bytes that they move.

use std::time::Instant;

use super::call::Call;
use super::deadline::Deadline;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::sys::{Address, Errno, Owned, RecvMsg};
use crate::tasks::{TaskCall, Wait};

/// What a system call returned, and how many bytes it has moved.
pub(crate) trait Moved {
    fn count(&self) -> usize;
}

impl Moved for usize {
    fn count(&self) -> usize {
        *self
    }
}

impl Moved for Option<usize> {
    fn count(&self) -> usize {
        self.unwrap_or(0)
    }
}

impl Moved for RecvMsg {
    fn count(&self) -> usize {
        self.count
    }
}

/// A connection moves nothing.
impl Moved for (Owned, Address) {
    fn count(&self) -> usize {
        0
    }
}

impl Call<'_> {
    /// Counts what a system call has moved.
    #[inline(always)]
    pub(super) fn count<T: Moved>(self, outcome: Result<T>) -> Result<T> {
        if let (Some(limits), Ok(value)) = (self.caller.limits(), &outcome) {
            let count = value.count();
            limits.moved(self.readiness, count);
            self.caller.shared().open_objects.records.moved(self.socket, self.readiness, count);
        }
        outcome
    }

    /// Before a system call where there are limits: it may have to wait for its turn.
    #[cold]
    pub(super) fn prepare_within(self, limits: &Limits, deadline: &mut Deadline) -> Result<()> {
        self.caller.check_switch(self.socket, self.fd)?;
        let task_call = self.caller.task_call();
        match task_call {
            Some(task_call) => self.begin(task_call, deadline)?,
            None => limits.check_time().map_err(|cause| match self.socket.timeout.get() {
                0.0 => Errno::WOULD_BLOCK.into(),
                _ => self.as_blocked(cause.into()),
            })?,
        }
        while !self.accepts
            && let Some(time) = limits.debt(self.readiness)
        {
            self.would_wait();
            if self.never_waits || self.socket.timeout.get() == 0.0 {
                return Err(Errno::WOULD_BLOCK.into());
            }
            match task_call {
                Some(task_call) => return self.park_until_paid(task_call, time, deadline),
                None => self.sleep_until_paid(time, deadline)?,
            }
        }
        Ok(())
    }

    fn park_until_paid(self, task_call: TaskCall, time: std::time::Duration, deadline: &mut Deadline) -> Result<()> {
        let end = self.end(task_call, deadline)?;
        let paid = Instant::now() + time;
        Err(task_call.park(Wait::Other, Some(end.map_or(paid, |end| end.min(paid)))))
    }

    fn sleep_until_paid(self, time: std::time::Duration, deadline: &mut Deadline) -> Result<()> {
        self.caller.may_block()?;
        self.check_hook()?;
        let left = deadline.left(self.caller, self.socket)?;
        match self.caller.sleep(left.map_or(time, |left| left.min(time))) {
            Ok(()) | Err(crate::error::Cause::System(Errno::INTERRUPTED)) => Ok(()),
            Err(cause) => Err(self.as_blocked(Error::from(cause))),
        }
    }
}
