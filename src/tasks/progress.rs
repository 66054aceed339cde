//! How far the waiting call of a task has come. It is made again from its beginning when it may go on.

use std::cell::Cell;

use super::moment::Moment;
use super::names::Names;
use crate::address::Address;
use crate::socket::{Attempts, Deadline};

/// What most calls need of it; the rest is [`Work`].
#[derive(Default)]
pub(crate) struct CallProgress {
    /// The time of the deadline, which `timed` says has started.
    end: Cell<Option<Moment>>,
    timed: Cell<bool>,
    /// Something that must not be done twice was done.
    pub(crate) begun: Cell<bool>,
    /// Somebody ended a wait that nothing else ends.
    pub(crate) woken: Cell<bool>,
    /// The number of audit events that were raised, and the number that this attempt has reached.
    raised: Cell<u16>,
    seen: Cell<u16>,
}

/// What only some calls need.
#[derive(Default)]
pub(super) struct Work {
    /// How many bytes were transferred, or taken.
    pub(super) count: u64,
    /// Where the work began, in a file.
    pub(super) start: i64,
    /// How often it was tried.
    pub(super) tries: u32,
    pub(super) address: Option<Box<Address>>,
    pub(super) bytes: Vec<u8>,
    pub(super) attempts: Option<Box<Attempts>>,
    pub(super) names: Option<Box<Names>>,
}

impl CallProgress {
    /// A new call begins, or the next attempt of one that makes several.
    pub(super) fn begin(&self) {
        self.timed.set(false);
        self.begun.set(false);
    }

    /// No audit event of the call has been raised.
    pub(super) fn forget_events(&self) {
        self.raised.set(0);
        self.seen.set(0);
    }

    /// The number of audit events that this attempt has reached.
    pub(crate) fn events(&self) -> u16 {
        self.seen.get()
    }

    pub(super) fn set_events(&self, count: u16) {
        self.seen.set(count);
    }

    pub(crate) fn deadline(&self) -> Deadline {
        if self.timed.get() { Deadline::At(self.end.get().map(Into::into)) } else { Deadline::NotStarted }
    }

    pub(crate) fn set_deadline(&self, deadline: Deadline) {
        self.timed.set(!matches!(deadline, Deadline::NotStarted));
        self.end.set(deadline.end().map(Into::into));
    }

    /// The same call is made again.
    pub(crate) fn again(&self) {
        self.seen.set(0);
    }

    /// Whether an earlier attempt raised the next audit event of the call. Counts it as raised.
    pub(crate) fn was_raised(&self) -> bool {
        let seen = self.seen.get().saturating_add(1);
        self.seen.set(seen);
        let before = seen <= self.raised.get();
        self.raised.set(self.raised.get().max(seen));
        before
    }
}
