//! The library for a Lua state whose scripts may not do everything.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use mlua::{Function, Lua, MaybeSend, MaybeSync, Table, Value, Variadic};

use super::event::{Event, NAMES};
use crate::lua::{is_open, open_host, open_state};

/// A hook of the host. With mlua's `send` it goes to other threads with the Lua state.
trait Hook: Fn(&Event) -> Result<(), String> + MaybeSend + MaybeSync {}

impl<F: Fn(&Event) -> Result<(), String> + MaybeSend + MaybeSync> Hook for F {}

/// Opens the library in a Lua state, with limits to what its scripts can do.
///
/// ```
/// let lua = mlua::Lua::new();
/// bsdsocket::Builder::new()
///     .refuse(["socket.sethostname", "socket.bind"])
///     .without(["recv_fds", "SocketType.setsockopt"])
///     .default_timeout(std::time::Duration::from_secs(10))
///     .preload(&lua)?;
/// lua.load(r#"
///     local socket = require "bsdsocket"
///     assert(not pcall(socket.sethostname, "mine"))
///     assert(socket.recv_fds == nil and socket.SocketType.setsockopt == nil)
///     assert(socket.socket():gettimeout() == 10)
/// "#).exec()?;
/// # Ok::<(), mlua::Error>(())
/// ```
///
/// What keeps a script from getting round it is the host's: it gives the script neither Lua's `debug` library nor native
/// code, neither bytecode nor files and processes. `docs/embedding.md` tells more.
#[derive(Clone, Default)]
pub struct Builder {
    hooks: Vec<Arc<dyn Hook>>,
    allowed: Option<Vec<String>>,
    refused: Vec<String>,
    left_out: Vec<String>,
    refuses_descriptors: bool,
    default_timeout: Option<Duration>,
}

impl Builder {
    /// No limits as yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls `hook` before each act that has an audit event, before any hook of a script's. An `Err` forbids the act:
    /// its text is raised as a Lua error. With mlua's feature `send` the hook is `Send` and `Sync`.
    ///
    /// See [`Event::address`] for an example.
    pub fn audit<E: Display>(
        mut self,
        hook: impl Fn(&Event) -> Result<(), E> + MaybeSend + MaybeSync + 'static,
    ) -> Self {
        self.hooks.push(Arc::new(move |event| hook(event).map_err(|error| error.to_string())));
        self
    }

    /// Forbids all events but these; what is allowed here has still to pass the hooks. Called again, it allows more.
    pub fn allow<'a>(mut self, events: impl IntoIterator<Item = &'a str>) -> Self {
        self.allowed.get_or_insert_default().extend(events.into_iter().map(str::to_owned));
        self
    }

    /// Forbids these events.
    pub fn refuse<'a>(mut self, events: impl IntoIterator<Item = &'a str>) -> Self {
        self.refused.extend(events.into_iter().map(str::to_owned));
        self
    }

    /// Leaves functions out of the module, `"send_fds"`, and methods out of all sockets, `"SocketType.setsockopt"`.
    pub fn without<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.left_out.extend(names.into_iter().map(str::to_owned));
        self
    }

    /// Keeps scripts to the sockets that they make themselves and those that the host gives them: no number is taken
    /// for a descriptor, and none can be lost. Leaves out `close`, `dup`, `fromfd`, `send_fds` and `recv_fds`, and the
    /// methods `detach` and `setfd`; refuses `fileno` in `socket.socket`, `SCM_RIGHTS` in `sendmsg`, and options whose
    /// value is a descriptor; closes what comes with a message. Selectors take the library's own sockets
    /// only, and tell no descriptor.
    pub fn without_descriptors(mut self) -> Self {
        self.refuses_descriptors = true;
        let names = ["close", "dup", "fromfd", "send_fds", "recv_fds", "SocketType.detach", "SocketType.setfd"];
        self.without(names)
    }

    /// The timeout of new sockets, which a script can change.
    pub fn default_timeout(mut self, timeout: Duration) -> Self {
        self.default_timeout = Some(timeout);
        self
    }

    /// The module table of a Lua state, made so.
    ///
    /// # Errors
    /// When the state has the library already, when a name is not one of the library's, or when there is no memory. The
    /// state is no place for scripts then: the library may be open in it without limits.
    pub fn module(&self, lua: &Lua) -> mlua::Result<Table> {
        if is_open(lua)? {
            return Err(mlua::Error::runtime("the library is open in this state already"));
        }
        let events = self.allowed.iter().flatten().chain(&self.refused);
        if let Some(unknown) = events.into_iter().find(|name| !NAMES.contains(&name.as_str())) {
            return Err(mlua::Error::runtime(format!("no audit event '{unknown}'")));
        }
        let (module, host) = (open_state(lua)?, open_host(lua)?);
        for name in &self.left_out {
            leave_out(&module, name)?;
        }
        if self.refuses_descriptors {
            host.get::<Function>("refuse_descriptors")?.call::<()>(())?;
        }
        if let Some(timeout) = self.default_timeout {
            host.get::<Function>("setdefaulttimeout")?.call::<()>(timeout.as_secs_f64())?;
        }
        if self.allowed.is_some() || !self.refused.is_empty() || !self.hooks.is_empty() {
            let (hook, close) = self.hook(lua)?;
            host.get::<Function>("addaudithook")?.call::<()>(hook)?;
            let ending: Value = host.get::<Function>("ending")?.call(close)?;
            host.raw_set("closing", ending)?;
        }
        Ok(module)
    }

    /// Opens the library so, and lets scripts of the state `require "bsdsocket"`.
    ///
    /// # Errors
    /// As [`Builder::module`].
    pub fn preload(&self, lua: &Lua) -> mlua::Result<()> {
        self.module(lua)?;
        crate::preload(lua)
    }

    /// One hook for all that was said, and what is to be called before it is gone.
    fn hook(&self, lua: &Lua) -> mlua::Result<(Function, Function)> {
        let rules = self.clone();
        let ask = lua.create_function(move |lua, (name, arguments): (String, Variadic<Value>)| {
            // When the host lets go of the state, finalizers run that hooks could not ask about.
            if lua.weak().try_upgrade().is_none() {
                return Ok(Some("the Lua state is closing".to_owned()));
            }
            Ok(rules.judge(&Event { lua, name: &name, arguments: &arguments }).err())
        })?;
        let error: Function = lua.globals().get("error")?;
        lua.load(include_str!("../../lua/hook.lua")).set_name("@lua/hook.lua").call((ask, error))
    }

    fn judge(&self, event: &Event) -> Result<(), String> {
        let named = |names: &[String]| names.iter().any(|name| name == event.name());
        if named(&self.refused) || self.allowed.as_ref().is_some_and(|allowed| !named(allowed)) {
            return Err(format!("{} is not allowed", event.name()));
        }
        self.hooks.iter().try_for_each(|hook| hook(event))
    }
}

/// Removes what a name stands for.
fn leave_out(module: &Table, name: &str) -> mlua::Result<()> {
    let (table, key) = match name.split_once('.') {
        Some((table, key)) => (module.get::<Table>(table)?, key),
        None => (module.clone(), name),
    };
    if !table.contains_key(key)? {
        return Err(mlua::Error::runtime(format!("nothing is called '{name}'")));
    }
    table.raw_remove(key)
}
