//! What a parked call has done already. After its wait, the scheduler makes the call again from its beginning.

use std::cell::Cell;

use super::moment::Moment;
use super::names::Names;
use crate::address::Address;
use crate::socket::{Attempts, Deadline};
use crate::sys::Queue;

/// What most calls need; [`Work`] has the rest.
#[derive(Default)]
pub(crate) struct CallProgress {
    /// The deadline, if `timed`.
    end: Cell<Option<Moment>>,
    timed: Cell<bool>,
    /// Whether the call has done what it must not do twice.
    pub(crate) begun: Cell<bool>,
    /// Whether `wake` has ended the wait.
    pub(crate) woken: Cell<bool>,
    /// How many audit events the call has raised, and how many of them this attempt has passed.
    raised: Cell<u16>,
    seen: Cell<u16>,
}

/// What only some calls need.
#[derive(Default)]
pub(super) struct Work {
    /// How many bytes were transferred or buffered.
    pub(super) count: u64,
    /// The position in the file at which `sendfile` began.
    pub(super) start: i64,
    /// The number of attempts.
    pub(super) tries: u32,
    pub(super) address: Option<Box<Address>>,
    pub(super) bytes: Vec<u8>,
    pub(super) attempts: Option<Box<Attempts>>,
    pub(super) names: Option<Box<Names>>,
    /// What a call watches that waits for several descriptors.
    pub(super) queue: Option<Box<Queue>>,
}

impl CallProgress {
    /// Called when a call begins, or the next of several attempts to connect.
    pub(super) fn begin(&self) {
        self.timed.set(false);
        self.begun.set(false);
    }

    /// Called when a call begins: it has raised no audit event yet.
    pub(super) fn forget_events(&self) {
        self.raised.set(0);
        self.seen.set(0);
    }

    /// The number of audit events that this attempt has passed.
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

    /// Called when the call is made again.
    pub(crate) fn again(&self) {
        self.seen.set(0);
    }

    /// The next audit event is one that no earlier attempt has raised.
    pub(super) fn pass_events(&self) {
        self.seen.set(self.raised.get());
    }

    /// Returns whether an earlier attempt has raised the next audit event, which counts as raised from now on.
    pub(crate) fn was_raised(&self) -> bool {
        let seen = self.seen.get().saturating_add(1);
        self.seen.set(seen);
        let before = seen <= self.raised.get();
        self.raised.set(self.raised.get().max(seen));
        before
    }
}
