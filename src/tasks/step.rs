//! `tasks.step`: running the tasks that are ready.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use super::timers::WAKE;
use super::{Anchored, Scheduler, Status, Task, Wait};
use crate::error::{Cause, Error, Result};
use crate::lua::{Caller, Resumed};
use crate::sys::{self, Errno, Ready};

/// Calls `act`, which runs tasks. Fails if tasks are running already.
pub(super) fn stepping<T>(caller: Caller, act: impl FnOnce(&Scheduler) -> Result<T>) -> Result<T> {
    let scheduler = &caller.shared().open_objects.scheduler;
    scheduler.check()?;
    if scheduler.stepping.get() {
        return Err(Error::named(Errno::DEADLOCK, "tasks are already running").raised());
    }
    caller.check_yields()?;
    scheduler.stepping.set(true);
    scheduler.last.set(caller.earlier(None));
    caller.set_in_step(true);
    scheduler.check_process();
    let done = catch_unwind(AssertUnwindSafe(|| act(scheduler)));
    scheduler.current.set(None);
    scheduler.stepping.set(false);
    scheduler.last.set(None);
    caller.set_in_step(false);
    scheduler.set_alarm();
    done.unwrap_or_else(|panic| resume_unwind(panic))
}

/// Runs the tasks that are ready until none is, or for `budget`; does not wait. Returns how many tasks have not ended.
pub(super) fn poll(caller: Caller, budget: Duration) -> Result<usize> {
    stepping(caller, |scheduler| {
        let now = Instant::now();
        let last = now.checked_add(budget);
        scheduler.last.set(last);
        loop {
            scheduler.run_ready(caller, Some(now), true, last)?;
            if scheduler.ready.borrow().is_empty() || last.is_some_and(|last| last <= Instant::now()) {
                return Ok(scheduler.living.get());
            }
        }
    })
}

/// Runs the tasks that are ready. If none is, waits for at most the limit before. Returns how many have not ended.
pub(super) fn step(caller: Caller, limit: Option<Duration>) -> Result<usize> {
    stepping(caller, |scheduler| {
        let limit = limit.and_then(|limit| Instant::now().checked_add(limit));
        let end = caller.earlier(limit);
        loop {
            if scheduler.living.get() == 0 && limit.is_none() {
                return Ok(0);
            }
            let ran = scheduler.run_ready(caller, end, true, None)?;
            let over = end.is_some_and(|end| end <= Instant::now());
            if ran || over || limit.is_none() && scheduler.is_stuck() {
                return Ok(scheduler.living.get());
            }
        }
    })
}

impl Scheduler {
    /// Checks timers and descriptors once, and runs each task that is ready. Returns false if none was. With `looks`,
    /// fails if a debug hook is pending. Starts no further task after `last`.
    pub(super) fn run_ready(
        &self,
        caller: Caller,
        end: Option<Instant>,
        looks: bool,
        last: Option<Instant>,
    ) -> Result<bool> {
        let time = self.time_to_wait(end);
        match self.slots.borrow_mut().wait(time, |place| self.wake_at(place)) {
            Err(Errno::INTERRUPTED) | Ok(()) => {}
            Err(errno) => return Err(errno.into()),
        }
        caller.heed_switch();
        if looks {
            check_hook(caller)?;
        }
        self.fire();
        let count = self.ready.borrow().len();
        for _ in 0..count {
            let Some(id) = self.ready.borrow_mut().pop_front() else { break };
            if let Some(task) = self.task(id) {
                self.run(caller, task);
                if looks {
                    check_hook(caller)?;
                }
                if last.is_some_and(|last| last <= Instant::now()) {
                    break;
                }
            }
        }
        Ok(count > 0)
    }

    /// How long to wait for descriptors: not at all if a task is ready, or if nothing can make one ready.
    fn time_to_wait(&self, end: Option<Instant>) -> Option<Duration> {
        if !self.ready.borrow().is_empty() || end.is_none() && self.is_stuck() {
            return Some(Duration::ZERO);
        }
        let next = match (self.next_time(), end) {
            (Some(time), Some(end)) => Some(time.min(end)),
            (time, end) => time.or(end),
        };
        next.map(|next| next.saturating_duration_since(Instant::now()))
    }

    /// Runs a task until it waits or ends.
    fn run(&self, caller: Caller, task: Anchored<Task>) {
        self.stop_waiting(&task);
        task.status.set(Status::Running);
        self.current.set(Some(task));
        self.calls.set(0);
        let resumed = caller.go_on(&task);
        self.check_process();
        self.current.set(None);
        match (resumed, self.parked.take()) {
            (Resumed::Parked, Some((wait, wake))) => self.commit(&task, wait, wake),
            (Resumed::Parked, None) => self.finish(caller, task, Resumed::Strayed),
            (end, _) => self.finish(caller, task, end),
        }
    }

    /// Records what a task waits for that has parked.
    fn commit(&self, task: &Task, wait: Wait, wake: Option<Instant>) {
        let id = task.id.get();
        if wait == Wait::Yield {
            task.status.set(Status::Ready);
            self.ready.borrow_mut().push_back(id);
            return;
        }
        let place = id.place();
        task.status.set(Status::Waiting);
        task.set_time(WAKE, wake.map(sys::to_nanoseconds));
        let watched = match wait {
            Wait::Socket(fd, readiness) => self.slots.borrow_mut().add(fd, readiness, place, false),
            Wait::Foreign(fd, readiness) => self.slots.borrow_mut().add(fd, readiness, place, true),
            Wait::Both(fd, own) => {
                let mut slots = self.slots.borrow_mut();
                let read = slots.add(fd, Ready::READ, place, !own);
                read.and_then(|()| slots.add(fd, Ready::WRITE, place, !own))
            }
            Wait::Attempts => self.watch_attempts(task),
            Wait::Nothing | Wait::Yield | Wait::Other | Wait::Name => Ok(()),
        };
        match watched {
            Ok(()) => task.wait.set(wait),
            Err(errno) => {
                task.set_unwatched(errno);
                self.wake(id);
                return;
            }
        }
        if wake.is_some() || wait != Wait::Other {
            self.wakeable.set(self.wakeable.get() + 1);
        }
        if let Some(wake) = wake {
            self.set_timer(id, sys::to_nanoseconds(wake));
        }
    }

    /// Removes what a task waited for.
    fn stop_waiting(&self, task: &Task) {
        let (wait, place) = (task.wait.replace(Wait::Nothing), task.id.get().place());
        let wake = task.time(WAKE);
        task.set_time(WAKE, None);
        if let Wait::Socket(fd, readiness) | Wait::Foreign(fd, readiness) = wait {
            self.slots.borrow_mut().leave(fd, readiness, place);
        }
        if let Wait::Both(fd, _) = wait {
            self.slots.borrow_mut().leave(fd, Ready::READ, place);
            self.slots.borrow_mut().leave(fd, Ready::WRITE, place);
        }
        if wait == Wait::Attempts {
            self.leave_attempts(task);
        }
        if wait != Wait::Nothing && (wake.is_some() || wait != Wait::Other) {
            self.wakeable.set(self.wakeable.get() - 1);
        }
    }

    fn watch_attempts(&self, task: &Task) -> std::result::Result<(), Errno> {
        for fd in task.descriptors() {
            let added = self.slots.borrow_mut().add(fd, Ready::WRITE, task.id.get().place(), false);
            if added.is_err() {
                self.leave_attempts(task);
                return added;
            }
        }
        Ok(())
    }

    fn leave_attempts(&self, task: &Task) {
        for fd in task.descriptors() {
            self.slots.borrow_mut().leave(fd, Ready::WRITE, task.id.get().place());
        }
    }

    /// Called when a task has ended: stores its outcome, wakes the tasks that wait for it, and releases it.
    fn finish(&self, caller: Caller, task: Anchored<Task>, end: Resumed) {
        let place = task.id.get().place();
        let failed = !caller.settle(&task, end) || end != Resumed::Ended;
        let cancelled = task.cancelled.get();
        task.failed.set(failed);
        task.status.set(match (cancelled, failed) {
            (true, _) => Status::Cancelled,
            (false, true) => Status::Failed,
            (false, false) => Status::Done,
        });
        let joiners = task.take_joiners();
        let group = task.group();
        if failed && !cancelled && group == 0 && joiners.is_empty() && !task.joined.get() {
            caller.report(place);
        }
        joiners.into_iter().for_each(|id| self.wake(id));
        task.descriptors().into_iter().for_each(|fd| self.forget(fd));
        for failed in task.scopes().into_iter().filter_map(|number| self.abandon_group(number)) {
            caller.let_go(failed.place());
            self.free_place(failed.place());
        }
        task.release();
        self.remove(&task);
        if group > 0 && self.leave_group(group, &task, failed) {
            caller.let_go_thread(place);
        } else {
            caller.let_go(place);
            self.free_place(place);
        }
    }

    /// Creates a new queue of the kernel in a forked process.
    #[inline(always)]
    pub(super) fn check_process(&self) {
        if self.forks.get() != sys::forks() {
            self.renew();
        }
    }

    #[cold]
    fn renew(&self) {
        self.forks.set(sys::forks());
        self.slots.borrow_mut().renew();
        self.ask_again();
    }
}

fn check_hook(caller: Caller) -> Result<()> {
    if caller.has_pending_hook() { Err(Cause::Interrupted.into()) } else { Ok(()) }
}
