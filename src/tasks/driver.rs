//! Tasks that a host in Rust runs.

use std::time::Duration;

use mlua::{Function, Lua, Value};

use crate::lua::open_host;

/// Runs the tasks of a Lua state that are ready, for at most so long, and never waits.
///
/// Wakes the tasks whose time has come and whose sockets are ready, and runs those that are ready until none is or the
/// time is up; what is left is the first to run at the next call. A task that runs is not interrupted. Returns how many
/// tasks have not ended. Whether some are still ready [`timeout`] tells: it is zero then.
///
/// # Errors
///
/// Fails within a call of itself, and when the system cannot wait. Errors of tasks do not come here: see
/// `tasks.onerror`.
///
/// # Examples
///
/// A program with frames calls it once in each of them:
///
/// ```
/// use std::time::Duration;
///
/// let lua = mlua::Lua::new();
/// bsdsocket::preload(&lua)?;
/// lua.load(r#"
///     local socket, tasks = require "bsdsocket", require "bsdsocket.tasks"
///     local one, other = assert(socket.socketpair())
///     tasks.spawn(function() received = one:recv(100) end)
///     tasks.spawn(function() tasks.sleep(0.05) other:sendall("hello") end)
/// "#).exec()?;
///
/// let mut frames = 0;
/// while bsdsocket::tasks::poll(&lua, Duration::from_millis(2))? > 0 {
///     frames += 1;
///     std::thread::sleep(Duration::from_millis(16));
/// }
/// assert_eq!(lua.globals().get::<String>("received")?, "hello");
/// assert!(frames > 1);
/// # Ok::<(), mlua::Error>(())
/// ```
pub fn poll(lua: &Lua, budget: Duration) -> mlua::Result<usize> {
    call(lua, "poll", budget.as_secs_f64())
}

/// How long a host may wait until it calls [`poll`] again, unless a socket becomes ready before.
///
/// Zero when a task is ready; `None` when no task waits for a time.
///
/// # Errors
///
/// Fails when there is no memory.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// let lua = mlua::Lua::new();
/// bsdsocket::preload(&lua)?;
/// lua.load("local tasks = require 'bsdsocket.tasks' tasks.spawn(tasks.sleep, 60)").exec()?;
/// assert_eq!(bsdsocket::tasks::timeout(&lua)?, Some(Duration::ZERO));
/// bsdsocket::tasks::poll(&lua, Duration::from_millis(1))?;
/// assert_eq!(bsdsocket::tasks::timeout(&lua)?.map(|time| time > Duration::from_secs(50)), Some(true));
/// # Ok::<(), mlua::Error>(())
/// ```
pub fn timeout(lua: &Lua) -> mlua::Result<Option<Duration>> {
    let seconds: Option<f64> = call(lua, "timeout", ())?;
    Ok(seconds.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)))
}

/// A descriptor that is ready to read when [`poll`] has something to do, for a host's own loop.
///
/// It is ready when a socket that a task waits for is ready, when a task's time has come, and for as long as tasks are
/// ready to run, also when that was done between two calls of [`poll`]: a host needs no timer of its own. It may be
/// watched level-triggered or edge-triggered. Nothing is to be read from it; [`poll`] makes it unready. After a `fork`
/// the child asks for it again.
///
/// # Errors
///
/// Fails on systems without epoll or kqueue, and when there are too many descriptors.
///
/// # Examples
///
/// With tokio:
///
/// ```
/// use std::time::Duration;
///
/// use tokio::io::Interest;
/// use tokio::io::unix::AsyncFd;
///
/// let lua = mlua::Lua::new();
/// bsdsocket::preload(&lua)?;
/// lua.load("local tasks = require 'bsdsocket.tasks' tasks.spawn(tasks.sleep, 0.01)").exec()?;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
/// # runtime.block_on(async {
/// let fd = bsdsocket::tasks::as_fd(&lua)?;
/// // SAFETY: the Lua state has the descriptor open for longer.
/// let ready = unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) }.map_err(std::io::Error::from)?;
/// while bsdsocket::tasks::poll(&lua, Duration::from_millis(2))? > 0 {
///     ready.readable().await?.clear_ready();
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(unix)]
pub fn as_fd(lua: &Lua) -> mlua::Result<std::os::fd::BorrowedFd<'_>> {
    Ok(crate::sys::borrow(call(lua, "fileno", ())?))
}

/// Calls a function of the host. What fails gives `nil`, a message and a code.
fn call<T: mlua::FromLua>(lua: &Lua, name: &str, arguments: impl mlua::IntoLuaMulti) -> mlua::Result<T> {
    let function: Function = open_host(lua)?.get(name)?;
    let (value, message): (Value, Option<String>) = function.call(arguments)?;
    match message {
        Some(message) => Err(mlua::Error::runtime(message)),
        None => T::from_lua(value, lua),
    }
}
