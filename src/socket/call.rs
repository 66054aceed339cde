//! System calls that may block, made within the socket's timeout. Every method that may wait goes through here.
//!
//! The system call is tried first and waited for only when it would block. A call that a signal interrupts (EINTR) is
//! made again with the time that is left, unless a debug hook is pending in the Lua state, as Ctrl-C leaves one.

use std::time::{Duration, Instant};

use super::Socket;
use super::deadline::Deadline;
use super::park::LACKS_FLAG;
use crate::error::{Cause, Error, Result};
use crate::lua::{Caller, SIGNALS_RESTART_CALLS};
use crate::sys::{self, Descriptor, Errno, Ready};

/// A call on a socket that may wait.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(super) caller: Caller<'a>,
    pub(super) socket: &'a Socket,
    pub(super) fd: Descriptor,
    pub(super) readiness: Ready,
    /// MSG_DONTWAIT on a blocking socket, or MSG_ERRQUEUE.
    pub(super) never_waits: bool,
    /// The events of the descriptor say whether an attempt may succeed.
    pub(super) hinted: bool,
    /// The call is accept(2), for which several tasks may wait.
    pub(super) accepts: bool,
    /// The call sends to an address.
    pub(super) addressed: bool,
}

/// The longest pause, in milliseconds, between attempts on a socket that poll(2) reports ready and whose calls fail
/// with EAGAIN all the same, such as a Unix datagram socket whose receiver is full.
const LONGEST_PAUSE: u64 = 50;

impl<'a> Call<'a> {
    #[inline(always)]
    fn new(caller: Caller<'a>, socket: &'a Socket, readiness: Ready) -> Self {
        let fd = socket.fd();
        Call { caller, socket, fd, readiness, never_waits: false, hinted: true, accepts: false, addressed: false }
    }

    /// A call that waits until the socket is readable.
    #[inline(always)]
    pub(crate) fn to_read(caller: Caller<'a>, socket: &'a Socket) -> Self {
        Call::new(caller, socket, Ready::READ)
    }

    /// A call that waits until the socket is writable.
    #[inline(always)]
    pub(crate) fn to_write(caller: Caller<'a>, socket: &'a Socket) -> Self {
        Call::new(caller, socket, Ready::WRITE)
    }

    /// A call that sends, with flags as for [`Call::with_flags`]. Fails with EOPNOTSUPP for MSG_ZEROCOPY, with which
    /// the system would read a Lua string after the call has returned.
    #[inline(always)]
    #[allow(clippy::bad_bit_mask, reason = "some systems have no such flag")]
    pub(crate) fn to_send(caller: Caller<'a>, socket: &'a Socket, flags: i32) -> Result<(Self, i32)> {
        if flags & sys::ZERO_COPY != 0 {
            return Err(Error::named(Errno::NOT_SUPPORTED, "MSG_ZEROCOPY is not supported"));
        }
        Ok(Call::to_write(caller, socket).with_flags(flags))
    }

    /// The same call, which sends to an address if `addressed`.
    #[inline(always)]
    pub(crate) fn to_address(self, addressed: bool) -> Self {
        Call { addressed, ..self }
    }

    /// The same call on the descriptor that a closed socket keeps for its streams.
    pub(crate) fn lent(self) -> Self {
        Call { fd: self.socket.lent_fd(), ..self }
    }

    /// Repeats `attempt` while it fails with EAGAIN or EINTR, waiting within the socket's timeout.
    #[inline(always)]
    pub(crate) fn complete(
        self,
        attempt: impl FnMut(Descriptor) -> std::result::Result<usize, Errno>,
    ) -> Result<usize> {
        self.complete_other(attempt).inspect(|&count| self.moved(count))
    }

    /// The same for a system call that does not return how many bytes it has moved.
    #[inline(always)]
    pub(super) fn complete_other<T>(
        self,
        mut attempt: impl FnMut(Descriptor) -> std::result::Result<T, Errno>,
    ) -> Result<T> {
        self.prepare(&mut Deadline::NotStarted)?;
        match attempt(self.fd) {
            Ok(value) => Ok(value),
            Err(errno) => self.resume(&mut Deadline::NotStarted, errno, attempt),
        }
    }

    /// The same by a deadline, for one of several system calls of a method.
    pub(crate) fn complete_by(
        self,
        deadline: &mut Deadline,
        attempt: impl FnMut(Descriptor) -> std::result::Result<usize, Errno>,
    ) -> Result<usize> {
        self.complete_other_by(deadline, attempt).inspect(|&count| self.moved(count))
    }

    /// The same for a system call that does not return how many bytes it has moved.
    pub(super) fn complete_other_by<T>(
        self,
        deadline: &mut Deadline,
        mut attempt: impl FnMut(Descriptor) -> std::result::Result<T, Errno>,
    ) -> Result<T> {
        self.prepare(deadline)?;
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
        mut attempt: impl FnMut(Descriptor) -> std::result::Result<T, Errno>,
    ) -> Result<T> {
        // The system's timeout of a blocking socket counts from here, as in a blocking system call.
        let mut limit = Deadline::NotStarted;
        let deadline = if self.socket.blocks() { &mut limit } else { deadline };
        let mut waits = 0;
        loop {
            match errno {
                Errno::INTERRUPTED => self.check_hook()?,
                Errno::WOULD_BLOCK => {
                    self.would_wait();
                    if !self.may_wait()? {
                        return Err(errno.into());
                    }
                    self.wait_again(deadline, &mut waits)?;
                }
                _ => return Err(errno.into()),
            }
            match attempt(self.fd) {
                Ok(value) => return Ok(value),
                Err(again) => errno = again,
            }
        }
    }

    /// Whether to wait after EAGAIN. A blocking socket whose calls wait in the kernel returns it only because of
    /// O_NONBLOCK, SO_RCVTIMEO or SO_SNDTIMEO, and is not waited for.
    pub(super) fn may_wait(self) -> Result<bool> {
        if self.never_waits {
            return Ok(false);
        }
        if self.socket.blocks() {
            if self.caller.must_not_sleep() || self.socket.has(Socket::UNBLOCKED) {
                return Ok(true);
            }
            return Ok(SIGNALS_RESTART_CALLS && !sys::is_nonblocking(self.fd)?);
        }
        Ok(self.socket.timeout.get() > 0.0)
    }

    /// Waits before the next attempt: until the socket is ready, or for a growing pause when it is reported ready
    /// although the attempt failed with EAGAIN. `waits` counts the waits in a row. The deadline of a blocking socket is
    /// that of SO_RCVTIMEO or SO_SNDTIMEO, and starts here.
    pub(super) fn wait_again(self, deadline: &mut Deadline, waits: &mut u32) -> Result<()> {
        if let Some(task_call) = self.caller.task_call() {
            return self.park(task_call, deadline);
        }
        if *waits > 0 && sys::wait(self.fd, self.readiness, Some(Duration::ZERO)) == Ok(true) {
            return self.pause(deadline, waits);
        }
        *waits = 1;
        self.start_deadline(deadline)?;
        self.wait(deadline).map_err(|error| self.as_blocked(error))
    }

    /// Pauses before the next attempt: one millisecond at first, then twice as long each time.
    pub(super) fn pause(self, deadline: &mut Deadline, waits: &mut u32) -> Result<()> {
        self.check_hook()?;
        if let Some(task_call) = self.caller.task_call() {
            return self.park_for_a_time(task_call, deadline);
        }
        self.caller.may_block()?;
        let time = Duration::from_millis((1 << waits.saturating_sub(1).min(6)).min(LONGEST_PAUSE));
        *waits += 1;
        self.start_deadline(deadline)?;
        let left = deadline.left(self.caller, self.socket).map_err(|error| self.as_blocked(error))?;
        match self.caller.sleep(left.map_or(time, |left| left.min(time))) {
            Ok(()) => Ok(()),
            Err(Cause::System(Errno::INTERRUPTED)) => self.check_hook(),
            Err(cause) => Err(self.as_blocked(cause.into())),
        }
    }

    /// Remembers what the call waits for, for `socket:events()`.
    pub(crate) fn would_wait(self) {
        self.socket.waits_for.set(self.readiness);
    }

    /// Waits until the socket is ready. Fails with a timeout at the deadline.
    pub(crate) fn wait(self, deadline: &mut Deadline) -> Result<()> {
        self.would_wait();
        if let Some(task_call) = self.caller.task_call() {
            return self.park(task_call, deadline);
        }
        self.caller.may_block()?;
        loop {
            let left = deadline.left(self.caller, self.socket)?;
            match self.caller.wait_for(self.fd, self.readiness, left) {
                Ok(true) => return Ok(()),
                // poll(2) may return slightly too early because of rounding; the deadline decides.
                Ok(false) => {}
                Err(Cause::System(Errno::INTERRUPTED)) => self.check_hook()?,
                Err(cause) => return Err(cause.into()),
            }
        }
    }

    /// Starts the deadline of a blocking socket: SO_RCVTIMEO or SO_SNDTIMEO, as a blocking system call has it.
    fn start_deadline(self, deadline: &mut Deadline) -> Result<()> {
        if let Deadline::NotStarted = deadline
            && self.socket.blocks()
        {
            let limit = sys::system_timeout(self.fd, self.readiness)?;
            *deadline = Deadline::At(limit.and_then(|limit| Instant::now().checked_add(limit)));
        }
        Ok(())
    }

    /// Turns the timeout of a blocking socket into EAGAIN, as the system reports SO_RCVTIMEO and SO_SNDTIMEO.
    pub(super) fn as_blocked(self, error: Error) -> Error {
        match error {
            Error::Plain(Cause::Timeout) if self.socket.blocks() => Errno::WOULD_BLOCK.into(),
            error => error,
        }
    }

    /// Makes a call without MSG_DONTWAIT that connects, with O_NONBLOCK set where it must not sleep. Returns whether that
    /// was set.
    pub(super) fn without_sleeping<T>(
        self,
        attempt: impl FnOnce(Descriptor) -> std::result::Result<T, Errno>,
    ) -> (std::result::Result<T, Errno>, bool) {
        if LACKS_FLAG
            && self.caller.must_not_sleep()
            && let Err(errno) = self.unblock()
        {
            return (Err(errno), false);
        }
        if self.may_sleep() {
            return (attempt(self.fd), false);
        }
        if self.socket.blocks()
            && !self.caller.must_not_sleep()
            && !self.socket.has(Socket::SYSTEM_TIMEOUT)
            && sys::set_interruptible(self.fd, true).is_ok()
        {
            let attempted = attempt(self.fd);
            let _ = sys::set_interruptible(self.fd, false);
            return (attempted, false);
        }
        sys::without_blocking(self.fd, || attempt(self.fd)).unwrap_or_else(|errno| (Err(errno), false))
    }

    /// Whether a system call may sleep in the kernel: one that a signal interrupts, on a socket without a timeout.
    pub(super) fn may_sleep(self) -> bool {
        !SIGNALS_RESTART_CALLS && !self.caller.must_not_sleep() && self.socket.blocks()
    }

    /// Whether a system call could sleep in the kernel where it must not: past the socket's timeout, because another
    /// owner of the open file description cleared O_NONBLOCK, or where a signal would not interrupt it.
    pub(super) fn could_sleep(self) -> std::result::Result<bool, Errno> {
        Ok(!self.may_sleep() && !sys::is_nonblocking(self.fd)?)
    }

    /// The call with flags, and the flags for the system call. MSG_DONTWAIT is added where the system call must not
    /// sleep in the kernel: past the socket's timeout, or where a signal would not interrupt it.
    #[inline(always)]
    #[allow(clippy::bad_bit_mask, reason = "some systems have no such flag")]
    pub(crate) fn with_flags(self, flags: i32) -> (Self, i32) {
        let blocks = self.socket.blocks();
        let never_waits = flags & sys::ERROR_QUEUE != 0 || blocks && flags & sys::DONT_WAIT != 0;
        let waits_elsewhere = SIGNALS_RESTART_CALLS || !blocks || self.caller.must_not_sleep();
        let hinted = flags == 0;
        let flags = if waits_elsewhere { flags | sys::DONT_WAIT } else { flags };
        (Call { never_waits, hinted, ..self }, flags)
    }

    /// Fails with EINTR when a debug hook is pending in the Lua state.
    pub(crate) fn check_hook(self) -> Result<()> {
        if self.caller.has_pending_hook() { Err(Cause::Interrupted.into()) } else { Ok(()) }
    }
}
