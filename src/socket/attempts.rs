//! Connecting to one of several addresses, by RFC 8305 (Happy Eyeballs): an attempt that takes long does not hold up
//! the next one.

use std::time::{Duration, Instant};

use super::{NewSocket, create};
use crate::address::{Address, AddressArgument};
use crate::error::{Cause, Error, Result};
use crate::lua::{Caller, Either};
use crate::resolve;
use crate::sys::{self, AddrInfo, Descriptor, Errno, Ready};
use crate::tasks::{Scheduler, Wait};

/// The most attempts at once.
const MOST: usize = 64;

/// The attempts of one call.
pub(crate) struct Attempts {
    /// The addresses in the order of the attempts, and how many of them have begun.
    list: Vec<AddrInfo>,
    begun: usize,
    /// The attempts that have neither succeeded nor failed, by their indexes in the list.
    pending: Vec<(usize, NewSocket)>,
    failures: Vec<(usize, Error)>,
    /// How long after the begin of an attempt the next one begins; with `None` when it has failed.
    delay: Option<Duration>,
    next: Option<Instant>,
    /// The number of audit events before the attempt that begins.
    events: u16,
}

impl Attempts {
    /// Attempts to connect to the addresses of a list. With `delay`, families alternate, and each attempt begins that
    /// long after the one before. Without, they are made in the order of the list, each after the one before has
    /// failed.
    pub(super) fn new(mut list: Vec<AddrInfo>, delay: Option<Duration>) -> Self {
        if let (Some(_), Some(family)) = (delay, list.first().map(|first| first.family)) {
            let mut places = [0, 0];
            list.sort_by_cached_key(|found| {
                let other = usize::from(found.family != family);
                places[other] += 1;
                (places[other], other)
            });
        }
        let (pending, failures) = (Vec::new(), Vec::new());
        Attempts { list, begun: 0, pending, failures, delay, next: None, events: 0 }
    }

    /// One attempt at a time, in the same order.
    pub(super) fn in_turn(self) -> Self {
        Attempts { delay: None, ..self }
    }

    /// The number of audit events that the attempts made so far have raised.
    pub(crate) fn events(&self) -> u16 {
        self.events
    }

    /// The descriptors of the pending attempts.
    pub(crate) fn descriptors(&self) -> impl Iterator<Item = Descriptor> {
        self.pending.iter().map(|(_, new)| new.socket.fd())
    }

    /// Closes the sockets of the pending attempts.
    pub(super) fn close(&mut self, scheduler: &Scheduler) {
        for (_, new) in self.pending.drain(..) {
            close(scheduler, new);
        }
    }

    /// Makes attempts until one succeeds, all have failed, or `end`. The inner error has the failures in the order of
    /// the list, and the index of the one to report. `timeout` and `source` are for the new sockets.
    pub(super) fn go_on(
        &mut self,
        caller: Caller,
        timeout: Option<Either<bool, f64>>,
        source: Option<&AddressArgument>,
        end: Option<Instant>,
    ) -> Result<std::result::Result<NewSocket, (Vec<Error>, usize)>> {
        self.events = caller.events();
        loop {
            if let Some(task_call) = caller.task_call() {
                task_call.check()?;
            }
            while self.is_due() {
                if let Some(new) = self.begin(caller, timeout, source)? {
                    return Ok(Ok(new));
                }
            }
            if let Some(new) = self.find_connected(caller)? {
                return Ok(Ok(new));
            }
            if self.is_due() {
                continue;
            }
            if self.pending.is_empty() {
                return Ok(Err(self.fail(None)));
            }
            let now = Instant::now();
            if end.is_some_and(|end| end <= now) {
                return Ok(Err(self.fail(Some(Cause::Timeout))));
            }
            let next = self.next.filter(|_| self.begun < self.list.len() && self.pending.len() < MOST);
            let wake = match (end, next) {
                (Some(end), Some(next)) => Some(end.min(next)),
                (end, next) => end.or(next),
            };
            match self.wait(caller, wake.map(|wake| (wake, wake.saturating_duration_since(now)))) {
                Err(Error::Plain(Cause::Timeout)) => return Ok(Err(self.fail(Some(Cause::Timeout)))),
                waited => waited?,
            }
        }
    }

    /// Whether the next attempt is to begin.
    fn is_due(&self) -> bool {
        let in_time = self.next.is_some_and(|next| next <= Instant::now()) && self.pending.len() < MOST;
        self.begun < self.list.len() && (self.pending.is_empty() || in_time)
    }

    /// Begins the next attempt. Returns its socket when it is connected at once.
    fn begin(
        &mut self,
        caller: Caller,
        timeout: Option<Either<bool, f64>>,
        source: Option<&AddressArgument>,
    ) -> Result<Option<NewSocket>> {
        let place = self.begun;
        let address = self.list[place].address;
        let opened = open(caller, &self.list[place], timeout, source);
        if !matches!(opened, Err(Error::Parked)) {
            self.begun += 1;
            self.events = caller.events();
        }
        match opened {
            Ok(new) => match connect(caller, &new, &address) {
                Ok(true) => return finish(new, &address).map(Some),
                Ok(false) => {
                    self.pending.push((place, new));
                    self.next = self.delay.and_then(|delay| Instant::now().checked_add(delay));
                }
                Err(error) => {
                    close(&caller.shared().open_objects.scheduler, new);
                    self.note(caller, place, error.at(&address))?;
                }
            },
            Err(error) => self.note(caller, place, error)?,
        }
        Ok(None)
    }

    /// Returns the socket of an attempt that has succeeded, and records those that have failed.
    fn find_connected(&mut self, caller: Caller) -> Result<Option<NewSocket>> {
        let mut n = 0;
        while n < self.pending.len() {
            let fd = self.pending[n].1.socket.fd();
            match sys::wait(fd, Ready::WRITE, Some(Duration::ZERO)) {
                Ok(true) => {}
                Ok(false) => {
                    n += 1;
                    continue;
                }
                Err(Errno::INTERRUPTED) => {
                    check_hook(caller)?;
                    continue;
                }
                Err(errno) => return Err(errno.into()),
            }
            let (place, new) = self.pending.remove(n);
            let address = self.list[place].address;
            match sys::take_error(fd) {
                Ok(()) => return finish(new, &address).map(Some),
                Err(errno) => {
                    close(&caller.shared().open_objects.scheduler, new);
                    self.note(caller, place, Error::from(errno).at(&address))?;
                }
            }
        }
        Ok(None)
    }

    /// Records a failure, after which the next attempt begins at once. Fails with an error that ends the call.
    fn note(&mut self, caller: Caller, place: usize, error: Error) -> Result<()> {
        if matches!(error.cause(), None | Some(Cause::Interrupted)) || matches!(error, Error::Raised(_)) {
            return Err(error);
        }
        if caller.is_cancelled() || caller.task_call().is_some_and(|task_call| task_call.task.check().is_err()) {
            return Err(error);
        }
        self.failures.push((place, error));
        self.next = self.delay.map(|_| Instant::now());
        Ok(())
    }

    /// All failures; with `cause` also one for each pending attempt.
    fn fail(&mut self, cause: Option<Cause>) -> (Vec<Error>, usize) {
        let mut told = usize::MAX;
        if let Some(cause) = cause {
            for (place, _) in self.pending.iter() {
                self.failures.push((*place, Error::from(cause).at(&self.list[*place].address)));
                told = *place;
            }
        }
        self.failures.sort_by_key(|(place, _)| *place);
        let told = self.failures.iter().position(|(place, _)| *place == told);
        let errors = std::mem::take(&mut self.failures).into_iter().map(|(_, error)| error).collect::<Vec<_>>();
        let last = errors.len().saturating_sub(1);
        (errors, told.unwrap_or(last))
    }

    /// Waits until an attempt has succeeded or failed, or until a time.
    fn wait(&self, caller: Caller, wake: Option<(Instant, Duration)>) -> Result<()> {
        if let Some(task_call) = caller.task_call() {
            return Err(task_call.park(Wait::Attempts, wake.map(|(wake, _)| wake)));
        }
        caller.may_block()?;
        let descriptors = self.descriptors().collect::<Vec<_>>();
        match caller.wait_to_connect(&descriptors, wake.map(|(_, left)| left)) {
            Ok(()) => Ok(()),
            Err(Cause::System(Errno::INTERRUPTED)) => check_hook(caller),
            Err(cause) => Err(cause.into()),
        }
    }
}

/// Makes the socket of an attempt and raises its audit events.
fn open(
    caller: Caller,
    found: &AddrInfo,
    timeout: Option<Either<bool, f64>>,
    source: Option<&AddressArgument>,
) -> Result<NewSocket> {
    let at = |error: Error| error.at(&found.address);
    let new = create::open(caller, found.family, found.kind, found.proto).map_err(at)?;
    let socket = &new.socket;
    if let Some(timeout) = timeout {
        super::timeout::set(socket, timeout.given())?;
    }
    if let Some(source) = source {
        let mut from = Address::blank(socket.proto());
        resolve::parse(caller, socket.family(), source, &mut from)?;
        caller.obey(|limits| limits.check_bind(&from)).map_err(|error| error.at(&from))?;
        caller.audit_new("socket.bind", socket, || from)?;
        sys::bind(socket.fd(), &from).map_err(|errno| Error::from(errno).at(&from))?;
    }
    caller.audit_new("socket.connect", socket, || found.address)?;
    Ok(new)
}

/// Begins to connect. Returns true if it is connected, false if the connect is in progress.
fn connect(caller: Caller, new: &NewSocket, address: &Address) -> Result<bool> {
    let socket = &new.socket;
    caller.obey(|limits| limits.check_destination(address))?;
    if socket.blocks() {
        sys::set_nonblocking(socket.fd(), true)?;
    }
    match sys::connect(socket.fd(), address) {
        Ok(()) => Ok(true),
        // The connection continues to be established.
        Err(Errno::INTERRUPTED) => check_hook(caller).map(|()| false),
        Err(Errno::IN_PROGRESS) if socket.timeout.get() != 0.0 => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

/// Fails with EINTR if a debug hook is pending in the Lua state.
fn check_hook(caller: Caller) -> Result<()> {
    if caller.has_pending_hook() { Err(Cause::Interrupted.into()) } else { Ok(()) }
}

/// The socket of the attempt that succeeded, in the mode of its timeout.
fn finish(new: NewSocket, address: &Address) -> Result<NewSocket> {
    if new.socket.blocks() {
        sys::set_nonblocking(new.socket.fd(), false).map_err(|errno| Error::from(errno).at(address))?;
        // On Linux the next connect(2) after a non-blocking one reports success once; after a blocking one it fails
        // with EISCONN.
        let _ = sys::connect(new.socket.fd(), address);
    }
    Ok(new)
}

/// Closes the socket of an attempt.
fn close(scheduler: &Scheduler, new: NewSocket) {
    scheduler.forget(new.socket.fd());
}
