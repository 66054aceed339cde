//! What `lua/tasks.lua` is given: most of it is the module's, the rest is what its functions are made of.

use std::time::{Duration, Instant};

use super::{Task, Turn, Wait};
use crate::error::{Cause, Error, Result};
use crate::lua::{
    All, Awaited, Body, Context, Either, Function, Handler, Joined, Limit, NewTask, Nothing, Object, Switch, Trace,
    Values, function,
};
use crate::sys::{self, Descriptor, Errno, PollSet, Readiness, Ready, Token};

/// The functions.
pub(crate) static INDEX: &[Function] = &[
    function("spawn", spawn),
    function("sleep", sleep),
    function("yield", give_way),
    function("now", now),
    function("step", step),
    function("timeout", timeout),
    function("current", current),
    function("all", all),
    function("traceback", traceback),
    function("onerror", onerror),
    function("join", join),
    function("run", run),
    function("wait", wait),
    function("wake", wake),
    function("cancel", cancel),
    function("status", status),
    function("serial", serial),
    function("open_group", open_group),
    function("group_spawn", group_spawn),
    function("cancel_group", cancel_group),
    function("group", await_group),
    function("close_group", close_group),
    function("timeout_after", timeout_after),
    function("shield", shield),
    function("leave", leave),
    function("switch", switch),
    function("cancel_since", cancel_since),
    function("mark", mark),
    function("is_stuck", is_stuck),
    function("is_in_step", is_in_step),
    function("end", end),
];

/// The waits for other tasks: one name for each, which its failures begin with.
pub(crate) static BLOCKS: &[Function] =
    &[function("wait", block), function("get", block), function("put", block), function("acquire", block)];

/// `tasks.spawn(f, ...)`.
fn spawn(context: Context, body: Body) -> Result<NewTask> {
    context.caller.shared().held.scheduler.check()?;
    Ok(NewTask { body, group: None })
}

/// `tasks.sleep(seconds)`.
fn sleep(context: Context, Limit(time): Limit) -> Result<()> {
    let caller = context.caller;
    let Some(turn) = caller.turn() else {
        caller.may_block()?;
        return pause(context, time);
    };
    turn.check()?;
    if !turn.again {
        let end = time.and_then(|time| Instant::now().checked_add(time));
        turn.task.progress.deadline.set(crate::socket::Deadline::At(end));
    }
    match turn.task.progress.deadline.get().end() {
        // Not at all: the others have their turn.
        Some(end) if end <= Instant::now() && turn.again => Ok(()),
        Some(end) if end <= Instant::now() => Err(turn.park(Wait::Turn, None)),
        end => Err(turn.park(Wait::Other, end)),
    }
}

/// The thread sleeps, until a hook is due.
fn pause(context: Context, time: Option<Duration>) -> Result<()> {
    let end = time.and_then(|time| Instant::now().checked_add(time));
    loop {
        let left = match end {
            Some(end) => end.saturating_duration_since(Instant::now()),
            None => Duration::from_secs(3600),
        };
        if left.is_zero() {
            return Ok(());
        }
        match sys::pause(left) {
            Ok(()) => {}
            Err(Errno::INTERRUPTED) if context.caller.has_pending_hook() => return Err(Cause::Interrupted.into()),
            Err(Errno::INTERRUPTED) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// `tasks.yield()`: the others have their turn.
fn give_way(context: Context) -> Result<()> {
    let Some(turn) = context.caller.turn() else { return context.caller.may_block() };
    turn.check()?;
    if turn.again { Ok(()) } else { Err(turn.park(Wait::Turn, None)) }
}

/// `tasks.now()`.
fn now(_: Context) -> Result<f64> {
    Ok(sys::monotonic())
}

/// `tasks.step([timeout])`.
fn step(context: Context, limit: Limit) -> Result<usize> {
    super::step::step(context.caller, limit)
}

/// `tasks.timeout()`: how long a step may wait at most; `nil` when only a descriptor ends the wait.
fn timeout(context: Context) -> Result<Option<f64>> {
    let scheduler = &context.caller.shared().held.scheduler;
    if !scheduler.ready.borrow().is_empty() {
        return Ok(Some(0.0));
    }
    Ok(scheduler.next_time().map(|time| time.saturating_duration_since(Instant::now()).as_secs_f64()))
}

/// `tasks.current()`.
fn current(context: Context) -> Result<Object> {
    Ok(Object(context.caller.turn().map(|turn| turn.task.id.get().place)))
}

/// `tasks.all()`.
fn all(context: Context) -> Result<All> {
    let tasks = context.caller.shared().held.scheduler.tasks.borrow();
    Ok(All(tasks.iter().flatten().map(|task| task.id.get().place).collect()))
}

/// `tasks.traceback(task)`.
fn traceback<'a>(_: Context, task: &'a Task) -> Result<Option<Trace<'a>>> {
    Ok(if task.status.get().has_ended() { None } else { Some(Trace(task)) })
}

/// `tasks.onerror(f)`.
fn onerror(_: Context, handler: Option<Body>) -> Result<Handler> {
    let _ = handler;
    Ok(Handler)
}

/// Waits until a task has ended.
fn join<'a>(context: Context<'a>, task: &'a Task, Limit(limit): Limit) -> Result<Joined<'a>> {
    let turn = context.caller.turn();
    if task.status.get().has_ended() {
        return Ok(Joined(task, 1));
    }
    let Some(turn) = turn else {
        return Err(Error::named(Errno::DEADLOCK, "only a task can wait for a task").raised());
    };
    if std::ptr::eq(turn.task, task) {
        return Err(Error::named(Errno::DEADLOCK, "a task cannot wait for itself").raised());
    }
    let end = turn.end_of(limit)?;
    let mut joiners = task.joiners.borrow_mut();
    if !joiners.contains(&turn.task.id.get()) {
        joiners.push(turn.task.id.get());
    }
    Err(turn.park(Wait::Other, end))
}

/// Waits until another task ends it by `wake`. What is ready already only lets the task be cancelled.
fn block(context: Context, Limit(limit): Limit, ready: Option<bool>) -> Result<()> {
    if ready == Some(true) {
        return context.caller.turn().map_or(Ok(()), Turn::check);
    }
    let Some(turn) = context.caller.turn() else {
        return Err(Error::named(Errno::DEADLOCK, "cannot wait here (outside of a task)").raised());
    };
    if !turn.again {
        turn.task.woken.set(false);
    }
    if turn.task.woken.take() {
        return Ok(());
    }
    let end = turn.end_of(limit)?;
    Err(turn.park(Wait::Other, end))
}

/// Steps until a task has ended. The tasks that were spawned since there were so many are cancelled then.
fn run<'a>(context: Context<'a>, task: &'a Task, before: i64) -> Result<Either<Joined<'a>, (bool, &'static str)>> {
    // An error is left to Lua: LuaJIT, whose compiler may be at work, does not stand one that is raised here.
    let went = super::run::run(context.caller, task, before)?;
    Ok(if went {
        Either::Left(Joined(task, 1))
    } else {
        Either::Right((false, "deadlock: every task waits for another"))
    })
}

/// Ends the wait of a task.
fn wake(context: Context, task: &Task) -> Result<()> {
    task.woken.set(true);
    context.caller.shared().held.scheduler.wake(task.id.get());
    Ok(())
}

/// `tasks.wait(object, "r" | "w" | "rw" [, timeout])`.
fn wait(context: Context, Awaited(watched): Awaited, way: &[u8], Limit(limit): Limit) -> Result<()> {
    let ways: &[Readiness] = match way {
        b"r" => &[Readiness::Read],
        b"w" => &[Readiness::Write],
        b"rw" => &[Readiness::Read, Readiness::Write],
        _ => return Err(Error::misuse(2, "invalid way")),
    };
    let (caller, fd) = (context.caller, watched.fd);
    if !sys::is_open(fd) {
        return Err(Errno::BAD_DESCRIPTOR.into());
    }
    let Some(turn) = caller.turn() else {
        caller.may_block()?;
        return wait_here(context, fd, ways, limit);
    };
    turn.check()?;
    for &readiness in ways {
        if sys::wait(fd, readiness, Some(Duration::ZERO))? {
            return Ok(());
        }
    }
    let end = turn.end_of(limit)?;
    let own = watched.socket.is_some();
    let wait = match *ways {
        [readiness] if own => Wait::Socket(fd, readiness),
        [readiness] => Wait::Foreign(fd, readiness),
        _ => Wait::Both(fd, own),
    };
    Err(turn.park(wait, end))
}

/// The same outside of tasks: the thread waits.
fn wait_here(context: Context, fd: Descriptor, ways: &[Readiness], limit: Option<Duration>) -> Result<()> {
    let end = limit.and_then(|limit| Instant::now().checked_add(limit));
    let watch = ways.iter().fold(Ready::NONE, |watch, way| match way {
        Readiness::Read => watch | Ready::READ,
        Readiness::Write => watch | Ready::WRITE,
    });
    let mut set = PollSet::new();
    set.add(fd, watch, Token::new(0, 0))?;
    loop {
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        match set.wait(left) {
            Ok(0) if left.is_some_and(|left| left.is_zero()) => return Err(Cause::Timeout.into()),
            Ok(0) => {}
            Ok(_) => return Ok(()),
            Err(Errno::INTERRUPTED) if context.caller.has_pending_hook() => return Err(Cause::Interrupted.into()),
            Err(Errno::INTERRUPTED) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// `task:cancel()`: false when it has ended.
fn cancel(context: Context, task: &Task) -> Result<bool> {
    let lives = !task.status.get().has_ended();
    context.caller.shared().held.scheduler.cancel(task);
    Ok(lives)
}

/// `task.status`.
fn status(_: Context, task: &Task) -> Result<&'static str> {
    Ok(task.status.get().name())
}

/// How many tasks there were when this one was made.
fn serial(_: Context, task: &Task) -> Result<i64> {
    Ok(task.id.get().serial)
}

/// Opens a group of the running task.
fn open_group(context: Context) -> Result<i64> {
    let Some(turn) = context.caller.turn() else {
        return Err(Error::named(Errno::DEADLOCK, "only a task can have a group").raised());
    };
    Ok(turn.scheduler.open_group(turn.task))
}

/// `group:spawn(f, ...)`.
fn group_spawn(context: Context, group: i64, body: Body) -> Result<NewTask> {
    let scheduler = &context.caller.shared().held.scheduler;
    scheduler.check()?;
    if !scheduler.has_group(group) {
        return Err(Error::named(Errno::INVALID, "the group is over").raised());
    }
    Ok(NewTask { body, group: Some(group) })
}

/// `group:cancel()`.
fn cancel_group(context: Context, group: i64) -> Result<()> {
    context.caller.shared().held.scheduler.cancel_group(group);
    Ok(())
}

/// Waits until all tasks of a group have ended, whatever happens to the one that waits: it cancels them then.
fn await_group(context: Context, group: i64) -> Result<()> {
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
fn close_group(context: Context, group: i64) -> Result<Values> {
    let scheduler = &context.caller.shared().held.scheduler;
    if let Some(turn) = context.caller.turn() {
        turn.task.leave(group);
    }
    Ok(Values(scheduler.close_group(group).map(|id| id.place)))
}

/// Begins a scope that ends after a time.
fn timeout_after(context: Context, Limit(time): Limit) -> Result<i64> {
    enter(context, time, false)
}

/// Begins a scope in which nothing counts that comes from outside.
fn shield(context: Context) -> Result<i64> {
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
fn leave(context: Context, scope: i64) -> Result<Nothing> {
    if let Some(turn) = context.caller.turn() {
        turn.task.leave(scope);
    }
    Ok(Nothing)
}

/// Another coroutine runs in place of the task's own.
fn switch(_: Context) -> Result<Switch> {
    Ok(Switch)
}

/// Cancels the tasks that came after so many, and tells how many there are.
fn cancel_since(context: Context, serial: i64) -> Result<usize> {
    Ok(context.caller.shared().held.scheduler.cancel_since(serial))
}

/// How many tasks there were until now.
fn mark(context: Context) -> Result<i64> {
    Ok(context.caller.shared().held.scheduler.serial.get())
}

/// Whether nothing can wake a task any more.
fn is_stuck(context: Context) -> Result<bool> {
    Ok(context.caller.shared().held.scheduler.is_stuck())
}

/// Whether a step runs.
fn is_in_step(context: Context) -> Result<bool> {
    Ok(context.caller.is_in_step())
}

/// The Lua state is being closed.
fn end(context: Context) -> Result<Nothing> {
    context.caller.shared().held.scheduler.end();
    Ok(Nothing)
}
