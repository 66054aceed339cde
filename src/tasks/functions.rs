//! The functions of the module, and those that the others are written with in `lua/tasks.lua` and `lua/tasks/`.

use std::time::{Duration, Instant};

use super::{Task, Wait, objects};
use crate::error::{Cause, Error, Result};
use crate::lua::{Body, Context, Either, NativeFunction, Results, Watched, function, sequence, task_results};
use crate::socket::Deadline;
use crate::sys::{self, Descriptor, Errno, NO_DESCRIPTOR, Ready};

/// The functions.
pub(crate) static INDEX: &[NativeFunction] = &[
    function("spawn", spawn),
    function("sleep", sleep),
    function("yield", give_way),
    function("now", now),
    function("step", step),
    function("timeout", timeout),
    function("fileno", fileno),
    function("current", current),
    function("all", all),
    function("traceback", traceback),
    function("onerror", onerror),
    function("join", objects::join),
    function("run", objects::run),
    function("wait", wait),
    function("wake", objects::wake),
    function("cancel", objects::cancel),
    function("status", objects::status),
    function("serial", objects::serial),
    function("open_group", objects::open_group),
    function("group:spawn", objects::group_spawn),
    function("cancel_group", objects::cancel_group),
    function("group", objects::await_group),
    function("close_group", objects::close_group),
    function("timeout_after", objects::timeout_after),
    function("shield", objects::shield),
    function("leave", objects::leave),
    function("switch", objects::switch),
    function("cancel_since", objects::cancel_since),
    function("mark", objects::mark),
    function("is_stuck", objects::is_stuck),
    function("is_in_step", objects::is_in_step),
    function("end", objects::end),
];

/// The functions that a host calls from Rust or C. Scripts cannot call them.
pub(crate) static HOST: &[NativeFunction] = &[
    function("poll", poll),
    function("timeout", timeout),
    function("fileno", queue),
    function("refuse_tasks", refuse_tasks),
    function("allows_tasks", allows_tasks),
];

/// How a task waits for another one: the same function under each name that its messages begin with.
pub(crate) static BLOCKS: &[NativeFunction] = &[
    function("wait", objects::block),
    function("get", objects::block),
    function("put", objects::block),
    function("acquire", objects::block),
];

/// `tasks.spawn(f, ...)`.
fn spawn(context: Context, body: Body) -> Result<impl Results> {
    context.caller.shared().open_objects.scheduler.admit(context.caller)?;
    Ok(task_results::new_task(body, None))
}

/// `tasks.sleep(seconds)`.
pub(crate) fn sleep(context: Context, time: Option<Duration>) -> Result<()> {
    let caller = context.caller;
    let Some(call) = caller.task_call() else {
        caller.may_block()?;
        return pause(context, time);
    };
    call.check()?;
    if !call.again {
        let end = time.and_then(|time| Instant::now().checked_add(time));
        call.task.set_deadline(Deadline::At(end));
    }
    match call.task.deadline().end() {
        // No time to wait: only lets the other tasks run once.
        Some(end) if end <= Instant::now() && call.again => Ok(()),
        Some(end) if end <= Instant::now() => Err(call.park(Wait::Yield, None)),
        end => Err(call.park(Wait::Other, end)),
    }
}

/// Blocks the thread. Fails with EINTR if a debug hook is pending.
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
        match context.caller.sleep(left) {
            Ok(()) => {}
            Err(Cause::System(Errno::INTERRUPTED)) if context.caller.has_pending_hook() => {
                return Err(Cause::Interrupted.into());
            }
            Err(Cause::System(Errno::INTERRUPTED)) => {}
            Err(cause) => return Err(cause.into()),
        }
    }
}

/// `tasks.yield()`: lets the other tasks run once.
fn give_way(context: Context) -> Result<()> {
    let Some(call) = context.caller.task_call() else { return context.caller.may_block() };
    call.check()?;
    if call.again { Ok(()) } else { Err(call.park(Wait::Yield, None)) }
}

/// `tasks.now()`.
fn now(_: Context) -> Result<f64> {
    Ok(sys::monotonic())
}

/// `tasks.step([timeout])`.
fn step(context: Context, limit: Option<Duration>) -> Result<usize> {
    super::step::step(context.caller, limit)
}

/// `tasks.timeout()`: the time until the next wait times out, 0 if a task is ready, `nil` if no wait has a timeout.
fn timeout(context: Context) -> Result<Option<f64>> {
    let scheduler = &context.caller.shared().open_objects.scheduler;
    if !scheduler.ready.borrow().is_empty() {
        return Ok(Some(0.0));
    }
    Ok(scheduler.next_time().map(|time| time.saturating_duration_since(Instant::now()).as_secs_f64()))
}

/// `tasks.fileno()`: the descriptor of the kernel's queue.
fn fileno(context: Context) -> Result<Descriptor> {
    if !context.caller.shared().names_descriptors.get() {
        return Err(Errno::NOT_SUPPORTED.into());
    }
    queue(context)
}

/// The same for the host, which may forbid descriptors to scripts.
fn queue(context: Context) -> Result<Descriptor> {
    context.caller.shared().open_objects.scheduler.fileno()
}

/// Runs tasks that are ready, for at most `budget`, and never waits.
fn poll(context: Context, budget: Either<(), Duration>) -> Result<usize> {
    super::step::poll(context.caller, budget.given().unwrap_or(Duration::MAX))
}

/// Has `require "bsdsocket.tasks"` fail from now on.
fn refuse_tasks(context: Context) -> Result<()> {
    context.caller.shared().allows_tasks.set(false);
    Ok(())
}

/// Whether the host allows tasks.
fn allows_tasks(context: Context) -> Result<bool> {
    Ok(context.caller.shared().allows_tasks.get())
}

/// `tasks.current()`.
fn current(context: Context) -> Result<impl Results> {
    Ok(context.caller.task_call().map(|call| task_results::object(call.task.id.get().place())))
}

/// `tasks.all()`.
fn all(context: Context) -> Result<impl Results> {
    let tasks = context.caller.shared().open_objects.scheduler.tasks.borrow();
    Ok(sequence(tasks.iter().flatten().map(|task| task_results::object(task.id.get().place())).collect()))
}

/// `tasks.traceback(task)`.
fn traceback(_: Context, task: &Task) -> Result<impl Results> {
    Ok(if task.status.get().has_ended() { None } else { Some(task_results::traceback(task)) })
}

/// `tasks.onerror(f)`.
fn onerror(_: Context, handler: Option<Body>) -> Result<impl Results> {
    let _ = handler;
    Ok(task_results::exchange_handler())
}

/// `tasks.wait(object, "r" | "w" | "rw" [, timeout])`.
fn wait(context: Context, watched: Watched, way: &[u8], limit: Option<Duration>) -> Result<()> {
    let ways = match way {
        b"r" => Ready::READ,
        b"w" => Ready::WRITE,
        b"rw" => Ready::BOTH,
        _ => return Err(Error::misuse(2, "invalid way")),
    };
    let (caller, fd) = (context.caller, watched.fd);
    if !sys::is_open(fd) {
        return Err(Errno::BAD_DESCRIPTOR.into());
    }
    let Some(call) = caller.task_call() else {
        caller.may_block()?;
        return wait_here(context, fd, ways, limit);
    };
    call.check()?;
    match wait_here(context, fd, ways, Some(Duration::ZERO)) {
        Err(Error::Plain(Cause::Timeout)) => {}
        done => return done,
    }
    let end = call.end_of(limit)?;
    let own = watched.socket.is_some();
    let wait = match ways {
        Ready::BOTH => Wait::Both(fd, own),
        way if own => Wait::Socket(fd, way),
        way => Wait::Foreign(fd, way),
    };
    Err(call.park(wait, end))
}

/// The same outside of tasks: blocks the thread.
fn wait_here(context: Context, fd: Descriptor, ways: Ready, limit: Option<Duration>) -> Result<()> {
    let end = context.caller.earlier(limit.and_then(|limit| Instant::now().checked_add(limit)));
    let waker = context.caller.limits().and_then(|limits| limits.waker());
    let entries =
        &mut [sys::poll_entry(fd, sys::bits(ways)), sys::poll_entry(waker.unwrap_or(NO_DESCRIPTOR), sys::POLLIN)];
    let entries = if waker.is_some() { &mut entries[..] } else { &mut entries[..1] };
    loop {
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        match sys::poll(entries, left) {
            Ok(0) if left.is_some_and(|left| left.is_zero()) => return Err(Cause::Timeout.into()),
            Ok(0) => {}
            Ok(_) if context.caller.heed_switch() => return Err(Errno::CANCELED.into()),
            Ok(_) if entries[0].revents == 0 => {}
            Ok(_) if entries[0].revents & sys::POLLNVAL != 0 => return Err(Errno::BAD_DESCRIPTOR.into()),
            Ok(_) => return Ok(()),
            Err(Errno::INTERRUPTED) if context.caller.has_pending_hook() => return Err(Cause::Interrupted.into()),
            Err(Errno::INTERRUPTED) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}
