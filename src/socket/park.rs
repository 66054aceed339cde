//! Calls that wait in a task: the coroutine yields, and the scheduler makes the call again.

use std::time::{Duration, Instant};

use super::Socket;
use super::call::Call;
use super::deadline::Deadline;
use crate::address::{Address, AddressArgument};
use crate::error::{Cause, Error, Result};
use crate::lua::Caller;
use crate::memory;
use crate::resolve;
use crate::sys::{self, Errno, Ready, ReceiveBuffer};
use crate::tasks::{TaskCall, Wait};

/// The longest time between two attempts, in milliseconds, where no event reports that a socket is ready.
const LONGEST_PAUSE: u64 = 50;

/// True where no flag sees that a call does not sleep in the kernel, and the system does not tell whether one would.
pub(crate) const LACKS_FLAG: bool = sys::DONT_WAIT == 0;

impl<'a> Call<'a> {
    /// A call that waits until accept(2) would not block.
    pub(crate) fn to_accept(caller: Caller<'a>, socket: &'a Socket) -> Self {
        Call { accepts: true, ..Call::to_read(caller, socket) }
    }

    /// Called before the first attempt.
    #[inline(always)]
    pub(super) fn prepare(self, deadline: &mut Deadline) -> Result<()> {
        if LACKS_FLAG && self.caller.must_not_sleep() {
            self.unblock()?;
        }
        match (self.caller.task_call(), self.caller.limits()) {
            (None, None) => Ok(()),
            (Some(task_call), None) if task_call.goes_ahead(self.fd, self.readiness) => Ok(()),
            (Some(task_call), None) => self.begin(task_call, deadline),
            (_, Some(limits)) => self.prepare_within(limits, deadline),
        }
    }

    /// Called before an attempt. Fails if the task was cancelled; parks if the attempt would fail with EAGAIN.
    #[inline(never)]
    pub(super) fn begin(&self, task_call: TaskCall, deadline: &mut Deadline) -> Result<()> {
        if self.never_waits || self.socket.timeout.get() == 0.0 {
            return Ok(());
        }
        let whole = !sys::is_stream(self.socket.kind()) || self.readiness == Ready::READ && self.takes_whole();
        let hinted = self.hinted && !self.is_untold();
        if task_call.begin(self.fd, self.readiness, whole, hinted)? {
            return Ok(());
        }
        self.would_wait();
        self.park(task_call, deadline)
    }

    /// Whether several tasks may wait to read: accept(2) returns a whole connection to each.
    fn takes_whole(self) -> bool {
        self.accepts
    }

    /// Whether no event reports that the call may succeed: a Unix datagram socket is writable although the receiver at
    /// an address has no space. Of the peer that it is connected to the system tells.
    fn is_untold(self) -> bool {
        self.addressed && sys::is_local(self.socket.family()) && !sys::is_stream(self.socket.kind())
    }

    /// Waits until the socket is ready or the deadline has passed.
    #[cold]
    pub(super) fn park(&self, task_call: TaskCall, deadline: &mut Deadline) -> Result<()> {
        if self.is_untold() {
            return self.park_for_a_time(task_call, deadline);
        }
        let end = self.end(task_call, deadline)?;
        Err(task_call.park(Wait::Socket(self.fd, self.readiness), end))
    }

    /// Waits for a time that grows with each attempt.
    pub(super) fn park_for_a_time(self, task_call: TaskCall, deadline: &mut Deadline) -> Result<()> {
        let end = self.end(task_call, deadline)?;
        Err(task_call.park(Wait::Other, Some(self.next_try(task_call, end))))
    }

    /// When the wait times out. Fails if it has.
    pub(super) fn end(&self, task_call: TaskCall, deadline: &mut Deadline) -> Result<Option<Instant>> {
        if !self.socket.blocks() {
            deadline.left(self.caller, self.socket)?;
            return Ok(deadline.end());
        }
        if !self.socket.has(Socket::SYSTEM_TIMEOUT) {
            return Ok(None);
        }
        let task = task_call.task;
        if let Deadline::NotStarted = task.deadline() {
            let limit = sys::system_timeout(self.fd, self.readiness)?;
            task.set_deadline(Deadline::At(limit.and_then(|limit| Instant::now().checked_add(limit))));
        }
        let end = task.deadline().end();
        if end.is_some_and(|end| end <= Instant::now()) { Err(Errno::WOULD_BLOCK.into()) } else { Ok(end) }
    }

    fn next_try(self, task_call: TaskCall, end: Option<Instant>) -> Instant {
        let tries = task_call.task.count_try();
        let next = Instant::now() + Duration::from_millis((1 << tries.min(6)).min(LONGEST_PAUSE));
        end.map_or(next, |end| next.min(end))
    }

    /// Sets O_NONBLOCK for calls that have no flag like MSG_DONTWAIT, so that they do not block the thread. It is
    /// reset before the descriptor is passed to other code.
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
    pub(super) fn await_connected(self, task_call: TaskCall, deadline: &mut Deadline) -> Result<()> {
        task_call.check()?;
        loop {
            match sys::wait(self.fd, Ready::WRITE, Some(Duration::ZERO)) {
                Ok(true) => return Ok(()),
                Ok(false) => break,
                Err(Errno::INTERRUPTED) => self.check_hook()?,
                Err(errno) => return Err(errno.into()),
            }
        }
        match self.park(task_call, deadline) {
            Err(Error::Plain(Cause::System(Errno::WOULD_BLOCK))) => Err(Errno::IN_PROGRESS.into()),
            parked => parked,
        }
    }

    /// How many bytes the earlier attempts of the call have transferred.
    #[inline(always)]
    pub(crate) fn done(self) -> usize {
        self.caller.task_call().map_or(0, |task_call| task_call.task.count())
    }

    /// Records the number of transferred bytes.
    #[inline(always)]
    pub(crate) fn has_done(self, count: usize) {
        if let Some(task_call) = self.caller.task_call() {
            task_call.task.set_count(count);
        }
    }

    /// How many bytes were sent before `error`.
    pub(crate) fn sent_before(self, error: &Error) -> usize {
        match error {
            Error::Parked => self.done(),
            error => error.sent().unwrap_or(0),
        }
    }

    /// Copies what the earlier attempts have received to `data`, and returns its length.
    #[inline(always)]
    pub(super) fn restore(self, data: &mut ReceiveBuffer) -> usize {
        let Some(task_call) = self.caller.task_call().filter(|task_call| task_call.again) else { return 0 };
        let bytes = task_call.task.take_bytes();
        if !bytes.is_empty() {
            data.copy_from(&bytes);
        }
        bytes.len()
    }

    /// Keeps received bytes for the next attempt of the call.
    #[cold]
    pub(super) fn keep(self, bytes: &[u8], error: Error) -> Error {
        let Some(task_call) = self.caller.task_call() else { return error };
        match memory::copy(bytes) {
            Ok(bytes) => {
                task_call.task.keep_bytes(bytes, None);
                error
            }
            Err(errno) => errno.into(),
        }
    }

    /// What `find` returned to the first attempt of the call.
    pub(super) fn start(
        self,
        find: impl FnOnce() -> std::result::Result<i64, Errno>,
    ) -> std::result::Result<i64, Errno> {
        match self.caller.task_call() {
            Some(task_call) => task_call.task.start(find),
            None => find(),
        }
    }

    pub(super) fn is_of_task(self) -> bool {
        self.caller.task_call().is_some()
    }

    /// Called after a receive of `count` bytes into `room`: if it was short, the next one waits without an attempt.
    #[inline(always)]
    pub(crate) fn received(self, count: usize, room: usize) {
        if let Some(task_call) = self.caller.task_call()
            && count < room
            && self.hinted
            && self.socket.has(Socket::PLAIN)
        {
            task_call.short(self.fd);
        }
    }
}

/// Parses an address argument. When a call is made again, takes the address that its first attempt parsed: the table
/// may have changed.
pub(super) fn parse_address(caller: Caller, family: u16, given: &AddressArgument, address: &mut Address) -> Result<()> {
    let Some(task_call) = caller.task_call() else { return resolve::parse(caller, family, given, address) };
    match task_call.task.address().filter(|_| task_call.again) {
        Some(parsed) => *address = parsed,
        None => {
            resolve::parse(caller, family, given, address)?;
            task_call.task.keep_address(*address);
        }
    }
    Ok(())
}

impl Socket {
    /// Copies to an accepted socket what it inherits from the listening one.
    pub(super) fn inherit(&self, listener: &Socket) {
        self.set(Socket::PLAIN, listener.has(Socket::PLAIN));
        self.set(Socket::SYSTEM_TIMEOUT, listener.has(Socket::SYSTEM_TIMEOUT));
    }

    /// Called when an option was set.
    pub(super) fn note_option(&self, level: i32, name: i32) {
        if sys::SYSTEM_TIMEOUTS.contains(&(level, name)) {
            self.set(Socket::SYSTEM_TIMEOUT, true);
        }
        if sys::LAYERS.contains(&(level, name)) {
            self.set(Socket::PLAIN, false);
        }
    }

    /// Resets O_NONBLOCK if `unblock` has set it, before the descriptor is passed to other code.
    pub(super) fn restore_blocking(&self) {
        if self.has(Socket::UNBLOCKED) && self.open_fd().is_ok() {
            let _ = sys::set_nonblocking(self.fd(), false);
        }
        self.set(Socket::UNBLOCKED, false);
    }
}
