//! The one gate for everything that may wait.
//!
//! The system call is tried first; only when it would block does the socket's timeout come into play. A call that a
//! signal interrupts is made again, with the time that is left, unless the Lua state has a hook waiting to run.

use std::time::{Duration, Instant};

use super::{Socket, Trait};
use crate::error::{Cause, Error, Result};
use crate::lua::{Caller, SIGNALS_RESTART_CALLS};
use crate::sys::{self, Descriptor, Errno, Readiness};

/// What one attempt at a system call gives.
type Attempted<T> = std::result::Result<T, Errno>;

/// When a call has to be over.
#[derive(Clone, Copy, Default)]
pub(crate) enum Deadline {
    /// The socket's timeout, counted from the first wait: a single call has spent no time before it.
    #[default]
    NotStarted,
    /// At this time; `None` for no limit, or one so far away that it is none.
    At(Option<Instant>),
}

impl Deadline {
    /// The socket's timeout, counted from now, for calls that do more than one step.
    pub(crate) fn from_now(caller: Caller, socket: &Socket) -> Self {
        match caller.turn() {
            None => Deadline::after(socket),
            Some(turn) => turn.deadline(|| Deadline::after(socket)),
        }
    }

    fn after(socket: &Socket) -> Self {
        let timeout = socket.timeout().filter(|&seconds| seconds > 0.0);
        Deadline::At(timeout.and_then(|seconds| Instant::now().checked_add(Duration::from_secs_f64(seconds))))
    }

    /// When it is, once it has started and there is one.
    pub(crate) fn end(self) -> Option<Instant> {
        match self {
            Deadline::NotStarted => None,
            Deadline::At(end) => end,
        }
    }

    /// Starts when it has not; tells the time that is left, and fails when there is none.
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

/// A call on a socket that may wait.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(super) caller: Caller<'a>,
    pub(super) socket: &'a Socket,
    pub(super) fd: Descriptor,
    pub(super) readiness: Readiness,
    /// The flags of the call say that it must not wait.
    pub(super) never_waits: bool,
    /// What events told of the descriptor says whether the call is worth an attempt.
    pub(super) hinted: bool,
    /// Each attempt is whole, so that several tasks may wait for the same.
    pub(super) accepts: bool,
}

/// The waits of one call between its attempts.
pub(super) struct Retries {
    /// How many attempts in a row would have blocked, although the socket was ready but for the first.
    count: u32,
    /// On a blocking socket, when the system's own timeout ends.
    limit: Deadline,
}

impl Retries {
    pub(super) fn new() -> Self {
        Retries { count: 0, limit: Deadline::NotStarted }
    }
}

/// The longest time between two attempts while the system says that a socket is ready and then refuses the call, as it
/// does for a Unix datagram socket whose receiver is full.
const LONGEST_PAUSE: u64 = 50;

impl<'a> Call<'a> {
    /// A call that is ready when there is something to receive.
    #[inline(always)]
    pub(crate) fn to_read(caller: Caller<'a>, socket: &'a Socket) -> Self {
        Call {
            caller,
            socket,
            fd: socket.fd(),
            readiness: Readiness::Read,
            never_waits: false,
            hinted: true,
            accepts: false,
        }
    }

    /// A call that is ready when there is room to send.
    #[inline(always)]
    pub(crate) fn to_write(caller: Caller<'a>, socket: &'a Socket) -> Self {
        Call {
            caller,
            socket,
            fd: socket.fd(),
            readiness: Readiness::Write,
            never_waits: false,
            hinted: true,
            accepts: false,
        }
    }

    /// The same with flags. Fails for those that would have the system read a string of Lua's after the call.
    #[inline(always)]
    pub(crate) fn to_send(caller: Caller<'a>, socket: &'a Socket, flags: i32) -> Result<(Self, i32)> {
        if flags & sys::ZERO_COPY != 0 {
            return Err(Error::named(Errno::NOT_SUPPORTED, "MSG_ZEROCOPY is not supported"));
        }
        Ok(Call::to_write(caller, socket).with_flags(flags))
    }

    /// The same for accept.
    pub(super) fn to_accept(caller: Caller<'a>, socket: &'a Socket) -> Self {
        Call { accepts: true, ..Call::to_read(caller, socket) }
    }

    /// The same call on the descriptor that a closed socket keeps for its streams.
    pub(crate) fn lent(self) -> Self {
        Call { fd: self.socket.lent_fd(), ..self }
    }

    /// Does `attempt` until it neither would block nor is interrupted, within the socket's timeout.
    #[inline(always)]
    pub(crate) fn complete<T>(self, mut attempt: impl FnMut(Descriptor) -> Attempted<T>) -> Result<T> {
        if let Some(turn) = self.caller.turn() {
            self.begin(turn, &mut Deadline::NotStarted)?;
        }
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
        if let Some(turn) = self.caller.turn() {
            self.begin(turn, deadline)?;
        }
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
        let mut retries = Retries::new();
        loop {
            match errno {
                Errno::INTERRUPTED => self.check_hook()?,
                Errno::WOULD_BLOCK => {
                    self.would_wait();
                    if !self.may_wait()? {
                        return Err(errno.into());
                    }
                    self.wait_again(deadline, &mut retries)?;
                }
                _ => return Err(errno.into()),
            }
            match attempt(self.fd) {
                Ok(value) => return Ok(value),
                Err(again) => errno = again,
            }
        }
    }

    /// Whether to wait after an attempt that would have blocked. A blocking call that waits in the kernel has waited:
    /// what made it return is `O_NONBLOCK`, or the system's own timeout.
    pub(super) fn may_wait(self) -> Result<bool> {
        if self.never_waits {
            return Ok(false);
        }
        if self.socket.blocks() {
            if self.caller.must_not_sleep() || self.socket.has(Trait::Unblocked) {
                return Ok(true);
            }
            return Ok(SIGNALS_RESTART_CALLS && !sys::is_nonblocking(self.fd)?);
        }
        Ok(self.socket.timeout.get() > 0.0)
    }

    /// Waits before the next attempt. Where the system says that the socket is ready, and the attempt was refused all the
    /// same, it waits for a time that grows.
    pub(super) fn wait_again(self, deadline: &mut Deadline, retries: &mut Retries) -> Result<()> {
        if let Some(turn) = self.caller.turn() {
            return self.park(turn, deadline);
        }
        if retries.count > 0 && sys::wait(self.fd, self.readiness, Some(Duration::ZERO)) == Ok(true) {
            return self.pause(deadline, retries);
        }
        retries.count = 1;
        self.wait(self.limit(deadline, retries)?).map_err(|error| self.as_blocked(error))
    }

    /// Lets time pass before the next attempt: a millisecond, then each time twice as long.
    pub(super) fn pause(self, deadline: &mut Deadline, retries: &mut Retries) -> Result<()> {
        self.check_hook()?;
        if let Some(turn) = self.caller.turn() {
            return self.park_for_a_time(turn, deadline);
        }
        self.caller.may_block()?;
        let time = Duration::from_millis((1 << retries.count.saturating_sub(1).min(6)).min(LONGEST_PAUSE));
        retries.count += 1;
        let left =
            self.limit(deadline, retries)?.left(self.caller, self.socket).map_err(|error| self.as_blocked(error))?;
        match sys::pause(left.map_or(time, |left| left.min(time))) {
            Ok(()) => Ok(()),
            Err(Errno::INTERRUPTED) => self.check_hook(),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Notes what the call is waiting for, so that others can wait in its place.
    pub(crate) fn would_wait(self) {
        self.socket.waits_for.set(self.readiness);
    }

    /// Waits until the socket is ready, at most until the deadline.
    pub(crate) fn wait(self, deadline: &mut Deadline) -> Result<()> {
        self.would_wait();
        if let Some(turn) = self.caller.turn() {
            return self.park(turn, deadline);
        }
        self.caller.may_block()?;
        loop {
            let left = deadline.left(self.caller, self.socket)?;
            match sys::wait(self.fd, self.readiness, left) {
                Ok(true) => return Ok(()),
                // Rounding may end a wait a hair too early: the deadline decides.
                Ok(false) => {}
                Err(Errno::INTERRUPTED) => self.check_hook()?,
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    /// When the wait has to be over. A blocking socket is waited for as a blocking system call would, for as long as the
    /// system's own timeout (`SO_RCVTIMEO`, `SO_SNDTIMEO`) says.
    fn limit<'d>(self, deadline: &'d mut Deadline, retries: &'d mut Retries) -> Result<&'d mut Deadline> {
        if !self.socket.blocks() {
            return Ok(deadline);
        }
        if let Deadline::NotStarted = retries.limit {
            let limit = sys::system_timeout(self.fd, self.readiness)?;
            retries.limit = Deadline::At(limit.and_then(|limit| Instant::now().checked_add(limit)));
        }
        Ok(&mut retries.limit)
    }

    /// The failure of a blocking call whose time is over.
    fn as_blocked(self, error: Error) -> Error {
        match error {
            Error::Plain(Cause::Timeout) if self.socket.blocks() => Errno::WOULD_BLOCK.into(),
            error => error,
        }
    }

    /// For accept, which has no flag to try without waiting: waits first where the attempt could sleep in the kernel and
    /// must not, because no signal would wake it or because the socket has a timeout.
    pub(crate) fn wait_for_connection(self, deadline: &mut Deadline) -> Result<()> {
        if self.caller.must_not_sleep() {
            return self.unblock();
        }
        if !self.could_sleep()? {
            return Ok(());
        }
        // Only a listening socket is worth waiting for: accept has something to say of any other.
        match sys::wait(self.fd, self.readiness, Some(Duration::ZERO)) {
            Ok(false) if sys::listens(self.fd) => {}
            Ok(_) => return Ok(()),
            Err(Errno::INTERRUPTED) => return self.check_hook(),
            Err(errno) => return Err(errno.into()),
        }
        self.would_wait();
        if !self.may_wait()? {
            return Err(Errno::WOULD_BLOCK.into());
        }
        self.wait_again(deadline, &mut Retries::new())
    }

    /// Makes an attempt that has no flag to try without waiting, so that it does not sleep in the kernel.
    pub(super) fn without_sleeping<T>(self, attempt: impl FnOnce(Descriptor) -> Attempted<T>) -> Attempted<T> {
        if !self.could_sleep()? {
            return attempt(self.fd);
        }
        sys::set_nonblocking(self.fd, true)?;
        let outcome = attempt(self.fd);
        sys::set_nonblocking(self.fd, false)?;
        outcome
    }

    /// Whether a system call would sleep in the kernel where it must not. The descriptor of a socket with a timeout does
    /// not block, unless another owner of the same open file description has changed that.
    pub(super) fn could_sleep(self) -> Attempted<bool> {
        Ok((SIGNALS_RESTART_CALLS || self.caller.must_not_sleep() || !self.socket.blocks())
            && !sys::is_nonblocking(self.fd)?)
    }

    /// The call with flags, and these as they go to the system: an attempt must not sleep in the kernel past the
    /// socket's timeout, whoever made the descriptor block, nor where a signal would not wake it.
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

    /// Whether the call goes on until all bytes are transferred: on a blocking stream socket, unless it must not wait. A
    /// receive does so with MSG_WAITALL.
    #[inline(always)]
    pub(super) fn transfers_all(self) -> bool {
        self.socket.blocks() && !self.never_waits && sys::is_stream(self.socket.kind)
    }

    pub(super) fn descriptor(self) -> Descriptor {
        self.fd
    }

    /// Fails when the Lua state has a hook waiting to run.
    pub(crate) fn check_hook(self) -> Result<()> {
        if self.caller.has_pending_hook() { Err(Cause::Interrupted.into()) } else { Ok(()) }
    }
}
