//! `tasks.run`.

use std::time::Instant;

use super::step::stepping;
use super::{Scheduler, Task};
use crate::error::{Cause, Error, Result};
use crate::lua::Caller;

/// Runs tasks until `task` has ended, then cancels those with a serial number above `before` and runs them until they
/// have ended. A pending debug hook, or a limit of the host, cancels them at once. Returns false if only another task
/// could wake each task.
pub(super) fn run(caller: Caller, task: &Task, before: i64) -> Result<bool> {
    task.joined.set(true);
    stepping(caller, |scheduler| {
        let end = caller.earlier(None);
        let outcome = run_until_ended(scheduler, caller, task, end);
        // A debug hook that is pending now runs in the caller, not in a task.
        caller.without_hook(|| end_others(scheduler, caller, before, end))?;
        // On some Luas the debug hook runs in the coroutine of the task, and its error has ended the task.
        if outcome.is_err() && task.failed.get() { Ok(true) } else { outcome }
    })
}

fn run_until_ended(scheduler: &Scheduler, caller: Caller, task: &Task, end: Option<Instant>) -> Result<bool> {
    while !task.status.get().has_ended() {
        scheduler.run_ready(caller, end, true, None)?;
        if task.status.get().has_ended() {
            break;
        }
        if is_over(end) {
            return Err(Cause::Timeout.into());
        }
        if scheduler.is_stuck() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn end_others(scheduler: &Scheduler, caller: Caller, before: i64, end: Option<Instant>) -> Result<()> {
    while scheduler.cancel_since(before) > 0 {
        match scheduler.run_ready(caller, end, false, None) {
            Ok(_) if scheduler.is_stuck() => break,
            // What does not end at once goes on in later steps.
            Ok(false) if is_over(end) => break,
            Ok(_) => {}
            Err(Error::Plain(Cause::Interrupted)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn is_over(end: Option<Instant>) -> bool {
    end.is_some_and(|end| end <= Instant::now())
}
