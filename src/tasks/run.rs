//! Running a task to its end.

use std::time::Instant;

use super::Task;
use super::step::{Stepping, run_ready};
use crate::error::{Cause, Error, Result};
use crate::lua::Caller;

/// Steps until a task has ended, and those that were spawned since there were so many, which are cancelled then. When a
/// hook is due, or the host allows no longer wait, they are cancelled at once. False when no task could go on any more.
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
    // Where a debug hook runs in whatever coroutine runs, its error has ended the task.
    if outcome.is_err() && task.failed.get() { Ok(true) } else { outcome }
}
