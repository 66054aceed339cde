//! Tasks of scripts, run by the host: `bsdsocket.tasks`, coroutines that wait without blocking each other.
//!
//! Scripts make tasks with `tasks.spawn`; the host lets them run with [`poll`]. A program with frames calls it once a
//! frame; one with a loop that waits for descriptors calls it when that of [`as_fd`] is ready to read.

// How a call waits in a task: it *parks*. It records in `Scheduler::parked` what it waits for and fails with
// `Error::Parked`; its coroutine yields the call's arguments. When the wait is over, the scheduler makes the same call
// again, and resumes the coroutine with its results. The task has what the call must not do twice.

mod driver;
mod functions;
mod gate;
mod group;
mod names;
mod objects;
mod progress;
mod run;
mod scope;
mod slot;
mod slots;
mod step;
mod table;
mod task;
mod timers;
mod watch;

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::num::NonZeroU64;
use std::time::Instant;

#[cfg(unix)]
pub use driver::as_fd;
pub use driver::{poll, timeout};
pub(crate) use functions::{BLOCKS, HOST, INDEX, sleep};
pub(crate) use gate::TaskCall;
use group::Group;
use slots::Slots;
pub(crate) use task::{Status, Task};

use crate::error::{Error, Result};
use crate::lua::{Anchored, Caller};
use crate::sys::{self, Descriptor, Errno, Ready};

/// Identifies a task: its index in `Scheduler::tasks` (24 bits), and its serial number (40 bits).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id([u32; 2]);

impl Id {
    /// The identifier of no task.
    pub(crate) const NONE: Id = Id([u32::MAX; 2]);

    /// The number of places.
    const PLACES: u32 = 1 << 24;

    fn new(place: u32, serial: i64) -> Self {
        Id([place | (serial as u32) << 24, (serial >> 8) as u32])
    }

    fn to_bits(self) -> u64 {
        u64::from(self.0[1]) << 32 | u64::from(self.0[0])
    }

    fn from_bits(bits: u64) -> Self {
        Id([bits as u32, (bits >> 32) as u32])
    }

    pub(crate) fn place(self) -> u32 {
        self.0[0] & (Self::PLACES - 1)
    }

    pub(crate) fn serial(self) -> i64 {
        i64::from(self.0[0] >> 24) | i64::from(self.0[1]) << 8
    }
}

/// What a task waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    Nothing,
    /// Until the other tasks that are ready have run.
    Yield,
    /// For a time, or until another task calls `wake`.
    Other,
    /// For a look-up.
    Name,
    /// For one of the attempts to connect.
    Attempts,
    /// For a socket.
    Socket(Descriptor, Ready),
    /// For a descriptor that is not of a socket of this library.
    Foreign(Descriptor, Ready),
    /// Until a descriptor is readable or writable; true if it is of a socket of this library.
    Both(Descriptor, bool),
}

/// The tasks of one Lua state.
#[derive(Default)]
pub(crate) struct Scheduler {
    slots: RefCell<Slots>,
    /// When the waits of tasks time out, the earliest first.
    timers: RefCell<BinaryHeap<Reverse<(NonZeroU64, Id)>>>,
    /// When the alarm of the poller's queue expires, which has one once `fileno` was called.
    alarm_time: Cell<Option<Instant>>,
    /// Whether it was rung since the last step.
    alarm_rung: Cell<bool>,
    ready: RefCell<VecDeque<Id>>,
    /// The tasks that have not ended.
    tasks: RefCell<Vec<Option<Anchored<Task>>>>,
    free: RefCell<Vec<u32>>,
    living: Cell<usize>,
    serial: Cell<i64>,
    /// How many tasks wait for a time or a descriptor.
    wakeable: Cell<usize>,
    groups: RefCell<HashMap<i64, Group>>,
    /// The last number of a group or a scope.
    number: Cell<i64>,
    current: Cell<Option<Anchored<Task>>>,
    /// What a call waits for that has parked, and when its wait times out.
    parked: Cell<Option<(Wait, Option<Instant>)>>,
    /// How many calls the running task has made since it was resumed.
    calls: Cell<u32>,
    /// When the time is over for which the host lets tasks run.
    last: Cell<Option<Instant>>,
    stepping: Cell<bool>,
    /// The Lua state is being closed.
    ended: Cell<bool>,
    forks: Cell<usize>,
}

impl Scheduler {
    pub(crate) fn current(&self) -> Option<Anchored<Task>> {
        self.current.get()
    }

    /// A task that has not ended.
    pub(crate) fn task(&self, id: Id) -> Option<Anchored<Task>> {
        let task = (*self.tasks.borrow().get(id.place() as usize)?)?;
        (task.id.get() == id).then_some(task)
    }

    /// The index in `tasks` that the next new task gets; `None` if there are too many tasks.
    pub(crate) fn next_place(&self) -> Option<u32> {
        let place = self.free.borrow().last().copied().unwrap_or(self.tasks.borrow().len() as u32);
        (place < Id::PLACES).then_some(place)
    }

    /// Adds a new task, which is ready to run.
    pub(crate) fn add(&self, task: Anchored<Task>) {
        let Some(place) = self.next_place() else { return };
        self.serial.set(self.serial.get() + 1);
        let id = Id::new(place, self.serial.get());
        if self.free.borrow_mut().pop().is_none() {
            self.tasks.borrow_mut().push(None);
        }
        self.tasks.borrow_mut()[place as usize] = Some(task);
        self.living.set(self.living.get() + 1);
        task.id.set(id);
        task.status.set(Status::Ready);
        self.add_ready(id);
    }

    /// Appends a task to the queue of those that are ready.
    #[inline(always)]
    fn add_ready(&self, id: Id) {
        self.ready.borrow_mut().push_back(id);
        if !self.stepping.get() {
            self.ring();
        }
    }

    /// Removes a task that has ended.
    fn remove(&self, task: &Task) {
        self.tasks.borrow_mut()[task.id.get().place() as usize] = None;
        self.living.set(self.living.get() - 1);
    }

    /// Makes an index available for a new task. Called after the registry has released the task that had it.
    pub(crate) fn free_place(&self, place: u32) {
        self.free.borrow_mut().push(place);
    }

    /// Ends waits when a descriptor that no task waits for is readable.
    pub(crate) fn heed(&self, waker: Descriptor) {
        self.slots.borrow_mut().heed(waker);
    }

    /// Makes a task ready that waits.
    pub(crate) fn wake(&self, id: Id) {
        if let Some(task) = self.task(id) {
            self.make_ready(&task);
        }
    }

    /// The same for the task at an index.
    fn wake_at(&self, place: u32) {
        let task = self.tasks.borrow().get(place as usize).copied().flatten();
        if let Some(task) = task {
            self.make_ready(&task);
        }
    }

    #[inline(always)]
    fn make_ready(&self, task: &Task) {
        if task.status.get() == Status::Waiting {
            task.status.set(Status::Ready);
            self.add_ready(task.id.get());
        }
    }

    /// Cancels a task: its calls that may wait fail from now on.
    pub(crate) fn cancel(&self, task: &Task) {
        if !task.status.get().has_ended() && !task.cancelled.replace(true) {
            self.wake(task.id.get());
        }
    }

    /// Cancels the tasks with a greater serial number and returns how many there are.
    pub(crate) fn cancel_since(&self, serial: i64) -> usize {
        let mut tasks = self.tasks.borrow().iter().flatten().copied().collect::<Vec<_>>();
        tasks.retain(|task| task.id.get().serial() > serial);
        tasks.iter().for_each(|task| self.cancel(task));
        tasks.len()
    }

    /// Returns a new number for a group or a scope.
    fn new_number(&self) -> i64 {
        self.number.set(self.number.get() + 1);
        self.number.get()
    }

    /// Fails while the Lua state is being closed.
    pub(crate) fn check(&self) -> Result<()> {
        if self.ended.get() {
            return Err(Error::named(Errno::CANCELED, "the Lua state is closing").raised());
        }
        Ok(())
    }

    /// How many tasks have not ended.
    pub(crate) fn living(&self) -> usize {
        self.living.get()
    }

    /// Fails if no more tasks may be created.
    fn admit(&self, caller: Caller) -> Result<()> {
        self.check()?;
        caller.shared().limits.check_tasks(self.living.get())
    }

    /// Called when a descriptor is closed or given away: removes what is known of it, and wakes the tasks that wait for
    /// it.
    #[inline(always)]
    pub(crate) fn forget(&self, fd: Descriptor) {
        if sys::is_open(fd) && self.serial.get() > 0 {
            self.forget_slot(fd);
        }
    }

    #[cold]
    fn forget_slot(&self, fd: Descriptor) {
        self.check_process();
        if let Ok(mut slots) = self.slots.try_borrow_mut() {
            slots.forget(fd, |place| self.wake_at(place));
        }
        if !self.stepping.get() && !self.ready.borrow().is_empty() {
            self.ring();
        }
    }

    /// Called when a socket is closed while its streams keep the descriptor open: wakes the tasks that wait for it.
    pub(crate) fn alarm(&self, fd: Descriptor) {
        if let Ok(slots) = self.slots.try_borrow() {
            slots.alarm(fd, |place| self.wake_at(place));
        }
    }

    /// Removes all tasks, because the Lua state is being closed.
    pub(crate) fn end(&self) {
        self.ended.set(true);
        for task in self.tasks.take().into_iter().flatten() {
            task.status.set(Status::Cancelled);
            task.release();
        }
        self.free.take();
        self.living.set(0);
        self.serial.set(0);
        self.ready.take();
        self.timers.take();
        self.slots.take();
        self.groups.take();
    }

    /// Whether there are tasks, but none is ready and none waits for a time or a descriptor.
    fn is_stuck(&self) -> bool {
        self.living.get() > 0 && self.wakeable.get() == 0 && self.ready.borrow().is_empty()
    }
}
