//! The longest time for which one call may block the thread.

use std::time::{Duration, Instant};

use super::Limits;
use crate::error::Cause;

/// The least time that a call has which never waits, however low the limit is: with less, a call that makes two
/// system calls could fail.
const LEAST: Duration = Duration::from_millis(1);

impl Limits {
    /// A call begins.
    pub(crate) fn begin(&self) {
        self.begun.set(None);
    }

    /// When the waits of the call have to end; `None` for no limit. Its time runs from its first system call that may
    /// wait.
    pub(crate) fn end_of_wait(&self) -> Option<Instant> {
        let most = self.max_wait.get()?;
        let begun = self.begun.get().unwrap_or_else(Instant::now);
        self.begun.set(Some(begun));
        begun.checked_add(most)
    }

    /// Before a system call that may wait: fails when the call has held up the thread for too long.
    pub(crate) fn check_time(&self) -> Result<(), Cause> {
        let Some(most) = self.max_wait.get() else { return Ok(()) };
        match self.begun.get() {
            None => self.begun.set(Some(Instant::now())),
            Some(begun) if begun.elapsed() > most.max(LEAST) => return Err(Cause::Timeout),
            Some(_) => {}
        }
        Ok(())
    }

    /// The shorter of a time and what is left of the call's. Fails when nothing is.
    pub(crate) fn shorten(&self, time: Option<Duration>) -> Result<Option<Duration>, Cause> {
        let Some(end) = self.end_of_wait() else { return Ok(time) };
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() && time.is_none_or(|time| !time.is_zero()) {
            return Err(Cause::Timeout);
        }
        Ok(Some(time.map_or(left, |time| time.min(left))))
    }
}
