//! Calls in a Lua state whose host limits or counts the bytes that they move.

use std::time::Instant;

use super::call::Call;
use super::deadline::Deadline;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::sys::Errno;
use crate::tasks::{TaskCall, Wait};

impl Call<'_> {
    /// Counts the bytes that a system call has moved.
    #[inline(always)]
    pub(super) fn moved(self, count: usize) {
        if let Some(limits) = self.caller.limits() {
            limits.moved(self.readiness, count);
            self.caller.shared().open_objects.moved(self.socket, self.readiness, count);
        }
    }

    /// The most bytes for a buffer of the host's limit, of which the object has some already.
    pub(crate) fn room_to_buffer(self, held: usize) -> usize {
        self.caller.limits().map_or(usize::MAX, |limits| limits.room_to_buffer(held))
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
