//! `select`: waiting for objects of this and of other libraries.

use std::time::{Duration, Instant};

use crate::error::{Cause, Error, Result};
use crate::lua::{Caller, Context, Results, selected};
use crate::memory;
use crate::sys::{self, Errno, PollEntry};
#[cfg(unix)]
use crate::sys::{Queue, Ready};
use crate::tasks::{TaskCall, Wait};

/// `socket.select(reading, writing [, seconds])`.
pub(super) fn select<'a>(
    context: Context<'a>,
    entries: &'a mut [PollEntry],
    seconds: Option<f64>,
) -> Result<impl Results> {
    let caller = context.caller;
    // One that is dirty has no events.
    let found = if entries.iter().any(|entry| entry.events == 0) {
        poll(caller, entries, Some(Duration::ZERO))?;
        true
    } else {
        let time = match seconds {
            Some(seconds) if seconds.is_nan() => Some(Duration::ZERO),
            // Less than 0, and more than a Duration holds, mean for ever.
            Some(seconds) => Duration::try_from_secs_f64(seconds).ok(),
            None => None,
        };
        wait(caller, entries, time)?
    };
    Ok(selected(entries, found))
}

/// Waits until an entry is ready; false when the time is over.
fn wait(caller: Caller, entries: &mut [PollEntry], time: Option<Duration>) -> Result<bool> {
    if let Some(task_call) = caller.task_call() {
        task_call.check()?;
        if poll(caller, entries, Some(Duration::ZERO))? {
            return Ok(true);
        }
        return match task_call.end_of(time) {
            Err(Error::Plain(Cause::Timeout)) => Ok(false),
            Err(error) => Err(error),
            Ok(end) => Err(park(task_call, entries, end)?),
        };
    }
    if time.is_none_or(|time| !time.is_zero()) {
        caller.may_block()?;
    }
    let end = caller.earlier(time.and_then(|time| Instant::now().checked_add(time)));
    let mut left = match (end, time) {
        (None, time) => time,
        (Some(end), _) => Some(end.saturating_duration_since(Instant::now())),
    };
    loop {
        if poll(caller, entries, left)? {
            return Ok(true);
        }
        left = end.map(|end| end.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) || time.is_some_and(|time| time.is_zero()) {
            return Ok(false);
        }
        if caller.has_pending_hook() {
            return Err(Cause::Interrupted.into());
        }
    }
}

/// poll(2): whether an entry is ready.
fn poll(caller: Caller, entries: &mut [PollEntry], time: Option<Duration>) -> Result<bool> {
    let found = match caller.limits().and_then(|limits| limits.waker()) {
        Some(waker) if time.is_none_or(|time| !time.is_zero()) => poll_or_wake(entries, waker, time),
        _ => sys::poll(entries, time),
    };
    if caller.heed_switch() {
        return Err(Errno::CANCELED.into());
    }
    match found {
        Ok(_) if entries.iter().any(|entry| entry.revents & sys::POLLNVAL != 0) => {
            Err(Error::named(Errno::BAD_DESCRIPTOR, "select failed").raised())
        }
        Ok(count) => Ok(count > 0),
        Err(Errno::INTERRUPTED) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

/// The same with a descriptor that ends the wait, whose event does not count.
fn poll_or_wake(
    entries: &mut [PollEntry],
    waker: sys::Descriptor,
    time: Option<Duration>,
) -> std::result::Result<usize, Errno> {
    let mut all = memory::with_room(entries.len() + 1)?;
    all.extend_from_slice(entries);
    all.push(sys::poll_entry(waker, sys::POLLIN));
    let count = sys::poll(&mut all, time)?;
    let woken = all.pop().is_some_and(|entry| entry.revents != 0);
    entries.copy_from_slice(&all);
    Ok(count - usize::from(woken))
}

/// Parks until an entry may be ready: a queue of the kernel watches all of them.
#[cfg(unix)]
fn park(task_call: TaskCall, entries: &[PollEntry], end: Option<Instant>) -> Result<Error> {
    let mut watched = memory::with_room(entries.len())?;
    for entry in entries.iter().filter(|entry| sys::is_open(entry.fd)) {
        watched.push((entry.fd, if entry.events == sys::POLLIN { Ready::READ } else { Ready::WRITE }));
    }
    watched.sort_unstable_by_key(|(fd, _)| *fd);
    // One descriptor may be in both lists.
    watched.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 = kept.1.or(next.1);
        }
        same
    });
    let mut queue = Queue::new()?;
    for (fd, events) in watched {
        queue.add(fd, events, 0)?;
    }
    let fd = queue.fd();
    task_call.task.keep_queue(Box::new(queue));
    Ok(task_call.park(Wait::Foreign(fd, Ready::READ), end))
}

/// The same where the kernel has no queue: looks again after a time.
#[cfg(windows)]
fn park(task_call: TaskCall, _: &[PollEntry], end: Option<Instant>) -> Result<Error> {
    let next = Instant::now() + Duration::from_millis(10);
    Ok(task_call.park(Wait::Other, Some(end.map_or(next, |end| end.min(next)))))
}
