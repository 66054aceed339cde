//! What scripts do with tasks and groups: joining, cancelling, timeouts, shields.

use std::time::{Duration, Instant};

use super::gate::TaskCall;
use super::{Task, Wait};
use crate::error::{Error, Result};
use crate::lua::{Body, Context, Either, Results, no_values, task_results};
use crate::sys::Errno;

/// `task:join([timeout])`.
pub(super) fn join(context: Context, task: &Task, limit: Option<Duration>) -> Result<impl Results> {
    let call = context.caller.task_call();
    if task.status.get().has_ended() {
        return Ok(task_results::outcome(task, 1));
    }
    let Some(call) = call else {
        return Err(Error::named(Errno::DEADLOCK, "only a task can wait for a task").raised());
    };
    if std::ptr::eq(call.task, task) {
        return Err(Error::named(Errno::DEADLOCK, "a task cannot wait for itself").raised());
    }
    let end = call.end_of(limit)?;
    task.add_joiner(call.task.id.get());
    Err(call.park(Wait::Other, end))
}

/// Waits until another task calls `wake`. With `ready` it does not wait, and only fails if the task was cancelled.
pub(super) fn block(context: Context, limit: Option<Duration>, ready: Option<bool>) -> Result<()> {
    if ready == Some(true) {
        return context.caller.task_call().map_or(Ok(()), TaskCall::check);
    }
    let Some(call) = context.caller.task_call() else {
        return Err(Error::named(Errno::DEADLOCK, "cannot wait here (outside of a task)").raised());
    };
    if !call.again {
        call.task.woken.set(false);
    }
    if call.task.woken.take() {
        return Ok(());
    }
    let end = call.end_of(limit)?;
    Err(call.park(Wait::Other, end))
}

/// `tasks.run`: runs tasks until this one has ended, then cancels those with a serial number above `before`.
pub(super) fn run(context: Context, task: &Task, before: i64) -> Result<impl Results> {
    // Lua code raises the error: LuaJIT crashes if it is raised here while a trace is recorded.
    Ok(if super::run::run(context.caller, task, before)? {
        Either::Left(task_results::outcome(task, 1))
    } else {
        Either::Right((false, "deadlock: every task waits for another"))
    })
}

/// Ends the wait of a task in `block`.
pub(super) fn wake(context: Context, task: &Task) -> Result<()> {
    task.woken.set(true);
    context.caller.shared().open_objects.scheduler.wake(task.id.get());
    Ok(())
}

/// `task:cancel()`: returns false if the task has ended.
pub(super) fn cancel(context: Context, task: &Task) -> Result<bool> {
    let lives = !task.status.get().has_ended();
    context.caller.shared().open_objects.scheduler.cancel(task);
    Ok(lives)
}

/// `task.status`.
pub(super) fn status(_: Context, task: &Task) -> Result<&'static str> {
    Ok(task.status.get().name())
}

/// The serial number of a task.
pub(super) fn serial(_: Context, task: &Task) -> Result<i64> {
    Ok(task.id.get().serial())
}

/// Opens a group and returns its number.
pub(super) fn open_group(context: Context) -> Result<i64> {
    let Some(call) = context.caller.task_call() else {
        return Err(Error::named(Errno::DEADLOCK, "only a task can have a group").raised());
    };
    Ok(call.scheduler.open_group(call.task))
}

/// `group:spawn(f, ...)`; `nil` if the group has ended.
pub(super) fn group_spawn(context: Context, group: i64, body: Body) -> Result<impl Results> {
    let scheduler = &context.caller.shared().open_objects.scheduler;
    scheduler.admit(context.caller)?;
    Ok(scheduler.has_group(group).then(|| task_results::new_task(body, Some(group))))
}

/// `group:cancel()`.
pub(super) fn cancel_group(context: Context, group: i64) -> Result<()> {
    context.caller.shared().open_objects.scheduler.cancel_group(group);
    Ok(())
}

/// Waits until all tasks of a group have ended. If the waiting task is cancelled or times out, cancels them.
pub(super) fn await_group(context: Context, group: i64) -> Result<()> {
    let Some(call) = context.caller.task_call() else { return Ok(()) };
    if call.scheduler.members(group) == 0 {
        return Ok(());
    }
    let mut end = call.task.scope_end();
    if call.task.check().is_err() {
        call.scheduler.cancel_group(group);
        end = None;
    }
    Err(call.park_until(Wait::Other, end))
}

/// Ends a group. Returns whether a task has failed, and the error and the traceback of the first.
pub(super) fn close_group(context: Context, group: i64) -> Result<impl Results> {
    let scheduler = &context.caller.shared().open_objects.scheduler;
    if let Some(call) = context.caller.task_call() {
        call.task.leave(group);
    }
    Ok(task_results::group_outcome(scheduler.close_group(group).map(|id| id.place())))
}

/// Enters a scope with a timeout, and returns its number.
pub(super) fn timeout_after(context: Context, time: Option<Duration>) -> Result<i64> {
    enter(context, time, false)
}

/// Enters a scope in which cancellations and timeouts from outside have no effect, and returns its number.
pub(super) fn shield(context: Context) -> Result<i64> {
    enter(context, None, true)
}

fn enter(context: Context, time: Option<Duration>, shields: bool) -> Result<i64> {
    let Some(call) = context.caller.task_call() else {
        return Err(Error::named(Errno::DEADLOCK, "must be called in a task").raised());
    };
    let number = call.scheduler.new_number();
    let end = time.and_then(|time| Instant::now().checked_add(time));
    call.task.enter(number, end, shields);
    Ok(number)
}

/// Leaves a scope.
pub(super) fn leave(context: Context, scope: i64) -> Result<impl Results> {
    if let Some(call) = context.caller.task_call() {
        call.task.leave(scope);
    }
    Ok(no_values())
}

/// Tells the scheduler which coroutine of the task runs.
pub(super) fn switch(_: Context) -> Result<impl Results> {
    Ok(task_results::switch_coroutine())
}

/// Cancels the tasks with a greater serial number. Returns how many there are.
pub(super) fn cancel_since(context: Context, serial: i64) -> Result<usize> {
    Ok(context.caller.shared().open_objects.scheduler.cancel_since(serial))
}

/// The serial number of the newest task.
pub(super) fn mark(context: Context) -> Result<i64> {
    Ok(context.caller.shared().open_objects.scheduler.serial.get())
}

/// Whether only another task could wake each task.
pub(super) fn is_stuck(context: Context) -> Result<bool> {
    Ok(context.caller.shared().open_objects.scheduler.is_stuck())
}

/// Whether tasks are running.
pub(super) fn is_in_step(context: Context) -> Result<bool> {
    Ok(context.caller.is_in_step())
}

/// Called when the Lua state is closed.
pub(super) fn end(context: Context) -> Result<impl Results> {
    context.caller.shared().open_objects.scheduler.end();
    Ok(no_values())
}
