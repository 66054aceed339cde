//! Tasks, groups and scopes, and waiting for another task.

use std::time::{Duration, Instant};

use super::gate::TaskCall;
use super::{Task, Wait};
use crate::error::{Error, Result};
use crate::lua::{Body, Context, Either, Limit, Results, no_values, task_results};
use crate::sys::Errno;

/// Waits until a task has ended.
pub(super) fn join(context: Context, task: &Task, Limit(limit): Limit) -> Result<impl Results> {
    let turn = context.caller.turn();
    if task.status.get().has_ended() {
        return Ok(task_results::outcome(task, 1));
    }
    let Some(turn) = turn else {
        return Err(Error::named(Errno::DEADLOCK, "only a task can wait for a task").raised());
    };
    if std::ptr::eq(turn.task, task) {
        return Err(Error::named(Errno::DEADLOCK, "a task cannot wait for itself").raised());
    }
    let end = turn.end_of(limit)?;
    task.add_joiner(turn.task.id.get());
    Err(turn.park(Wait::Other, end))
}

/// Waits until another task ends it by `wake`. What is ready already only lets the task be cancelled.
pub(super) fn block(context: Context, Limit(limit): Limit, ready: Option<bool>) -> Result<()> {
    if ready == Some(true) {
        return context.caller.turn().map_or(Ok(()), TaskCall::check);
    }
    let Some(turn) = context.caller.turn() else {
        return Err(Error::named(Errno::DEADLOCK, "cannot wait here (outside of a task)").raised());
    };
    if !turn.again {
        turn.task.progress.woken.set(false);
    }
    if turn.task.progress.woken.take() {
        return Ok(());
    }
    let end = turn.end_of(limit)?;
    Err(turn.park(Wait::Other, end))
}

/// Steps until a task has ended. The tasks that were spawned since there were so many are cancelled then.
pub(super) fn run(context: Context, task: &Task, before: i64) -> Result<impl Results> {
    // The error is raised by Lua code: LuaJIT does not survive one raised here while it records a trace.
    Ok(if super::run::run(context.caller, task, before)? {
        Either::Left(task_results::outcome(task, 1))
    } else {
        Either::Right((false, "deadlock: every task waits for another"))
    })
}

/// Ends the wait of a task.
pub(super) fn wake(context: Context, task: &Task) -> Result<()> {
    task.progress.woken.set(true);
    context.caller.shared().open_objects.scheduler.wake(task.id.get());
    Ok(())
}

/// `task:cancel()`: false when it has ended.
pub(super) fn cancel(context: Context, task: &Task) -> Result<bool> {
    let lives = !task.status.get().has_ended();
    context.caller.shared().open_objects.scheduler.cancel(task);
    Ok(lives)
}

/// `task.status`.
pub(super) fn status(_: Context, task: &Task) -> Result<&'static str> {
    Ok(task.status.get().name())
}

/// How many tasks there were when this one was made.
pub(super) fn serial(_: Context, task: &Task) -> Result<i64> {
    Ok(task.id.get().serial())
}

/// Opens a group of the running task.
pub(super) fn open_group(context: Context) -> Result<i64> {
    let Some(turn) = context.caller.turn() else {
        return Err(Error::named(Errno::DEADLOCK, "only a task can have a group").raised());
    };
    Ok(turn.scheduler.open_group(turn.task))
}

/// `group:spawn(f, ...)`.
pub(super) fn group_spawn(context: Context, group: i64, body: Body) -> Result<impl Results> {
    let scheduler = &context.caller.shared().open_objects.scheduler;
    scheduler.admit(context.caller)?;
    if !scheduler.has_group(group) {
        return Err(Error::named(Errno::INVALID, "the group is over").raised());
    }
    Ok(task_results::new_task(body, Some(group)))
}

/// `group:cancel()`.
pub(super) fn cancel_group(context: Context, group: i64) -> Result<()> {
    context.caller.shared().open_objects.scheduler.cancel_group(group);
    Ok(())
}

/// Waits until all tasks of a group have ended, whatever happens to the one that waits: it cancels them then.
pub(super) fn await_group(context: Context, group: i64) -> Result<()> {
    let Some(turn) = context.caller.turn() else { return Ok(()) };
    if turn.scheduler.members(group) == 0 {
        return Ok(());
    }
    let mut end = turn.task.scope_end();
    if turn.task.check().is_err() {
        turn.scheduler.cancel_group(group);
        end = None;
    }
    Err(turn.park_until(Wait::Other, end))
}

/// Ends a group: the error and the traceback of the task that failed first, if one did.
pub(super) fn close_group(context: Context, group: i64) -> Result<impl Results> {
    let scheduler = &context.caller.shared().open_objects.scheduler;
    if let Some(turn) = context.caller.turn() {
        turn.task.leave(group);
    }
    Ok(task_results::group_outcome(scheduler.close_group(group).map(|id| id.place())))
}

/// Begins a scope that ends after a time.
pub(super) fn timeout_after(context: Context, Limit(time): Limit) -> Result<i64> {
    enter(context, time, false)
}

/// Begins a scope in which nothing counts that comes from outside.
pub(super) fn shield(context: Context) -> Result<i64> {
    enter(context, None, true)
}

fn enter(context: Context, time: Option<Duration>, shields: bool) -> Result<i64> {
    let Some(turn) = context.caller.turn() else {
        return Err(Error::named(Errno::DEADLOCK, "only a task can have a scope").raised());
    };
    let number = turn.scheduler.new_number();
    let end = time.and_then(|time| Instant::now().checked_add(time));
    turn.task.enter(number, end, shields);
    Ok(number)
}

/// Ends a scope.
pub(super) fn leave(context: Context, scope: i64) -> Result<impl Results> {
    if let Some(turn) = context.caller.turn() {
        turn.task.leave(scope);
    }
    Ok(no_values())
}

/// Another coroutine runs in place of the task's own.
pub(super) fn switch(_: Context) -> Result<impl Results> {
    Ok(task_results::switch_coroutine())
}

/// Cancels the tasks with a greater serial number and returns how many there are.
pub(super) fn cancel_since(context: Context, serial: i64) -> Result<usize> {
    Ok(context.caller.shared().open_objects.scheduler.cancel_since(serial))
}

/// How many tasks there were until now.
pub(super) fn mark(context: Context) -> Result<i64> {
    Ok(context.caller.shared().open_objects.scheduler.serial.get())
}

/// Whether nothing can wake a task any more.
pub(super) fn is_stuck(context: Context) -> Result<bool> {
    Ok(context.caller.shared().open_objects.scheduler.is_stuck())
}

/// Whether a step runs.
pub(super) fn is_in_step(context: Context) -> Result<bool> {
    Ok(context.caller.is_in_step())
}

/// The Lua state is being closed.
pub(super) fn end(context: Context) -> Result<impl Results> {
    context.caller.shared().open_objects.scheduler.end();
    Ok(no_values())
}
