//! The userdata of a task, which the scheduler refers to.

use std::cell::Cell;
use std::mem;
use std::num::NonZeroU64;

use super::progress::Extra;
use super::{Id, Wait};
use crate::address::Address;
use crate::limits::Share;
use crate::lua::Thread;
use crate::socket::Attempts;
#[cfg(unix)]
use crate::sys::Queue;
use crate::sys::{Descriptor, Errno};

/// `task.status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Ready,
    Running,
    Waiting,
    Done,
    Failed,
    Cancelled,
}

impl Status {
    /// The string that scripts see.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Status::Ready => "ready",
            Status::Running => "running",
            Status::Waiting => "waiting",
            Status::Done => "done",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
        }
    }

    /// Whether the task has ended.
    pub(crate) fn has_ended(self) -> bool {
        matches!(self, Status::Done | Status::Failed | Status::Cancelled)
    }
}

/// A task. It is kept small, because there may be very many.
pub(crate) struct Task {
    pub(crate) id: Cell<Id>,
    /// The coroutine. The registry keeps it until the task has ended.
    pub(crate) thread: Cell<Thread>,
    /// How many values the parked call has left on the stack of the coroutine; negative before the task has started.
    pub(crate) held: Cell<i32>,
    pub(crate) status: Cell<Status>,
    pub(crate) cancelled: Cell<bool>,
    /// An error has ended it.
    pub(crate) failed: Cell<bool>,
    /// `run` waits for it.
    pub(crate) joined: Cell<bool>,
    pub(crate) wait: Cell<Wait>,
    /// The times that `timers` numbers. None before its first wait with a timeout.
    pub(super) times: Cell<Option<Box<[Option<NonZeroU64>; 3]>>>,
    /// Whether the deadline of the call is known.
    pub(super) timed: Cell<bool>,
    /// Whether the call has done what it must not do twice.
    pub(crate) begun: Cell<bool>,
    /// Whether `wake` has ended the wait.
    pub(crate) woken: Cell<bool>,
    /// How many audit events the call has raised, and how many of them this attempt has passed.
    pub(super) raised: Cell<u16>,
    pub(super) seen: Cell<u16>,
    pub(super) extra: Cell<Option<Box<Extra>>>,
}

impl Task {
    pub(crate) fn new() -> Self {
        Task {
            id: Cell::new(Id::NONE),
            thread: Cell::new(Thread::NONE),
            held: Cell::new(-1),
            status: Cell::new(Status::Done),
            cancelled: Cell::new(false),
            failed: Cell::new(false),
            joined: Cell::new(false),
            wait: Cell::new(Wait::Nothing),
            times: Cell::new(None),
            timed: Cell::new(false),
            begun: Cell::new(false),
            woken: Cell::new(false),
            raised: Cell::new(0),
            seen: Cell::new(0),
            extra: Cell::new(None),
        }
    }

    /// Whether an error has ended it.
    pub(crate) fn has_failed(&self) -> bool {
        self.status.get() == Status::Failed || self.failed.get()
    }

    /// Calls `look` with the `Extra` if there is one. `look` must not call `peek` or `with_extra`.
    pub(super) fn peek<T: Default>(&self, look: impl FnOnce(&mut Extra) -> T) -> T {
        let Some(mut extra) = self.extra.take() else { return T::default() };
        let found = look(&mut extra);
        self.extra.set(Some(extra));
        found
    }

    /// The same, and creates an `Extra` if there is none.
    pub(super) fn with_extra<T>(&self, act: impl FnOnce(&mut Extra) -> T) -> T {
        let mut extra = self.extra.take().unwrap_or_default();
        let done = act(&mut extra);
        self.extra.set(Some(extra));
        done
    }

    /// Frees the memory outside of the userdata.
    pub(crate) fn release(&self) {
        self.begin_attempts();
        drop(self.extra.take());
        drop(self.times.take());
    }

    /// Called when a new call begins.
    #[inline(always)]
    pub(crate) fn begin(&self) {
        self.begin_attempts();
        self.forget_events();
        self.peek(Extra::begin);
    }

    /// How many bytes the call has transferred or buffered.
    pub(crate) fn count(&self) -> usize {
        self.peek(|extra| extra.count as usize)
    }

    pub(crate) fn set_count(&self, count: usize) {
        match count {
            0 => self.peek(|extra| extra.count = 0),
            _ => self.with_extra(|extra| extra.count = count as u64),
        }
    }

    /// What `find` returned to the first attempt of the call.
    pub(crate) fn start<E>(&self, find: impl FnOnce() -> std::result::Result<i64, E>) -> std::result::Result<i64, E> {
        if !self.begun.get() {
            let start = find()?;
            self.with_extra(|extra| extra.start = start);
            self.begun.set(true);
        }
        Ok(self.peek(|extra| extra.start))
    }

    /// Counts an attempt of the call. Returns how many there were before.
    pub(crate) fn count_try(&self) -> u32 {
        self.with_extra(|extra| {
            extra.tries += 1;
            extra.tries - 1
        })
    }

    /// The address that the first attempt parsed.
    pub(crate) fn address(&self) -> Option<Address> {
        self.peek(|extra| extra.address.as_deref().copied())
    }

    pub(crate) fn keep_address(&self, address: Address) {
        self.with_extra(|extra| extra.address = Some(Box::new(address)));
    }

    /// Takes the bytes that an earlier attempt has received.
    pub(crate) fn take_bytes(&self) -> Vec<u8> {
        self.peek(|extra| {
            extra.share = None;
            mem::take(&mut extra.bytes)
        })
    }

    pub(crate) fn keep_bytes(&self, bytes: Vec<u8>, share: Option<Share>) {
        if !bytes.is_empty() {
            self.with_extra(|extra| (extra.bytes, extra.share) = (bytes, share));
        }
    }

    /// Takes the attempts to connect. The events that follow are those after what was done.
    pub(crate) fn take_attempts(&self) -> Option<Box<Attempts>> {
        let attempts = self.peek(|extra| extra.attempts.take())?;
        self.set_events(attempts.events());
        Some(attempts)
    }

    pub(crate) fn keep_attempts(&self, attempts: Box<Attempts>) {
        self.with_extra(|extra| extra.attempts = Some(attempts));
    }

    /// The descriptors of the attempts to connect that go on.
    pub(super) fn descriptors(&self) -> Vec<Descriptor> {
        self.peek(|extra| extra.attempts.iter().flat_map(|attempts| attempts.descriptors()).collect())
    }

    /// Keeps the queue that the call waits for; the one before is closed.
    #[cfg(unix)]
    pub(crate) fn keep_queue(&self, queue: Box<Queue>) {
        self.with_extra(|extra| extra.queue = Some(queue));
    }

    pub(super) fn group(&self) -> i64 {
        self.peek(|extra| extra.group)
    }

    pub(super) fn set_group(&self, group: i64) {
        self.with_extra(|extra| extra.group = group);
    }

    pub(super) fn take_unwatched(&self) -> Option<Errno> {
        self.peek(|extra| extra.unwatched.take())
    }

    pub(super) fn set_unwatched(&self, errno: Errno) {
        self.with_extra(|extra| extra.unwatched = Some(errno));
    }

    /// Has `finish` wake a task when this one has ended.
    pub(super) fn add_joiner(&self, id: Id) {
        self.with_extra(|extra| {
            if !extra.joiners.contains(&id) {
                extra.joiners.push(id);
            }
        });
    }

    pub(super) fn take_joiners(&self) -> Vec<Id> {
        self.peek(|extra| mem::take(&mut extra.joiners))
    }
}

#[cfg(all(test, unix, target_pointer_width = "64"))]
mod tests {
    use super::Task;

    #[test]
    fn a_task_is_small() {
        assert_eq!(size_of::<Task>(), 56);
    }
}
