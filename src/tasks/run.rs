//! Running a task to its end.

use super::Task;
use super::step::{Stepping, take_turn};
use crate::error::{Cause, Error, Result};
use crate::lua::Caller;
use crate::sys::Errno;

/// Steps until a task has ended, and those that were spawned since there were so many, which are cancelled then. When a
/// hook is due they are cancelled at once.
pub(super) fn run(caller: Caller, task: &Task, before: i64) -> Result<()> {
    let scheduler = &caller.shared().open_objects.scheduler;
    task.joined.set(true);
    let _stepping = Stepping::begin(caller)?;
    let mut outcome = Ok(());
    while !task.status.get().has_ended() {
        outcome = take_turn(caller, None, true).map(drop);
        if outcome.is_ok() && !task.status.get().has_ended() && scheduler.is_stuck() {
            outcome = Err(Error::named(Errno::DEADLOCK, "deadlock: every task waits for another").raised());
        }
        if outcome.is_err() {
            break;
        }
    }
    while scheduler.cancel_since(before) > 0 {
        match take_turn(caller, None, false) {
            Ok(_) if scheduler.is_stuck() => break,
            Ok(_) => {}
            Err(Error::Plain(Cause::Interrupted)) => {}
            Err(error) => return Err(error),
        }
    }
    outcome
}
