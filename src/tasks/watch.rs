//! The descriptor that a host's own loop watches: it is ready to read when a step has something to do.

use std::cell::{Cell, RefCell};
use std::time::Instant;

use super::Scheduler;
use crate::error::Result;
use crate::sys::{self, Alarm, Descriptor};

/// What makes the poller's queue ready where no descriptor does; nothing until a host asks for the descriptor.
#[derive(Default)]
pub(super) struct Watch {
    alarm: RefCell<Option<Alarm>>,
    /// The time that the alarm is set to.
    time: Cell<Option<Instant>>,
    /// A task became ready since the last step, and the alarm was rung.
    rung: Cell<bool>,
}

impl Scheduler {
    /// The descriptor of the poller's queue. In a process that was forked it is another one.
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

    /// Called when a step is over: the alarm is set for what the next one has to do.
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

    /// A task became ready outside of a step. The parent's alarm is left alone in a process that was forked.
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

    /// The alarm belongs to a queue that is no more.
    pub(super) fn drop_alarm(&self) {
        self.watch.alarm.take();
        self.watch.time.set(None);
        self.watch.rung.set(false);
    }
}
