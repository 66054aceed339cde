//! When a call times out.

use std::time::{Duration, Instant};

use super::Socket;
use crate::error::{Cause, Result};
use crate::lua::Caller;

/// The time at which a call times out.
#[derive(Clone, Copy, Default)]
pub(crate) enum Deadline {
    /// The socket's timeout, counted from the first wait.
    #[default]
    NotStarted,
    /// At this time; `None` for no limit.
    At(Option<Instant>),
}

impl Deadline {
    /// The socket's timeout, counted from now, for calls that make several system calls. A call of a task that is made
    /// again keeps the deadline of its first attempt.
    pub(crate) fn from_now(caller: Caller, socket: &Socket) -> Self {
        match caller.task_call() {
            Some(task_call) if !socket.blocks() => task_call.deadline(|| Deadline::after(socket)),
            _ => Deadline::after(socket),
        }
    }

    fn after(socket: &Socket) -> Self {
        let timeout = socket.timeout().filter(|&seconds| seconds > 0.0);
        Deadline::At(timeout.and_then(|seconds| Instant::now().checked_add(Duration::from_secs_f64(seconds))))
    }

    /// The time, once it has started and if there is a limit.
    pub(crate) fn end(self) -> Option<Instant> {
        match self {
            Deadline::NotStarted => None,
            Deadline::At(end) => end,
        }
    }

    /// The time that is left, `None` for no limit; counts from now if it has not started. Fails when no time is left.
    pub(crate) fn left(&mut self, caller: Caller, socket: &Socket) -> Result<Option<Duration>> {
        if let Deadline::NotStarted = self {
            *self = Deadline::from_now(caller, socket);
        }
        let Deadline::At(Some(end)) = self else { return Ok(None) };
        match end.checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => Ok(Some(left)),
            _ => Err(Cause::Timeout.into()),
        }
    }
}
