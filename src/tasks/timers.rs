//! Timeouts of waits. A wait that ends early leaves its entry in the heap. When the entry expires and the task waits
//! with a later timeout, an entry with that timeout is added.

use std::cmp::Reverse;
use std::num::NonZeroU64;
use std::time::Instant;

use super::{Id, Scheduler, Status, Task};
use crate::sys;

/// The times of a task, in `Task::times`: when its wait times out, that of its entry in the timers, and the deadline of
/// the call.
pub(super) const WAKE: usize = 0;
pub(super) const ENTRY: usize = 1;
pub(super) const END: usize = 2;

impl Task {
    #[inline(always)]
    pub(super) fn time(&self, which: usize) -> Option<NonZeroU64> {
        let times = self.times.take()?;
        let time = times[which];
        self.times.set(Some(times));
        time
    }

    #[inline(always)]
    pub(super) fn set_time(&self, which: usize, time: Option<NonZeroU64>) {
        let times = self.times.take();
        if times.is_some() || time.is_some() {
            let mut times = times.unwrap_or_default();
            times[which] = time;
            self.times.set(Some(times));
        }
    }
}

impl Scheduler {
    /// Wakes a task at a time, unless its wait ends before.
    pub(super) fn set_timer(&self, id: Id, time: NonZeroU64) {
        let Some(task) = self.task(id) else { return };
        if task.time(ENTRY).is_none_or(|entry| time < entry) {
            task.set_time(ENTRY, Some(time));
            self.timers.borrow_mut().push(Reverse((time, id)));
        }
    }

    /// When the next entry expires.
    pub(super) fn next_time(&self) -> Option<Instant> {
        self.next_entry().map(sys::from_nanoseconds)
    }

    fn next_entry(&self) -> Option<NonZeroU64> {
        let mut timers = self.timers.borrow_mut();
        loop {
            let Reverse((time, id)) = *timers.peek()?;
            if self.task(id).is_some_and(|task| task.time(ENTRY) == Some(time)) {
                return Some(time);
            }
            timers.pop();
        }
    }

    /// Wakes the tasks whose waits have timed out.
    pub(super) fn fire(&self) {
        if self.next_entry().is_none() {
            return;
        }
        let now = sys::to_nanoseconds(Instant::now());
        while self.next_entry().is_some_and(|time| time <= now) {
            let Some(Reverse((time, id))) = self.timers.borrow_mut().pop() else { return };
            let Some(task) = self.task(id).filter(|task| task.time(ENTRY) == Some(time)) else { continue };
            task.set_time(ENTRY, None);
            match task.time(WAKE) {
                Some(wake) if task.status.get() == Status::Waiting && wake > now => self.set_timer(id, wake),
                Some(_) => self.wake(id),
                None => {}
            }
        }
    }
}
