//! Scopes of a task: the functions that `timeout_after`, `shield` and `group` call.

use std::time::Instant;

use super::Task;
use super::progress::Extra;
use crate::error::{Cause, Error, Result};
use crate::sys::Errno;

/// How many calls of a task fail because it was cancelled or a timeout has expired, before one raises an error.
const MOST_REFUSALS: u8 = 100;

/// A function that a task has entered.
pub(super) struct Scope {
    number: i64,
    end: Option<Instant>,
    cancelled: bool,
    /// Cancellations and timeouts from outside have no effect inside.
    shields: bool,
}

impl Task {
    /// The earliest timeout of the scopes inside the innermost shield.
    pub(crate) fn scope_end(&self) -> Option<Instant> {
        self.peek(|Extra { scopes, .. }| {
            let inner = scopes.iter().rposition(|scope| scope.shields).unwrap_or(0);
            scopes[inner..].iter().filter_map(|scope| scope.end).min()
        })
    }

    /// Fails if the task or one of its scopes was cancelled, or if a timeout has expired.
    #[inline(always)]
    pub(crate) fn check(&self) -> std::result::Result<(), Cause> {
        let Some(extra) = self.extra.take() else {
            return if self.cancelled.get() { Err(Cause::System(Errno::CANCELED)) } else { Ok(()) };
        };
        let checked = extra.check(self.cancelled.get());
        self.extra.set(Some(extra));
        checked
    }

    /// Counts a call that fails because of `cause`. Returns the error to raise if there were too many.
    pub(super) fn refuse(&self, cause: Cause) -> Result<()> {
        let count = self.with_extra(|extra| {
            extra.refusals = (extra.refusals + 1) % MOST_REFUSALS;
            extra.refusals
        });
        if count > 0 {
            return Ok(());
        }
        Err(match cause {
            Cause::Timeout => Error::named(Errno::CANCELED, "100 calls failed since the timeout"),
            _ => Error::named(Errno::CANCELED, "100 calls failed since the task was cancelled"),
        }
        .raised())
    }

    pub(crate) fn enter(&self, number: i64, end: Option<Instant>, shields: bool) {
        self.with_extra(|extra| extra.scopes.push(Scope { number, end, cancelled: false, shields }));
    }

    /// Leaves a scope and those inside of it.
    pub(crate) fn leave(&self, number: i64) {
        self.peek(|Extra { scopes, refusals, .. }| {
            if let Some(place) = scopes.iter().position(|scope| scope.number == number) {
                scopes.truncate(place);
            }
            if scopes.is_empty() {
                *refusals = 0;
            }
        });
    }

    /// The numbers of the scopes that the task has not left.
    pub(super) fn scopes(&self) -> Vec<i64> {
        self.peek(|Extra { scopes, .. }| scopes.iter().map(|scope| scope.number).collect())
    }

    /// Cancels a scope. Returns false if the task has left it.
    pub(crate) fn cancel_scope(&self, number: i64) -> bool {
        self.peek(|Extra { scopes, .. }| {
            let scope = scopes.iter_mut().find(|scope| scope.number == number);
            scope.map(|scope| scope.cancelled = true).is_some()
        })
    }
}

impl Extra {
    fn check(&self, cancelled: bool) -> std::result::Result<(), Cause> {
        let shield = self.scopes.iter().rposition(|scope| scope.shields);
        let inner = &self.scopes[shield.unwrap_or(0)..];
        if inner.iter().any(|scope| scope.cancelled) || shield.is_none() && cancelled {
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
}
