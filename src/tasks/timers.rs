//! Timeouts of waits. A wait that ends early leaves its entry in the heap. When the entry expires and the task waits
//! with a later timeout, an entry with that timeout is added.

use std::cmp::Reverse;
use std::time::Instant;

use super::moment::Moment;
use super::{Id, Scheduler, Status};

impl Scheduler {
    /// Wakes a task at a time, unless its wait ends before.
    pub(super) fn set_timer(&self, id: Id, time: Moment) {
        let Some(task) = self.task(id) else { return };
        if task.listed.get().is_none_or(|listed| time < listed) {
            task.listed.set(Some(time));
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
            if self.task(id).is_some_and(|task| task.listed.get() == Some(time)) {
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
            let Some(task) = self.task(id).filter(|task| task.listed.get() == Some(time)) else { continue };
            task.listed.set(None);
            match task.wake.get() {
                Some(wake) if task.status.get() == Status::Waiting && wake > now => self.set_timer(id, wake),
                Some(_) => self.wake(id),
                None => {}
            }
        }
    }
}
