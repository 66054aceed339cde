//! `tasks.run`.

use super::Task;
use super::step::{Stepping, run_ready};
use crate::error::{Cause, Error, Result};
use crate::lua::Caller;

/// Runs tasks until `task` has ended, then cancels those with a serial number above `before` and runs them until they
/// have ended. A pending debug hook cancels them at once. Returns false if only another task could wake each task.
pub(super) fn run(caller: Caller, task: &Task, before: i64) -> Result<bool> {
    let scheduler = &caller.shared().open_objects.scheduler;
    task.joined.set(true);
    let _stepping = Stepping::begin(caller)?;
    let mut outcome = Ok(true);
    while !task.status.get().has_ended() {
        outcome = run_ready(caller, None, true).map(|_| true);
        if outcome.is_ok() && !task.status.get().has_ended() && scheduler.is_stuck() {
            outcome = Ok(false);
        }
        if !matches!(outcome, Ok(true)) {
            break;
        }
    }
    while scheduler.cancel_since(before) > 0 {
        match run_ready(caller, None, false) {
            Ok(_) if scheduler.is_stuck() => break,
            Ok(_) => {}
            Err(Error::Plain(Cause::Interrupted)) => {}
            Err(error) => return Err(error),
        }
    }
    // On some Luas the debug hook runs in the coroutine of the task, and its error has ended the task.
    if outcome.is_err() && task.failed.get() { Ok(true) } else { outcome }
}
