//! A task: what the scheduler keeps for it, in a userdata that does not move.

use std::cell::{Cell, RefCell};
use std::time::Instant;

use super::{Id, Wait};
use crate::address::Address;
use crate::error::{Cause, Error, Result};
use crate::lua::Thread;
use crate::socket::{Attempts, Deadline};
use crate::sys::Errno;

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Ready,
    Running,
    Waiting,
    Done,
    Failed,
    Cancelled,
}

impl Status {
    /// As Lua reads it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Status::Ready => "ready",
            Status::Running => "running",
            Status::Waiting => "waiting",
            Status::Done => "done",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
        }
    }

    /// Whether it runs no more.
    pub(crate) fn has_ended(self) -> bool {
        matches!(self, Status::Done | Status::Failed | Status::Cancelled)
    }
}

/// How often a call of a task may fail on entry, for the task was cancelled or its time is over, before it raises.
const MOST_REFUSALS: u8 = 100;

/// A part of a task's run with an end of its own.
pub(crate) struct Scope {
    pub(crate) number: i64,
    end: Option<Instant>,
    cancelled: bool,
    /// No cancellation and no end of a scope around this one counts inside.
    shields: bool,
}

/// A task.
pub(crate) struct Task {
    pub(crate) id: Cell<Id>,
    pub(crate) status: Cell<Status>,
    /// The coroutine. The registry keeps it until the task has ended.
    pub(crate) thread: Cell<Thread>,
    /// How many values on the coroutine's stack its waiting call left there; `None` before it began.
    pub(crate) held: Cell<Option<i32>>,
    pub(crate) wait: Cell<Wait>,
    /// When it is woken at the latest, and for when the timers have it.
    pub(crate) wake: Cell<Option<Instant>>,
    pub(crate) listed: Cell<Option<Instant>>,
    /// Somebody ended a wait that nothing else ends.
    pub(crate) woken: Cell<bool>,
    /// The descriptor that it waits for could not be watched.
    pub(crate) unwatched: Cell<Option<Errno>>,
    pub(crate) cancelled: Cell<bool>,
    /// An error ended it.
    pub(crate) failed: Cell<bool>,
    /// `run` waits for it.
    pub(crate) joined: Cell<bool>,
    refusals: Cell<u8>,
    pub(crate) group: Cell<i64>,
    pub(crate) progress: CallProgress,
    pub(crate) scopes: RefCell<Vec<Scope>>,
    /// The tasks that wait for its end.
    pub(crate) joiners: RefCell<Vec<Id>>,
}

impl Task {
    pub(crate) fn new() -> Self {
        Task {
            id: Cell::new(Id::NONE),
            status: Cell::new(Status::Done),
            thread: Cell::new(Thread::NONE),
            held: Cell::new(None),
            wait: Cell::new(Wait::Nothing),
            wake: Cell::new(None),
            listed: Cell::new(None),
            woken: Cell::new(false),
            unwatched: Cell::new(None),
            cancelled: Cell::new(false),
            failed: Cell::new(false),
            joined: Cell::new(false),
            refusals: Cell::new(0),
            group: Cell::new(0),
            progress: CallProgress::default(),
            scopes: RefCell::default(),
            joiners: RefCell::default(),
        }
    }

    /// Whether an error ended it.
    pub(crate) fn has_failed(&self) -> bool {
        self.status.get() == Status::Failed || self.failed.get()
    }

    /// Gives back the memory that is not Lua's.
    pub(crate) fn release(&self) {
        self.progress.begin();
        self.scopes.take();
        self.joiners.take();
    }

    /// When the innermost scopes end, up to a shield.
    pub(crate) fn scope_end(&self) -> Option<Instant> {
        let scopes = self.scopes.borrow();
        let inner = scopes.iter().rposition(|scope| scope.shields).unwrap_or(0);
        scopes[inner..].iter().filter_map(|scope| scope.end).min()
    }

    /// Fails when the task, or a scope that it is in, was cancelled or has no time left.
    pub(crate) fn check(&self) -> std::result::Result<(), Cause> {
        if !self.cancelled.get() && self.scopes.borrow().is_empty() {
            return Ok(());
        }
        let scopes = self.scopes.borrow();
        let shield = scopes.iter().rposition(|scope| scope.shields);
        let inner = &scopes[shield.unwrap_or(0)..];
        if inner.iter().any(|scope| scope.cancelled) || shield.is_none() && self.cancelled.get() {
            return Err(Cause::System(Errno::CANCELED));
        }
        if inner.iter().any(|scope| scope.end.is_some()) {
            let now = Instant::now();
            if inner.iter().any(|scope| scope.end.is_some_and(|end| end <= now)) {
                return Err(Cause::Timeout);
            }
        }
        Ok(())
    }

    /// Counts a call that fails on entry: each lets the other tasks run, and too many of them raise.
    pub(super) fn refuse(&self, cause: Cause) -> Result<()> {
        let count = self.refusals.get() + 1;
        self.refusals.set(count % MOST_REFUSALS);
        if count < MOST_REFUSALS {
            return Ok(());
        }
        Err(match cause {
            Cause::Timeout => Error::named(Errno::CANCELED, "goes on after its time"),
            _ => Error::named(Errno::CANCELED, "goes on after it was cancelled"),
        }
        .raised())
    }

    pub(crate) fn enter(&self, number: i64, end: Option<Instant>, shields: bool) {
        self.scopes.borrow_mut().push(Scope { number, end, cancelled: false, shields });
    }

    /// Ends a scope and those inside of it.
    pub(crate) fn leave(&self, number: i64) {
        let mut scopes = self.scopes.borrow_mut();
        if let Some(place) = scopes.iter().position(|scope| scope.number == number) {
            scopes.truncate(place);
        }
        if scopes.is_empty() {
            self.refusals.set(0);
        }
    }

    /// Cancels a scope; false when it is over.
    pub(crate) fn cancel_scope(&self, number: i64) -> bool {
        let mut scopes = self.scopes.borrow_mut();
        let scope = scopes.iter_mut().find(|scope| scope.number == number);
        scope.map(|scope| scope.cancelled = true).is_some()
    }
}

/// How far the waiting call of a task has come. It is made again from its beginning when it may go on.
#[derive(Default)]
pub(crate) struct CallProgress {
    pub(crate) deadline: Cell<Deadline>,
    /// On a blocking socket, when the system's own timeout ends.
    pub(crate) limit: Cell<Deadline>,
    /// How many bytes were transferred, or taken.
    pub(crate) count: Cell<u64>,
    /// Where the work began, in a file.
    pub(crate) start: Cell<i64>,
    /// Something that must not be done twice was done.
    pub(crate) begun: Cell<bool>,
    /// How often it was tried.
    pub(crate) tries: Cell<u32>,
    /// The number of audit events that were raised, and the number that this attempt has reached.
    raised: Cell<u32>,
    seen: Cell<u32>,
    pub(crate) address: Cell<Option<Box<Address>>>,
    pub(crate) bytes: RefCell<Vec<u8>>,
    pub(crate) attempts: Cell<Option<Box<Attempts>>>,
}

impl CallProgress {
    /// A new call begins.
    pub(crate) fn begin(&self) {
        self.deadline.set(Deadline::NotStarted);
        self.limit.set(Deadline::NotStarted);
        self.count.set(0);
        self.begun.set(false);
        self.tries.set(0);
        self.raised.set(0);
        self.seen.set(0);
        drop(self.address.take());
        drop(self.attempts.take());
        if self.bytes.borrow().capacity() > 0 {
            drop(self.bytes.take());
        }
    }

    /// Takes the attempts to connect. The events that follow have not been raised before.
    pub(crate) fn take_attempts(&self) -> Option<Box<Attempts>> {
        self.seen.set(self.raised.get());
        self.attempts.take()
    }

    /// An attempt to connect has failed: the next one begins.
    pub(crate) fn next_attempt(&self) {
        self.deadline.set(Deadline::NotStarted);
        self.limit.set(Deadline::NotStarted);
        self.begun.set(false);
        self.tries.set(0);
    }

    /// The same call is made again.
    pub(crate) fn again(&self) {
        self.seen.set(0);
    }

    /// Whether an earlier attempt raised the next audit event of the call. Counts it as raised.
    pub(crate) fn was_raised(&self) -> bool {
        let seen = self.seen.get() + 1;
        self.seen.set(seen);
        let before = seen <= self.raised.get();
        self.raised.set(self.raised.get().max(seen));
        before
    }
}
