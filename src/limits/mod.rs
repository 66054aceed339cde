//! What a host lets the scripts of a Lua state use.

mod ceiling;
mod network;
mod reach;
mod rules;
mod share;
mod switch;
mod trace;
mod traffic;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

pub(crate) use rules::Rules;
pub(crate) use share::Share;
pub use switch::Switch;
use switch::SwitchWatch;
use trace::Trace;
use traffic::Direction;

use crate::error::{Cause, Error, Result};
use crate::sys::{self, Descriptor, Ended, Errno, Readiness};

/// What the sockets of a Lua state have done, and what they hold: see [`stats`](crate::stats).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// How many sockets are open.
    pub sockets: usize,
    /// How many sockets there were: made, accepted, given.
    pub made: u64,
    /// How many there were not, because of [`Builder::max_sockets`](crate::Builder::max_sockets).
    pub refused: u64,
    /// The bytes that were received, and the calls that received them.
    pub received: u64,
    /// See `received`.
    pub receives: u64,
    /// The bytes that were sent, and the calls that sent them.
    pub sent: u64,
    /// See `sent`.
    pub sends: u64,
    /// How often calls waited outside of tasks, and for how long in all.
    pub waits: u64,
    /// See `waits`.
    pub waited: Duration,
    /// How many bytes streams hold.
    pub buffered: usize,
    /// How many tasks have not ended.
    pub tasks: usize,
}

/// The limits that a host sets; `None` where there is none.
#[derive(Clone, Default)]
pub(crate) struct LimitSettings {
    pub(crate) max_sockets: Option<usize>,
    pub(crate) switch: Option<Switch>,
    /// The longest time for which one call may hold up the thread.
    pub(crate) max_wait: Option<Duration>,
    /// The most bytes that all streams hold.
    pub(crate) max_buffered: Option<usize>,
    pub(crate) max_tasks: Option<usize>,
    /// Bytes a second to send and to receive.
    pub(crate) bandwidth: (Option<u64>, Option<u64>),
    /// Whether to count what sockets do.
    pub(crate) counts: bool,
    /// Whether the host is told what calls have done.
    pub(crate) traces: bool,
    /// Whom scripts may reach.
    pub(crate) rules: Option<Rules>,
}

impl LimitSettings {
    /// Whether what each call moves is counted.
    pub(crate) fn counts_calls(&self) -> bool {
        self.counts || self.traces || self.bandwidth != (None, None)
    }
}

/// The limits of a Lua state, and what its scripts use of them.
#[derive(Default)]
pub(crate) struct Limits {
    /// Calls have to look at the limits.
    looks: Cell<bool>,
    /// No call may sleep where nothing can end it: it waits here instead.
    guards: Cell<bool>,
    /// The tasks know that the state was cancelled.
    told: Cell<bool>,
    switch: RefCell<Option<SwitchWatch>>,
    /// The longest time for which one call may hold up the thread, and when the running call began.
    max_wait: Cell<Option<Duration>>,
    begun: Cell<Option<Instant>>,
    received: Direction,
    sent: Direction,
    /// How often calls waited outside of tasks, and for how long in all.
    waits: Cell<u64>,
    waited: Cell<Duration>,
    pub(crate) trace: Trace,
    /// How many sockets there were, and how many there were not for the limit.
    made: Cell<u64>,
    refused: Cell<u64>,
    max_buffered: Cell<Option<usize>>,
    /// How many bytes all streams hold, and calls of tasks that wait.
    buffered: Rc<Cell<usize>>,
    /// The host has set rules.
    judges: Cell<bool>,
    rules: RefCell<Option<Rules>>,
    max_sockets: Cell<Option<usize>>,
    max_tasks: Cell<Option<usize>>,
    /// Has one more owner for each socket that Lua does not have yet, and for each selector.
    places: RefCell<Option<Rc<()>>>,
}

impl Limits {
    /// Sets the limits of a Lua state that was just opened.
    pub(crate) fn set(&self, settings: &LimitSettings) -> std::result::Result<(), Errno> {
        self.max_sockets.set(settings.max_sockets);
        self.max_tasks.set(settings.max_tasks);
        *self.places.borrow_mut() = settings.max_sockets.map(|_| Rc::default());
        *self.switch.borrow_mut() = settings.switch.as_ref().map(SwitchWatch::new).transpose()?;
        *self.rules.borrow_mut() = settings.rules.clone();
        self.judges.set(settings.rules.is_some());
        self.max_wait.set(settings.max_wait);
        self.guards.set(settings.switch.is_some() || settings.max_wait.is_some());
        self.max_buffered.set(settings.max_buffered);
        let (send, receive) = settings.bandwidth;
        self.sent.set_rate(send);
        self.received.set_rate(receive);
        self.trace.set(settings.traces);
        let judges = settings.rules.is_some();
        self.looks.set(self.guards.get() || judges || settings.counts_calls() || settings.max_buffered.is_some());
        Ok(())
    }

    /// Fails with EAGAIN where there may be no more than so many tasks.
    pub(crate) fn check_tasks(&self, living: usize) -> Result<()> {
        match self.max_tasks.get() {
            Some(most) if living >= most => Err(Error::named(Errno::WOULD_BLOCK, "more tasks than the host allows")),
            _ => Ok(()),
        }
    }

    /// Whether calls have to look at the limits.
    pub(crate) fn looks(&self) -> bool {
        self.looks.get()
    }

    /// Whether calls must not sleep in the kernel.
    pub(crate) fn guards(&self) -> bool {
        self.guards.get()
    }

    /// Whether the host has ended what scripts do.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.switch.borrow().as_ref().is_some_and(SwitchWatch::is_cancelled)
    }

    /// The same, once.
    pub(crate) fn was_just_cancelled(&self) -> bool {
        self.is_cancelled() && !self.told.replace(true)
    }

    /// Whether the host has asked for the sockets to be closed, once for each time.
    pub(crate) fn is_to_close(&self) -> bool {
        self.switch.borrow().as_ref().is_some_and(SwitchWatch::is_to_close)
    }

    /// The descriptor that is ready when the switch was used.
    pub(crate) fn waker(&self) -> Option<Descriptor> {
        self.switch.borrow().as_ref().map(SwitchWatch::fd)
    }

    /// Waits until a descriptor is ready, or for a time, or until the switch is used. Fails when the call has no time.
    pub(crate) fn wait(
        &self,
        awaited: &[Descriptor],
        readiness: Readiness,
        time: Option<Duration>,
    ) -> std::result::Result<Ended, Cause> {
        let (time, over) = match self.shorten(time) {
            Ok(time) => (time, None),
            Err(cause) => (Some(Duration::ZERO), Some(cause)),
        };
        let begun = Instant::now();
        let ended = sys::wait_or_wake(awaited, readiness, self.waker(), time).map_err(Cause::System);
        self.waited_since(begun);
        match (ended?, over) {
            (Ended::Time, Some(cause)) => Err(cause),
            (ended, _) => Ok(ended),
        }
    }

    /// A place for one more socket or selector beside the `open` sockets: dropping it gives it back. Fails with EMFILE
    /// when there are too many.
    pub(crate) fn place(&self, open: usize) -> Result<Option<Rc<()>>> {
        let Some(most) = self.max_sockets.get() else { return Ok(None) };
        let places = self.places.borrow();
        let held = places.as_ref().map_or(0, |places| Rc::strong_count(places) - 1);
        if open + held >= most {
            self.refused.set(self.refused.get() + 1);
            return Err(Error::named(Errno::TOO_MANY_FILES, "more sockets than the host allows"));
        }
        Ok(places.clone())
    }

    /// The most bytes for the buffers of a stream that holds so many already.
    pub(crate) fn room_to_buffer(&self, held: usize) -> usize {
        let most = self.max_buffered.get().unwrap_or(usize::MAX);
        most.saturating_sub(self.buffered.get().saturating_sub(held))
    }

    /// A stream holds another number of bytes.
    pub(crate) fn buffer(&self, before: usize, now: usize) {
        self.buffered.set(self.buffered.get().saturating_sub(before) + now);
    }

    /// Counts bytes that the parked call of a task holds.
    pub(crate) fn share(&self, size: usize) -> Share {
        Share::among(&self.buffered, size)
    }

    /// Whether more than half of what may be buffered is in use.
    pub(crate) fn is_scarce(&self) -> bool {
        self.max_buffered.get().is_some_and(|most| self.buffered.get() > most / 2)
    }

    /// Whether the host limits what is buffered.
    pub(crate) fn limits_buffers(&self) -> bool {
        self.max_buffered.get().is_some()
    }

    /// A socket was made.
    pub(crate) fn count_socket(&self) {
        self.made.set(self.made.get() + 1);
    }

    /// What was counted. Sockets and tasks are known elsewhere.
    pub(crate) fn stats(&self, sockets: usize, tasks: usize) -> Stats {
        let (received, receives) = self.counts(Readiness::Read);
        let (sent, sends) = self.counts(Readiness::Write);
        Stats {
            sockets,
            made: self.made.get(),
            refused: self.refused.get(),
            received,
            receives,
            sent,
            sends,
            waits: self.waits.get(),
            waited: self.waited.get(),
            buffered: self.buffered.get(),
            tasks,
        }
    }

    /// The Lua state is being closed: gives back the memory.
    pub(crate) fn end(&self) {
        self.trace.end();
        self.places.take();
        self.switch.take();
        self.rules.take();
    }
}
