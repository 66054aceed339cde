//! Running tasks from a host in Rust.

use std::time::Duration;

use mlua::{Function, Lua, Value};

use crate::lua::open_host;

/// Runs the tasks of a Lua state that are ready, for at most `budget`, and never waits.
///
/// Runs tasks until none is ready or `budget` is used up; those that are left run first in the next call. A task that
/// runs is not interrupted. Returns how many tasks have not ended. While some of them are ready, [`timeout`] returns
/// zero.
///
/// # Errors
///
/// Fails if tasks are running already, and if the system call that waits fails. Errors of tasks are not returned: see
/// `tasks.onerror`.
///
/// # Examples
///
/// A program that draws frames calls it in each frame:
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

/// Returns how long a host may wait before it calls [`poll`] again, if no socket becomes ready.
///
/// Zero if a task is ready, `None` if no task waits with a timeout.
///
/// # Errors
///
/// Fails if there is no memory.
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

/// Returns a descriptor for the host's event loop. It is readable when [`poll`] has something to do.
///
/// It is readable when a socket that a task waits for is ready, when the timeout of a task expires, and while tasks are
/// ready to run, also if they became ready between two calls of [`poll`]: a host needs no timer. It may be watched
/// level-triggered or edge-triggered. Do not read from it: [`poll`] resets it. A forked process must call this again.
///
/// # Errors
///
/// Fails on systems without epoll or kqueue, and if too many descriptors are open.
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

/// Calls a function of the table `HOST`.
fn call<T: mlua::FromLua>(lua: &Lua, name: &str, arguments: impl mlua::IntoLuaMulti) -> mlua::Result<T> {
    let function: Function = open_host(lua)?.get(name)?;
    let (value, message): (Value, Option<String>) = function.call(arguments)?;
    match message {
        Some(message) => Err(mlua::Error::runtime(message)),
        None => T::from_lua(value, lua),
    }
}
