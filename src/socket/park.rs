//! Calls that wait in a task: the coroutine yields, and the scheduler makes the call again.

use std::time::{Duration, Instant};

use super::Socket;
use super::call::Call;
use super::deadline::Deadline;
use crate::address::{self, Address, AddressArgument};
use crate::error::{Cause, Error, Result};
use crate::lua::Caller;
use crate::memory;
use crate::sys::{self, Errno, Filling, Readiness};
use crate::tasks::{TaskCall, Wait};

/// The longest time between two attempts, in milliseconds, where no event reports that a socket is ready.
const LONGEST_PAUSE: u64 = 50;

/// True where no flag sees that a call does not sleep in the kernel, and the system does not tell whether one would.
pub(super) const LACKS_FLAG: bool = sys::DONT_WAIT == 0;

impl<'a> Call<'a> {
    /// A call that waits until accept(2) would not block.
    pub(super) fn to_accept(caller: Caller<'a>, socket: &'a Socket) -> Self {
        Call { accepts: true, ..Call::to_read(caller, socket) }
    }

    /// Before the first attempt. Where no flag sees that it does not sleep in the kernel, the descriptor does.
    #[inline(always)]
    pub(super) fn prepare(self, deadline: &mut Deadline) -> Result<()> {
        if LACKS_FLAG && self.caller.must_not_sleep() {
            self.unblock()?;
        }
        self.caller.turn().map_or(Ok(()), |turn| self.begin(turn, deadline))
    }

    /// Before an attempt: the task may have been cancelled, and the attempt may be known to be refused.
    fn begin(self, turn: TaskCall, deadline: &mut Deadline) -> Result<()> {
        if self.never_waits || self.socket.timeout.get() == 0.0 {
            return Ok(());
        }
        let whole = !sys::is_stream(self.socket.kind) || self.readiness == Readiness::Read && self.takes_whole();
        let hinted = self.hinted && !self.is_untold();
        if turn.begin(self.fd, self.readiness, whole, hinted)? {
            return Ok(());
        }
        self.would_wait();
        self.park(turn, deadline)
    }

    /// Whether each attempt is whole: accept's.
    fn takes_whole(self) -> bool {
        self.accepts
    }

    /// Whether no event reports that the call may succeed: a Unix socket whose peer has no space.
    fn is_untold(self) -> bool {
        self.readiness == Readiness::Write && sys::is_local(self.socket.family)
    }

    /// The call waits until its socket is ready, or the deadline has come.
    #[cold]
    pub(super) fn park(self, turn: TaskCall, deadline: &mut Deadline) -> Result<()> {
        let end = self.end(turn, deadline)?;
        let end = if self.is_untold() { Some(self.next_try(turn, end)) } else { end };
        Err(turn.park(Wait::Socket(self.fd, self.readiness), end))
    }

    /// The call waits for a time that grows with each attempt.
    pub(super) fn park_for_a_time(self, turn: TaskCall, deadline: &mut Deadline) -> Result<()> {
        let end = self.end(turn, deadline)?;
        Err(turn.park(Wait::Other, Some(self.next_try(turn, end))))
    }

    /// When the wait has to be over. Fails when it is.
    fn end(self, turn: TaskCall, deadline: &mut Deadline) -> Result<Option<Instant>> {
        if !self.socket.blocks() {
            deadline.left(self.caller, self.socket)?;
            return Ok(deadline.end());
        }
        if !self.socket.has(Socket::SYSTEM_TIMEOUT) {
            return Ok(None);
        }
        let progress = &turn.task.progress;
        if let Deadline::NotStarted = progress.deadline() {
            let limit = sys::system_timeout(self.fd, self.readiness)?;
            progress.set_deadline(Deadline::At(limit.and_then(|limit| Instant::now().checked_add(limit))));
        }
        let end = progress.deadline().end();
        if end.is_some_and(|end| end <= Instant::now()) { Err(Errno::WOULD_BLOCK.into()) } else { Ok(end) }
    }

    fn next_try(self, turn: TaskCall, end: Option<Instant>) -> Instant {
        let tries = turn.task.count_try();
        let next = Instant::now() + Duration::from_millis((1 << tries.min(6)).min(LONGEST_PAUSE));
        end.map_or(next, |end| next.min(end))
    }

    /// Sees that an attempt that has no flag for it does not sleep in the kernel. It stays so, until the descriptor is
    /// handed on.
    pub(super) fn unblock(self) -> std::result::Result<(), Errno> {
        let known = !self.socket.blocks() || self.socket.has(Socket::UNBLOCKED);
        if known { Ok(()) } else { self.keep_unblocked() }
    }

    /// The same, although another owner of the open file description may have had it block again.
    pub(super) fn keep_unblocked(self) -> std::result::Result<(), Errno> {
        if sys::is_open(self.fd) && (LACKS_FLAG || !sys::is_nonblocking(self.fd)?) {
            sys::set_nonblocking(self.fd, true)?;
            self.socket.set(Socket::UNBLOCKED, self.socket.blocks());
        }
        Ok(())
    }

    /// Waits until a connection is established or has failed.
    pub(super) fn await_connected(self, turn: TaskCall, deadline: &mut Deadline) -> Result<()> {
        turn.check()?;
        loop {
            match sys::wait(self.fd, Readiness::Write, Some(Duration::ZERO)) {
                Ok(true) => return Ok(()),
                Ok(false) => break,
                Err(Errno::INTERRUPTED) => self.check_hook()?,
                Err(errno) => return Err(errno.into()),
            }
        }
        match self.park(turn, deadline) {
            Err(Error::Plain(Cause::System(Errno::WOULD_BLOCK))) => Err(Errno::IN_PROGRESS.into()),
            parked => parked,
        }
    }

    /// How many bytes an earlier attempt of the call has transferred.
    #[inline(always)]
    pub(super) fn done(self) -> usize {
        self.caller.turn().map_or(0, |turn| turn.task.count())
    }

    /// Records the number of transferred bytes.
    #[inline(always)]
    pub(super) fn has_done(self, count: usize) {
        if let Some(turn) = self.caller.turn() {
            turn.task.set_count(count);
        }
    }

    /// How many bytes a step of the call has sent that failed, or that waits.
    pub(crate) fn sent_before(self, error: &Error) -> usize {
        match error {
            Error::Parked => self.done(),
            error => error.sent().unwrap_or(0),
        }
    }

    /// What an earlier attempt has received: it is copied to where the rest goes, and counted.
    #[inline(always)]
    pub(super) fn restore(self, data: &mut Filling) -> usize {
        let Some(turn) = self.caller.turn().filter(|turn| turn.again) else { return 0 };
        let bytes = turn.task.take_bytes();
        data.copy_from(&bytes);
        bytes.len()
    }

    /// Keeps what was received until the call is made again, when that is what the error says.
    #[cold]
    pub(super) fn keep(self, bytes: &[u8], error: Error) -> Error {
        let Some(turn) = self.caller.turn() else { return error };
        match memory::copy(bytes) {
            Ok(bytes) => {
                turn.task.keep_bytes(bytes);
                error
            }
            Err(errno) => errno.into(),
        }
    }

    /// Where the work began: what the first attempt found.
    pub(super) fn start(
        self,
        find: impl FnOnce() -> std::result::Result<i64, Errno>,
    ) -> std::result::Result<i64, Errno> {
        match self.caller.turn() {
            Some(turn) => turn.task.start(find),
            None => find(),
        }
    }

    pub(super) fn is_of_task(self) -> bool {
        self.caller.turn().is_some()
    }

    /// After a receive of `count` bytes into so much room: where there is no more, the next one need not try.
    #[inline(always)]
    pub(crate) fn received(self, count: usize, room: usize) {
        if let Some(turn) = self.caller.turn()
            && count < room
            && self.hinted
            && self.socket.has(Socket::PLAIN)
        {
            turn.short(self.fd);
        }
    }
}

/// Parses an address argument. A call of a task that is made again takes the address that its first attempt parsed: the
/// table may have changed.
pub(super) fn parse_address(
    caller: Caller,
    family: u16,
    given: &AddressArgument<Caller>,
    address: &mut Address,
) -> Result<()> {
    let Some(turn) = caller.turn() else { return address::parse(family, given, address) };
    match turn.task.address().filter(|_| turn.again) {
        Some(parsed) => *address = parsed,
        None => {
            address::parse(family, given, address)?;
            turn.task.keep_address(*address);
        }
    }
    Ok(())
}

impl Socket {
    /// A socket that was accepted is like the one that listens.
    pub(super) fn inherit(&self, listener: &Socket) {
        self.set(Socket::PLAIN, listener.has(Socket::PLAIN));
        self.set(Socket::SYSTEM_TIMEOUT, listener.has(Socket::SYSTEM_TIMEOUT));
    }

    /// An option was set that changes what is known of the descriptor.
    pub(super) fn note_option(&self, level: i32, name: i32) {
        if sys::SYSTEM_TIMEOUTS.contains(&(level, name)) {
            self.set(Socket::SYSTEM_TIMEOUT, true);
        }
        if sys::LAYERS.contains(&(level, name)) {
            self.set(Socket::PLAIN, false);
        }
    }

    /// Has the descriptor block again that tasks made not block, before it is handed on.
    pub(super) fn restore_blocking(&self) {
        if self.has(Socket::UNBLOCKED) && self.open_fd().is_ok() {
            let _ = sys::set_nonblocking(self.fd(), false);
        }
        self.set(Socket::UNBLOCKED, false);
    }
}
