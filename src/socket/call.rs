//! The one gate for everything that may wait.
//!
//! The system call is tried first; only when it would block does the socket's timeout come into play. A call that a
//! signal interrupts is made again, with the time that is left, unless the Lua state has a hook waiting to run.

use std::time::{Duration, Instant};

use super::Socket;
use crate::error::{Cause, Error, Result};
use crate::lua::{Caller, SIGNALS_RESTART_CALLS};
use crate::sys::{self, Descriptor, Errno, Readiness};

/// What one attempt at a system call gives.
type Attempted<T> = std::result::Result<T, Errno>;

/// When a call has to be over.
pub(crate) enum Deadline {
    /// The socket's timeout, counted from the first wait: a single call has spent no time before it.
    NotStarted,
    /// At this time; `None` for no limit, or one so far away that it is none.
    At(Option<Instant>),
}

impl Deadline {
    /// The socket's timeout, counted from now, for calls that do more than one step.
    pub(crate) fn from_now(socket: &Socket) -> Self {
        let timeout = socket.timeout().filter(|&seconds| seconds > 0.0);
        Deadline::At(timeout.and_then(|seconds| Instant::now().checked_add(Duration::from_secs_f64(seconds))))
    }

    /// Starts when it has not; tells the time that is left, and fails when there is none.
    pub(crate) fn left(&mut self, socket: &Socket) -> Result<Option<Duration>> {
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

/// A call on a socket that may wait.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    caller: Caller<'a>,
    socket: &'a Socket,
    fd: Descriptor,
    readiness: Readiness,
    /// The caller itself asked not to wait, which a blocking socket has to respect.
    gives_up: bool,
}

impl<'a> Call<'a> {
    /// A call that is ready when there is something to receive.
    #[inline(always)]
    pub(crate) fn to_read(caller: Caller<'a>, socket: &'a Socket) -> Self {
        Call { caller, socket, fd: socket.fd(), readiness: Readiness::Read, gives_up: false }
    }

    /// A call that is ready when there is room to send.
    #[inline(always)]
    pub(crate) fn to_write(caller: Caller<'a>, socket: &'a Socket) -> Self {
        Call { caller, socket, fd: socket.fd(), readiness: Readiness::Write, gives_up: false }
    }

    /// The same call on the descriptor that a closed socket keeps for its streams.
    pub(crate) fn lent(self) -> Self {
        Call { fd: self.socket.lent_fd(), ..self }
    }

    /// Does `attempt` until it neither would block nor is interrupted, within the socket's timeout.
    #[inline(always)]
    pub(crate) fn complete<T>(self, mut attempt: impl FnMut(Descriptor) -> Attempted<T>) -> Result<T> {
        match attempt(self.fd) {
            Ok(value) => Ok(value),
            Err(errno) => self.resume(&mut Deadline::NotStarted, errno, attempt),
        }
    }

    /// The same, as a step of a call that has a deadline for all of its steps.
    pub(crate) fn complete_by<T>(
        self,
        deadline: &mut Deadline,
        mut attempt: impl FnMut(Descriptor) -> Attempted<T>,
    ) -> Result<T> {
        match attempt(self.fd) {
            Ok(value) => Ok(value),
            Err(errno) => self.resume(deadline, errno, attempt),
        }
    }

    #[cold]
    fn resume<T>(
        self,
        deadline: &mut Deadline,
        mut errno: Errno,
        mut attempt: impl FnMut(Descriptor) -> Attempted<T>,
    ) -> Result<T> {
        loop {
            match errno {
                Errno::INTERRUPTED => self.check_hook()?,
                Errno::WOULD_BLOCK => {
                    self.would_wait();
                    if self.socket.blocks() && SIGNALS_RESTART_CALLS && !self.gives_up {
                        self.wait_as_blocked()?;
                    } else if self.socket.timeout.get() > 0.0 {
                        self.wait(deadline)?;
                    } else {
                        return Err(errno.into());
                    }
                }
                _ => return Err(errno.into()),
            }
            match attempt(self.fd) {
                Ok(value) => return Ok(value),
                Err(again) => errno = again,
            }
        }
    }

    /// Notes what the call is waiting for, so that others can wait in its place.
    pub(crate) fn would_wait(self) {
        self.socket.waits_for.set(self.readiness);
    }

    /// Waits until the socket is ready, at most until the deadline.
    pub(crate) fn wait(self, deadline: &mut Deadline) -> Result<()> {
        self.would_wait();
        loop {
            let left = deadline.left(self.socket)?;
            match sys::wait(self.fd, self.readiness, left) {
                Ok(true) => return Ok(()),
                // Rounding may end a wait a hair too early: the deadline decides.
                Ok(false) => {}
                Err(Errno::INTERRUPTED) => self.check_hook()?,
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    /// Waits as a blocking call on the socket would, so that a signal is noticed: for as long as the system's own
    /// timeout for the socket says, after which the call would have failed.
    fn wait_as_blocked(self) -> Result<()> {
        let limit = sys::system_timeout(self.fd, self.readiness).and_then(|limit| Instant::now().checked_add(limit));
        match self.wait(&mut Deadline::At(limit)) {
            Err(Error::Plain(Cause::Timeout)) => Err(Errno::WOULD_BLOCK.into()),
            outcome => outcome,
        }
    }

    /// For accept, which has no flag to try without waiting: on a blocking socket, waits where a signal can be noticed.
    pub(crate) fn wait_for_connection(self) -> Result<()> {
        let needed = SIGNALS_RESTART_CALLS && self.socket.blocks();
        // Only a listening socket is worth waiting for: accept has something to say of any other.
        if needed && sys::wait(self.fd, self.readiness, Some(Duration::ZERO)) == Ok(false) && sys::listens(self.fd) {
            self.wait_as_blocked()?;
        }
        Ok(())
    }

    /// The call with flags, and these as they go to the system: on a blocking socket the attempt must not sleep in
    /// the kernel where a signal would not wake it.
    #[inline(always)]
    #[allow(clippy::bad_bit_mask, reason = "some systems have no such flag")]
    pub(crate) fn with_flags(self, flags: i32) -> (Self, i32) {
        if !SIGNALS_RESTART_CALLS {
            return (self, flags);
        }
        let tries = self.socket.blocks() && flags & sys::WAIT_ALL == 0;
        let call = Call { gives_up: flags & sys::DONT_WAIT != 0, ..self };
        (call, if tries { flags | sys::DONT_WAIT } else { flags })
    }

    /// Fails when the Lua state has a hook waiting to run.
    pub(crate) fn check_hook(self) -> Result<()> {
        if self.caller.has_pending_hook() { Err(Cause::Interrupted.into()) } else { Ok(()) }
    }
}
