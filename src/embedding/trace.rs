//! Telling the host what calls have done.

use std::sync::Arc;
use std::time::Duration;

use mlua::{Function, Lua, MaybeSend, MaybeSync};

use super::Builder;
use super::builder::hook_and_end;

/// What a call of a script has done: see [`Builder::trace`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Outcome {
    /// The name of the function: `connect`, `accept`, `close` …
    pub operation: String,
    /// The address that it was about, as messages have it: whom a socket connected to, who was accepted, whose
    /// connection was closed.
    pub address: Option<String>,
    /// The message of a failure.
    pub error: Option<String>,
    /// The code of a failure, such as `ECONNREFUSED` or `timeout`.
    pub code: Option<String>,
    /// How long the call took; for `close` how long the socket was open.
    pub time: Duration,
    /// How many bytes were received: before a failure, or for `close` by the socket.
    pub received: u64,
    /// How many bytes were sent: before a failure, or for `close` by the socket.
    pub sent: u64,
}

impl Builder {
    /// Adds a function that is called after each call of a script that has connected, accepted or closed a socket, and
    /// after each that has failed, unless it would only have had to wait (`EAGAIN`, `EINPROGRESS`). It is never told
    /// data.
    ///
    /// A socket counts as closed when its descriptor is: by `close`, by the collector, by the last stream over it, by
    /// [`Switch::close_all`](crate::Switch::close_all). What is closed with its state is not told of, nor are calls of
    /// a state that was cancelled.
    ///
    /// The function may use the Lua state; it is not told of what it does there. When it panics, the outcome stays what
    /// it is. Includes [`Builder::counters`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    ///
    /// let told = Arc::new(Mutex::new(Vec::new()));
    /// let list = told.clone();
    /// let lua = mlua::Lua::new();
    /// bsdsocket::Builder::new()
    ///     .trace(move |outcome| list.lock().unwrap().push((outcome.operation.clone(), outcome.sent)))
    ///     .preload(&lua)?;
    /// lua.load(r#"
    ///     local socket = require "bsdsocket"
    ///     local server = assert(socket.create_server { "127.0.0.1", 0 })
    ///     local client = assert(socket.create_connection(server:getsockname()))
    ///     assert(client:sendall("hello") and client:close())
    /// "#).exec()?;
    /// let told = told.lock().unwrap();
    /// assert_eq!(*told, [("create_connection".to_owned(), 0), ("close".to_owned(), 5)]);
    /// # Ok::<(), mlua::Error>(())
    /// ```
    pub fn trace(mut self, hook: impl Fn(&Outcome) + MaybeSend + MaybeSync + 'static) -> Self {
        self.traces.push(Arc::new(move |outcome: &Outcome| {
            hook(outcome);
            Ok(())
        }));
        self.limits.traces = true;
        self.counters()
    }

    /// Makes one function of all that are told of outcomes, and the function to call before it is freed.
    pub(super) fn trace_function(&self, lua: &Lua) -> mlua::Result<(Function, Function)> {
        let traces = self.traces.clone();
        let tell = lua.create_function(move |lua, (operation, address, error, code, seconds, received, sent)| {
            // The host has dropped the state: its functions can no longer use it.
            if lua.weak().try_upgrade().is_none() {
                return Ok(());
            }
            let text = |text: Option<mlua::LuaString>| text.map(|text| text.to_string_lossy());
            let (address, error) = (text(address), text(error));
            let time = Duration::try_from_secs_f64(seconds).unwrap_or_default();
            let outcome = Outcome { operation, address, error, code, time, received, sent };
            traces.iter().try_for_each(|trace| trace(&outcome)).map_err(mlua::Error::runtime)
        })?;
        hook_and_end(lua, tell)
    }
}
