//! Timeouts of waits. A wait that ends early leaves its entry in the heap. When the entry expires and the task waits
//! with a later timeout, an entry with that timeout is added.

use std::cmp::Reverse;
use std::time::Instant;

use super::moment::Moment;
use super::{Id, Scheduler, Status, Task};

/// The times of a task, by `TaskTime`.
pub(super) type Times = [Option<Moment>; 3];

/// A time of a task.
#[derive(Clone, Copy)]
pub(super) enum TaskTime {
    /// When its wait times out.
    Wake,
    /// That of its entry in the timers.
    Entry,
    /// The deadline of the call.
    End,
}

impl Task {
    #[inline(always)]
    pub(super) fn time(&self, which: TaskTime) -> Option<Moment> {
        let times = self.times.take()?;
        let time = times[which as usize];
        self.times.set(Some(times));
        time
    }

    #[inline(always)]
    pub(super) fn set_time(&self, which: TaskTime, time: Option<Moment>) {
        let times = self.times.take();
        if times.is_some() || time.is_some() {
            let mut times = times.unwrap_or_default();
            times[which as usize] = time;
            self.times.set(Some(times));
        }
    }
}

impl Scheduler {
    /// Wakes a task at a time, unless its wait ends before.
    pub(super) fn set_timer(&self, id: Id, time: Moment) {
        let Some(task) = self.task(id) else { return };
        if task.time(TaskTime::Entry).is_none_or(|entry| time < entry) {
            task.set_time(TaskTime::Entry, Some(time));
            self.timers.borrow_mut().push(Reverse((time, id)));
        }
    }

    /// When the next entry expires.
    pub(super) fn next_time(&self) -> Option<Instant> {
        self.next_moment().map(Into::into)
    }

    fn next_moment(&self) -> Option<Moment> {
        let mut timers = self.timers.borrow_mut();
        loop {
            let Reverse((time, id)) = *timers.peek()?;
            if self.task(id).is_some_and(|task| task.time(TaskTime::Entry) == Some(time)) {
                return Some(time);
            }
            timers.pop();
        }
    }

    /// Wakes the tasks whose waits have timed out.
    pub(super) fn fire(&self) {
        if self.next_moment().is_none() {
            return;
        }
        let now = Moment::from(Instant::now());
        while self.next_moment().is_some_and(|time| time <= now) {
            let Some(Reverse((time, id))) = self.timers.borrow_mut().pop() else { return };
            let Some(task) = self.task(id).filter(|task| task.time(TaskTime::Entry) == Some(time)) else { continue };
            task.set_time(TaskTime::Entry, None);
            match task.time(TaskTime::Wake) {
                Some(wake) if task.status.get() == Status::Waiting && wake > now => self.set_timer(id, wake),
                Some(_) => self.wake(id),
                None => {}
            }
        }
    }
}
