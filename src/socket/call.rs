//! The one gate for everything that may wait.
//!
//! The system call is tried first; only when it would block does the socket's timeout come into play. A call that a
//! signal interrupts is made again, with the time that is left, unless the Lua state has a hook waiting to run.

use std::time::{Duration, Instant};

use super::Socket;
use crate::error::{Cause, Error, Result};
use crate::lua::{Caller, SIGNALS_RESTART_CALLS};
use crate::sys::{self, Descriptor, Errno, Readiness};

/// When a call has to be over.
pub(super) enum Deadline {
    /// The socket's timeout, counted from the first wait: a single call has spent no time before it.
    NotStarted,
    /// At this time; `None` for no limit, or one so far away that it is none.
    At(Option<Instant>),
}

impl Deadline {
    /// The socket's timeout, counted from now, for calls that do more than one step.
    pub(super) fn from_now(socket: &Socket) -> Self {
        let timeout = socket.timeout().filter(|&seconds| seconds > 0.0);
        Deadline::At(timeout.and_then(|seconds| Instant::now().checked_add(Duration::from_secs_f64(seconds))))
    }

    /// Starts when it has not; tells the time that is left, and fails when there is none.
    pub(super) fn left(&mut self, socket: &Socket) -> Result<Option<Duration>> {
        if let Deadline::NotStarted = self {
            *self = Deadline::from_now(socket);
        }
        let Deadline::At(Some(end)) = self else { return Ok(None) };
        match end.checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => Ok(Some(left)),
            _ => Err(Cause::Timeout.into()),
        }
    }
}

/// Does `attempt` until it neither would block nor is interrupted, within the socket's timeout.
#[inline(always)]
pub(super) fn complete<T>(
    caller: Caller,
    socket: &Socket,
    readiness: Readiness,
    mut attempt: impl FnMut(Descriptor) -> std::result::Result<T, Errno>,
) -> Result<T> {
    match attempt(socket.fd()) {
        Ok(value) => Ok(value),
        Err(errno) => resume(caller, socket, readiness, &mut Deadline::NotStarted, errno, attempt),
    }
}

/// The same, as a step of a call that has a deadline for all of its steps.
pub(super) fn complete_by<T>(
    caller: Caller,
    socket: &Socket,
    readiness: Readiness,
    deadline: &mut Deadline,
    mut attempt: impl FnMut(Descriptor) -> std::result::Result<T, Errno>,
) -> Result<T> {
    match attempt(socket.fd()) {
        Ok(value) => Ok(value),
        Err(errno) => resume(caller, socket, readiness, deadline, errno, attempt),
    }
}

#[cold]
fn resume<T>(
    caller: Caller,
    socket: &Socket,
    readiness: Readiness,
    deadline: &mut Deadline,
    mut errno: Errno,
    mut attempt: impl FnMut(Descriptor) -> std::result::Result<T, Errno>,
) -> Result<T> {
    loop {
        match errno {
            Errno::INTERRUPTED => check_hook(caller)?,
            Errno::WOULD_BLOCK => {
                socket.waits_for.set(readiness);
                if socket.blocks() && SIGNALS_RESTART_CALLS {
                    wait_as_blocked(caller, socket, readiness)?;
                } else if socket.timeout.get() > 0.0 {
                    wait(caller, socket, readiness, deadline)?;
                } else {
                    return Err(errno.into());
                }
            }
            _ => return Err(errno.into()),
        }
        match attempt(socket.fd()) {
            Ok(value) => return Ok(value),
            Err(again) => errno = again,
        }
    }
}

/// Waits until the socket is ready, at most until the deadline.
pub(super) fn wait(caller: Caller, socket: &Socket, readiness: Readiness, deadline: &mut Deadline) -> Result<()> {
    socket.waits_for.set(readiness);
    loop {
        let left = deadline.left(socket)?;
        match sys::wait(socket.fd(), readiness, left) {
            Ok(true) => return Ok(()),
            // Rounding up may end a wait early by nothing but a hair: the deadline decides.
            Ok(false) => {}
            Err(Errno::INTERRUPTED) => check_hook(caller)?,
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// The flag for a receive on a blocking socket that must not sleep in the kernel, because a signal would not wake it.
#[inline(always)]
pub(super) fn flags_of_receive(socket: &Socket, flags: i32) -> i32 {
    if SIGNALS_RESTART_CALLS && socket.blocks() && flags & sys::WAIT_ALL == 0 { flags | sys::DONT_WAIT } else { flags }
}

/// Waits as a blocking call on the socket would, so that a signal is noticed: for as long as the system's own timeout
/// for the socket says, after which the call would have failed.
pub(super) fn wait_as_blocked(caller: Caller, socket: &Socket, readiness: Readiness) -> Result<()> {
    let limit = sys::system_timeout(socket.fd(), readiness).and_then(|limit| Instant::now().checked_add(limit));
    match wait(caller, socket, readiness, &mut Deadline::At(limit)) {
        Err(Error::Plain(Cause::Timeout)) => Err(Errno::WOULD_BLOCK.into()),
        outcome => outcome,
    }
}

pub(super) fn check_hook(caller: Caller) -> Result<()> {
    if caller.has_pending_hook() { Err(Cause::Interrupted.into()) } else { Ok(()) }
}
