//! What a host lets the scripts of a Lua state use.

mod max_wait;
mod network;
mod reach;
mod rules;
mod share;
mod switch;
mod trace;
mod traffic;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) use rules::Rules;
pub(crate) use share::Share;
pub use switch::Switch;
use traffic::Direction;

use crate::error::{Cause, Error, Result};
use crate::memory::NumberHasher;
use crate::sys::{self, Descriptor, Errno, Ready, Waker};

/// The counters of a Lua state: see [`stats`](crate::stats).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// How many sockets are open.
    pub sockets: usize,
    /// How many sockets were opened: made, accepted, or given by the host.
    pub made: u64,
    /// How many sockets were refused because of [`Builder::max_sockets`](crate::Builder::max_sockets).
    pub refused: u64,
    /// How many bytes were received.
    pub received: u64,
    /// How many calls received bytes.
    pub receives: u64,
    /// How many bytes were sent.
    pub sent: u64,
    /// How many calls sent bytes.
    pub sends: u64,
    /// How often calls waited outside of tasks.
    pub waits: u64,
    /// For how long they waited in all.
    pub waited: Duration,
    /// How many bytes streams buffer.
    pub buffered: usize,
    /// How many tasks have not ended.
    pub tasks: usize,
}

/// The limits that a host sets; `None` where there is none.
#[derive(Clone, Default)]
pub(crate) struct LimitSettings {
    pub(crate) max_sockets: Option<usize>,
    pub(crate) switch: Option<Switch>,
    /// The longest time for which one call may block the thread.
    pub(crate) max_wait: Option<Duration>,
    /// The most bytes that all streams buffer.
    pub(crate) max_buffered: Option<usize>,
    pub(crate) max_tasks: Option<usize>,
    /// Bytes a second to send and to receive.
    pub(crate) bandwidth: (Option<u64>, Option<u64>),
    /// Whether to count what sockets do.
    pub(crate) counts: bool,
    /// Whether the host is told what calls have done.
    pub(crate) traces: bool,
    /// Which addresses and names scripts may use.
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
    /// Whether calls have to check the limits.
    looks: Cell<bool>,
    /// Whether calls must not block in a system call, but wait in [`Limits::wait`], which the host can end.
    guards: Cell<bool>,
    /// Whether the tasks were cancelled with the state.
    told: Cell<bool>,
    switch: RefCell<Option<(Switch, Arc<Waker>)>>,
    /// How many calls of `close_all` the state has done.
    closings: Cell<usize>,
    /// The longest time for which one call may block the thread, and when the running call made its first system call.
    max_wait: Cell<Option<Duration>>,
    begun: Cell<Option<Instant>>,
    received: Direction,
    sent: Direction,
    /// How often calls waited outside of tasks, and for how long in all.
    waits: Cell<u64>,
    waited: Cell<Duration>,
    /// Whether the host is told what calls have done, when the running call began, and when the last call of each task
    /// did, by the task's place.
    traces: Cell<bool>,
    traced_since: Cell<Option<Instant>>,
    traced_tasks: RefCell<HashMap<u32, Instant, BuildHasherDefault<NumberHasher>>>,
    /// How many sockets were opened, and how many were refused.
    made: Cell<u64>,
    refused: Cell<u64>,
    max_buffered: Cell<Option<usize>>,
    /// How many bytes all streams buffer, and the calls of tasks that wait.
    buffered: RefCell<Option<Rc<Cell<usize>>>>,
    /// Whether the host has set rules.
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
        if let Some(switch) = &settings.switch {
            self.set_switch(switch)?;
        }
        *self.rules.borrow_mut() = settings.rules.clone();
        self.judges.set(settings.rules.is_some());
        self.max_wait.set(settings.max_wait);
        self.guards.set(settings.switch.is_some() || settings.max_wait.is_some());
        self.max_buffered.set(settings.max_buffered);
        let (send, receive) = settings.bandwidth;
        self.sent.set_rate(send);
        self.received.set_rate(receive);
        self.traces.set(settings.traces);
        let judges = settings.rules.is_some();
        self.looks.set(self.guards.get() || judges || settings.counts_calls() || settings.max_buffered.is_some());
        Ok(())
    }

    /// Fails with EAGAIN when there are as many tasks as the host allows.
    pub(crate) fn check_tasks(&self, living: usize) -> Result<()> {
        match self.max_tasks.get() {
            Some(most) if living >= most => Err(Error::named(Errno::WOULD_BLOCK, "more tasks than the host allows")),
            _ => Ok(()),
        }
    }

    /// Whether calls have to check the limits.
    pub(crate) fn looks(&self) -> bool {
        self.looks.get()
    }

    /// Whether calls must not block in a system call.
    pub(crate) fn guards(&self) -> bool {
        self.guards.get()
    }

    /// Waits until a descriptor is ready; false when the time is over. Fails when the call has used up its time, and
    /// with ECANCELED when the switch is used.
    pub(crate) fn wait(
        &self,
        awaited: &[Descriptor],
        readiness: Ready,
        time: Option<Duration>,
    ) -> std::result::Result<bool, Cause> {
        let (time, over) = match self.shorten(time) {
            Ok(time) => (time, None),
            Err(cause) => (Some(Duration::ZERO), Some(cause)),
        };
        let begun = Instant::now();
        let is_ready = sys::wait_or_wake(awaited, readiness, self.waker(), time).map_err(Cause::System);
        self.waited_since(begun);
        match (is_ready?, over) {
            (false, Some(cause)) => Err(cause),
            (is_ready, _) => Ok(is_ready),
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

    /// How many bytes a stream may buffer that buffers `held` now.
    pub(crate) fn room_to_buffer(&self, held: usize) -> usize {
        let most = self.max_buffered.get().unwrap_or(usize::MAX);
        most.saturating_sub(self.buffered().saturating_sub(held))
    }

    fn buffered(&self) -> usize {
        self.buffered.borrow().as_ref().map_or(0, |count| count.get())
    }

    /// Records that a stream which buffered `before` bytes buffers `now`.
    pub(crate) fn buffer(&self, before: usize, now: usize) {
        let mut buffered = self.buffered.borrow_mut();
        let count = buffered.get_or_insert_default();
        count.set(count.get().saturating_sub(before) + now);
    }

    /// Counts bytes that the parked call of a task holds.
    pub(crate) fn share(&self, size: usize) -> Share {
        Share::among(self.buffered.borrow_mut().get_or_insert_default(), size)
    }

    /// Whether more than half of the bytes are buffered that may be.
    pub(crate) fn is_scarce(&self) -> bool {
        self.max_buffered.get().is_some_and(|most| self.buffered() > most / 2)
    }

    /// Whether the host limits what is buffered.
    pub(crate) fn limits_buffers(&self) -> bool {
        self.max_buffered.get().is_some()
    }

    /// Counts a new socket.
    pub(crate) fn count_socket(&self) {
        self.made.set(self.made.get() + 1);
    }

    /// The counters, with the numbers of open sockets and of tasks.
    pub(crate) fn stats(&self, sockets: usize, tasks: usize) -> Stats {
        let (received, receives) = self.counts(Ready::READ);
        let (sent, sends) = self.counts(Ready::WRITE);
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
            buffered: self.buffered(),
            tasks,
        }
    }

    /// Frees the memory when the Lua state is closed.
    pub(crate) fn end(&self) {
        self.end_trace();
        self.places.take();
        self.buffered.take();
        self.switch.take();
        self.rules.take();
    }
}
