//! `tasks.fileno`: a descriptor for an event loop, readable when a step has something to do.

use std::cell::{Cell, RefCell};
use std::time::Instant;

use super::Scheduler;
use crate::error::Result;
use crate::sys::{self, Alarm, Descriptor};

/// Makes the poller's queue readable for timeouts and for tasks that are ready. Empty until `fileno` is called.
#[derive(Default)]
pub(super) struct Watch {
    alarm: RefCell<Option<Alarm>>,
    /// When the alarm expires.
    time: Cell<Option<Instant>>,
    /// Whether the alarm has been rung since the last step.
    rung: Cell<bool>,
}

impl Scheduler {
    /// The descriptor of the poller's queue. A forked process has another one.
    pub(crate) fn fileno(&self) -> Result<Descriptor> {
        self.check()?;
        self.check_process();
        let mut slots = self.slots.borrow_mut();
        let queue = slots.queue()?;
        let fd = queue.fd();
        if self.watch.alarm.borrow().is_none() {
            let alarm = Alarm::new(queue)?;
            self.watch.alarm.replace(Some(alarm));
            drop(slots);
            self.set_alarm();
        }
        Ok(fd)
    }

    /// Called after a step: sets the alarm to the next timeout, or rings it if a task is ready.
    pub(super) fn set_alarm(&self) {
        let alarm = self.watch.alarm.borrow();
        let Some(alarm) = &*alarm else { return };
        let time = self.next_time();
        if self.watch.time.replace(time) != time {
            alarm.set(time.map(|time| time.saturating_duration_since(Instant::now())));
        }
        self.watch.rung.set(!self.ready.borrow().is_empty());
        if self.watch.rung.get() {
            alarm.ring();
        }
    }

    /// Called when a task becomes ready outside of a step. Does not ring the parent's alarm in a forked process.
    #[cold]
    pub(super) fn ring(&self) {
        if let Some(alarm) = &*self.watch.alarm.borrow()
            && !self.watch.rung.get()
            && self.forks.get() == sys::forks()
        {
            self.watch.rung.set(true);
            alarm.ring();
        }
    }

    /// Closes the alarm of a queue that is closed.
    pub(super) fn drop_alarm(&self) {
        self.watch.alarm.take();
        self.watch.time.set(None);
        self.watch.rung.set(false);
    }
}
