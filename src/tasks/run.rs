//! `tasks.run`.

use std::time::Instant;

use super::Task;
use super::step::{Stepping, run_ready};
use crate::error::{Cause, Error, Result};
use crate::lua::Caller;

/// Runs tasks until `task` has ended, then cancels those with a serial number above `before` and runs them until they
/// have ended. A pending debug hook, or a limit of the host, cancels them at once. Returns false if only another task
/// could wake each task.
pub(super) fn run(caller: Caller, task: &Task, before: i64) -> Result<bool> {
    let scheduler = &caller.shared().open_objects.scheduler;
    task.joined.set(true);
    let _stepping = Stepping::begin(caller)?;
    let mut outcome = Ok(true);
    let end = caller.earlier(None);
    let is_over = || end.is_some_and(|end| end <= Instant::now());
    while !task.status.get().has_ended() {
        outcome = run_ready(caller, end, true).map(|_| true);
        if outcome.is_ok() && !task.status.get().has_ended() && is_over() {
            outcome = Err(Cause::Timeout.into());
        }
        if outcome.is_ok() && !task.status.get().has_ended() && scheduler.is_stuck() {
            outcome = Ok(false);
        }
        if !matches!(outcome, Ok(true)) {
            break;
        }
    }
    let end_others = || {
        while scheduler.cancel_since(before) > 0 {
            match run_ready(caller, end, false) {
                Ok(_) if scheduler.is_stuck() => break,
                // What does not end at once goes on in later steps.
                Ok(false) if is_over() => break,
                Ok(_) => {}
                Err(Error::Plain(Cause::Interrupted)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    };
    // A debug hook that is pending now runs in the caller, not in a task.
    caller.without_hook(end_others)?;
    // On some Luas the debug hook runs in the coroutine of the task, and its error has ended the task.
    if outcome.is_err() && task.failed.get() { Ok(true) } else { outcome }
}
