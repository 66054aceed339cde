//! `tasks.fileno`: a descriptor for an event loop, readable when a step has something to do.

use std::time::Instant;

use super::Scheduler;
use crate::error::Result;
use crate::sys::{self, Descriptor};

impl Scheduler {
    /// The descriptor of the poller's queue. A forked process has another one.
    pub(crate) fn fileno(&self) -> Result<Descriptor> {
        self.check()?;
        self.check_process();
        let mut slots = self.slots.borrow_mut();
        let queue = slots.queue()?;
        let fd = queue.fd();
        if !queue.has_alarm() {
            queue.add_alarm()?;
            drop(slots);
            self.alarm_time.set(None);
            self.set_alarm();
        }
        Ok(fd)
    }

    /// Called after a step: sets the alarm to the next timeout, or rings it if a task is ready.
    pub(super) fn set_alarm(&self) {
        let slots = self.slots.borrow();
        let Some(queue) = slots.alarmed() else { return };
        let time = self.next_time();
        if self.alarm_time.replace(time) != time {
            queue.set_alarm(time.map(|time| time.saturating_duration_since(Instant::now())));
        }
        self.alarm_rung.set(!self.ready.borrow().is_empty());
        if self.alarm_rung.get() {
            queue.ring();
        }
    }

    /// Called when a task becomes ready outside of a step. Does not ring the parent's alarm in a forked process.
    #[cold]
    pub(super) fn ring(&self) {
        // While a descriptor is forgotten, `forget_slot` rings afterwards.
        if let Ok(slots) = self.slots.try_borrow()
            && let Some(queue) = slots.alarmed()
            && !self.alarm_rung.get()
            && self.forks.get() == sys::forks()
        {
            self.alarm_rung.set(true);
            queue.ring();
        }
    }
}
