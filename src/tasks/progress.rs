//! What most tasks do not need, such as what a parked call has done already. After its wait, the scheduler makes the
//! call again from its beginning.

use std::mem;
use std::sync::Arc;

use super::scope::Scope;
use super::timers::END;
use super::{Id, Task};
use crate::address::Address;
use crate::limits::Share;
use crate::resolver::{Answer, Question, Ticket};
use crate::socket::{Attempts, Deadline};
#[cfg(unix)]
use crate::sys::Queue;
use crate::sys::{self, Errno};

/// What most tasks do not need.
#[derive(Default)]
pub(super) struct Extra {
    pub(super) scopes: Vec<Scope>,
    /// How many calls have failed because it was cancelled or a timeout has expired.
    pub(super) refusals: u8,
    /// The tasks that wait for its end.
    pub(super) joiners: Vec<Id>,
    pub(super) group: i64,
    /// Why the descriptor that it waits for could not be watched.
    pub(super) unwatched: Option<Errno>,
    // What follows is the call's.
    /// How many bytes were transferred or buffered.
    pub(super) count: u64,
    /// The position in the file at which `sendfile` began.
    pub(super) start: i64,
    /// The number of attempts.
    pub(super) tries: u32,
    pub(super) address: Option<Box<Address>>,
    pub(super) bytes: Vec<u8>,
    /// Counts the bytes where the host limits them.
    pub(super) share: Option<Share>,
    pub(super) attempts: Option<Box<Attempts>>,
    /// The look-ups that are done, and the one that the call waits for.
    pub(super) answers: Vec<(Question, Answer)>,
    pub(super) ticket: Option<Arc<Ticket>>,
    /// What a call watches that waits for several descriptors.
    #[cfg(unix)]
    pub(super) queue: Option<Box<Queue>>,
}

impl Extra {
    /// Called when a call begins: removes what belongs to the one before.
    pub(super) fn begin(&mut self) {
        *self = Extra {
            scopes: mem::take(&mut self.scopes),
            refusals: self.refusals,
            joiners: mem::take(&mut self.joiners),
            group: self.group,
            unwatched: self.unwatched,
            ..Extra::default()
        };
    }
}

impl Task {
    /// Called when a call begins, or the next of several attempts to connect.
    pub(super) fn begin_attempts(&self) {
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
        if self.timed.get() { Deadline::At(self.time(END).map(sys::from_nanoseconds)) } else { Deadline::NotStarted }
    }

    pub(crate) fn set_deadline(&self, deadline: Deadline) {
        self.timed.set(!matches!(deadline, Deadline::NotStarted));
        self.set_time(END, deadline.end().map(sys::to_nanoseconds));
    }

    /// Called when the call is made again.
    pub(crate) fn begin_again(&self) {
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
