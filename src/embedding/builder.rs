//! Opening the library with limits for scripts.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use mlua::{Function, Lua, MaybeSend, MaybeSync, Table, Value, Variadic};

use super::event::{Event, NAMES};
use super::trace::Outcome;
use crate::limits::LimitSettings;
use crate::lua::{DESCRIPTOR_FUNCTIONS, is_open, limit, open_host, open_luasocket, open_state};
use crate::sys;

/// A function of the host that is called with a `T`. With mlua's feature `send` the Lua state, and with it the function,
/// may move to other threads.
pub(super) trait Hook<T>: Fn(&T) -> Result<(), String> + MaybeSend + MaybeSync {}

impl<T, F: Fn(&T) -> Result<(), String> + MaybeSend + MaybeSync> Hook<T> for F {}

/// Opens the library in a Lua state, with limits for the scripts.
///
/// The limits hold only if scripts have no other way around them: the host must not give them Lua's `debug` library,
/// native modules, bytecode, files or processes. See `docs/embedding.md`.
///
/// # Examples
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
#[derive(Clone, Default)]
pub struct Builder {
    hooks: Vec<Arc<dyn for<'a> Hook<Event<'a>>>>,
    allowed: Option<Vec<String>>,
    refused: Vec<String>,
    removed: Vec<String>,
    refuses_descriptors: bool,
    refuses_tasks: bool,
    has_luasocket: bool,
    ignores_sigpipe: bool,
    default_timeout: Option<Duration>,
    max_threads: Option<u32>,
    pub(super) shows_stats: bool,
    pub(super) traces: Vec<Arc<dyn Hook<Outcome>>>,
    pub(super) rules: Option<Vec<String>>,
    pub(super) limits: LimitSettings,
}

impl Builder {
    /// Creates a builder without limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an audit hook.
    ///
    /// `hook` is called before each operation that has an audit event, and before the hooks of scripts. When it returns
    /// an error, the operation is not done and the error's text is raised as a Lua error. With mlua's feature `send`
    /// the hook must be `Send` and `Sync`.
    ///
    /// See [`Event::address`] for an example.
    pub fn audit<E: Display>(
        mut self,
        hook: impl Fn(&Event) -> Result<(), E> + MaybeSend + MaybeSync + 'static,
    ) -> Self {
        self.hooks.push(Arc::new(move |event: &Event| hook(event).map_err(|error| error.to_string())));
        self
    }

    /// Forbids all audit events except these. Further calls add to them.
    ///
    /// Hooks are still called for the allowed events. [`Builder::module`] fails for a name that is no event.
    pub fn allow<'a>(mut self, events: impl IntoIterator<Item = &'a str>) -> Self {
        self.allowed.get_or_insert_default().extend(events.into_iter().map(str::to_owned));
        self
    }

    /// Forbids these audit events. Further calls add to them.
    ///
    /// [`Builder::module`] fails for a name that is no event.
    pub fn refuse<'a>(mut self, events: impl IntoIterator<Item = &'a str>) -> Self {
        self.refused.extend(events.into_iter().map(str::to_owned));
        self
    }

    /// Removes functions from the module and methods from sockets.
    ///
    /// A name is that of a function, such as `"send_fds"`, or of a method, such as `"SocketType.setsockopt"`.
    /// [`Builder::module`] fails for a name that does not exist.
    pub fn without<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.removed.extend(names.into_iter().map(str::to_owned));
        self
    }

    /// Forbids descriptor numbers: scripts can use only the sockets that they make and those that the host gives them.
    ///
    /// Removes the functions `close`, `dup`, `fromfd`, `send_fds` and `recv_fds` and the methods `detach` and `setfd`.
    /// Forbids `fileno` in `socket.socket`, `SCM_RIGHTS` in `sendmsg`, and socket options whose value is a descriptor.
    /// Descriptors that are received in messages are closed. Selectors and `tasks.wait` take only the library's own
    /// sockets; `fileno` of selectors and tasks fails with `EOPNOTSUPP`.
    pub fn without_descriptors(mut self) -> Self {
        if self.refuses_descriptors {
            return self;
        }
        self.refuses_descriptors = true;
        self.without(DESCRIPTOR_FUNCTIONS.iter().copied())
    }

    /// Forbids tasks: scripts cannot `require "bsdsocket.tasks"`.
    pub fn without_tasks(mut self) -> Self {
        self.refuses_tasks = true;
        self
    }

    /// Gives scripts LuaSocket's modules in C, `socket.core`, `socket.unix` and `mime.core`, over the library's sockets.
    ///
    /// [`Builder::preload`] makes `require` find them, and LuaSocket's own files in Lua then work, if the host provides
    /// these. What limits the scripts' sockets limits these too. SIGPIPE stays as it is without [`Builder::ignore_sigpipe`].
    ///
    /// ```
    /// let lua = mlua::Lua::new();
    /// bsdsocket::Builder::new().luasocket().refuse(["socket.connect"]).preload(&lua)?;
    /// lua.load(r#"
    ///     local core = require "socket.core"
    ///     assert(not pcall(function() core.tcp():connect("127.0.0.1", 80) end))
    /// "#).exec()?;
    /// # Ok::<(), mlua::Error>(())
    /// ```
    pub fn luasocket(mut self) -> Self {
        self.has_luasocket = true;
        self
    }

    /// Ignores SIGPIPE in the whole process when the library is opened, as LuaSocket does. The library's own sockets
    /// never raise it; LuaSec's connections can. A program whose `main` is Rust's ignores it already.
    pub fn ignore_sigpipe(mut self) -> Self {
        self.ignores_sigpipe = true;
        self
    }

    /// Sets the default timeout of new sockets. Scripts can change it.
    pub fn default_timeout(mut self, timeout: Duration) -> Self {
        self.default_timeout = Some(timeout);
        self
    }

    /// Forbids threads: names are looked up by the thread that calls.
    ///
    /// A look-up in a task then blocks all tasks, and its timeout has no effect. Otherwise the library looks up names
    /// in at most 16 threads, which it starts when it needs them, and which end after ten seconds without work. All
    /// signals are blocked in them, and they never use Lua.
    pub fn without_threads(self) -> Self {
        self.max_threads(0)
    }

    /// Sets how many threads may look up names, 16 by default.
    ///
    /// All states of the process share them: a state starts another one only while there are fewer than its number.
    pub fn max_threads(mut self, count: u32) -> Self {
        self.max_threads = Some(count);
        self
    }

    /// Opens the library in a Lua state and returns the module table.
    ///
    /// # Errors
    ///
    /// Fails when the library is already open in the state, when a name passed to the builder is unknown, and when
    /// there is no memory. Scripts should not run in the state then: the library may be open in it without limits.
    pub fn module(&self, lua: &Lua) -> mlua::Result<Table> {
        if is_open(lua)? {
            return Err(mlua::Error::runtime("the library is already open in this state"));
        }
        let events = self.allowed.iter().flatten().chain(&self.refused);
        if let Some(unknown) = events.into_iter().find(|name| !NAMES.contains(&name.as_str())) {
            return Err(mlua::Error::runtime(format!("unknown audit event '{unknown}'")));
        }
        let limits = self.settings().map_err(mlua::Error::external)?;
        let (module, host) = (open_state(lua)?, open_host(lua)?);
        for name in &self.removed {
            remove(&module, name)?;
        }
        #[cfg(all(unix, feature = "testkit"))]
        host.get::<Function>("refuse_programs")?.call::<()>(())?;
        if self.refuses_descriptors {
            host.get::<Function>("refuse_descriptors")?.call::<()>(())?;
        }
        if self.shows_stats {
            module.raw_set("stats", host.get::<Function>("stats")?)?;
        }
        if self.refuses_tasks {
            host.get::<Function>("refuse_tasks")?.call::<()>(())?;
        }
        if let Some(timeout) = self.default_timeout {
            host.get::<Function>("setdefaulttimeout")?.call::<()>(timeout.as_secs_f64())?;
        }
        if let Some(count) = self.max_threads {
            host.get::<Function>("setthreads")?.call::<()>(count)?;
        }
        if self.allowed.is_some() || !self.refused.is_empty() || !self.hooks.is_empty() {
            set_hook(&host, "addaudithook", self.hook(lua)?)?;
        }
        if !self.traces.is_empty() {
            set_hook(&host, "settrace", self.trace_function(lua)?)?;
        }
        limit(lua, &limits)?;
        if self.ignores_sigpipe {
            sys::ignore_sigpipe();
        }
        Ok(module)
    }

    /// Opens the library in a Lua state, so that scripts can `require "bsdsocket"`.
    ///
    /// # Errors
    ///
    /// Fails as [`Builder::module`] does.
    pub fn preload(&self, lua: &Lua) -> mlua::Result<()> {
        self.module(lua)?;
        if self.has_luasocket {
            let core = open_luasocket(lua)?;
            lua.preload_module("bsdsocket.luasocket", lua.create_function(move |_, ()| Ok(core.clone()))?)?;
        }
        crate::preload(lua)
    }

    /// Makes one hook for all limits, and the function to call before it is freed.
    fn hook(&self, lua: &Lua) -> mlua::Result<(Function, Function)> {
        let rules = self.clone();
        let check = lua.create_function(move |lua, (name, arguments): (String, Variadic<Value>)| {
            // The host has dropped the state: finalizers run, and hooks can no longer use it.
            if lua.weak().try_upgrade().is_none() {
                return Ok(Some("the Lua state is closing".to_owned()));
            }
            Ok(rules.check(&Event { lua, name: &name, arguments: &arguments }).err())
        })?;
        hook_and_end(lua, check)
    }

    fn check(&self, event: &Event) -> Result<(), String> {
        let named = |names: &[String]| names.iter().any(|name| name == event.name());
        if named(&self.refused) || self.allowed.as_ref().is_some_and(|allowed| !named(allowed)) {
            return Err(format!("{} is not allowed", event.name()));
        }
        self.hooks.iter().try_for_each(|hook| hook(event))
    }
}

/// A hook that calls a function of the host, and the function to call before that is freed.
pub(super) fn hook_and_end(lua: &Lua, act: Function) -> mlua::Result<(Function, Function)> {
    let error: Function = lua.globals().get("error")?;
    lua.load(include_str!("../../lua/hook.lua")).set_name("@lua/hook.lua").call((act, error))
}

/// Sets a hook by a function of the host's table, and has it ended before it is freed.
fn set_hook(host: &Table, name: &str, (hook, end): (Function, Function)) -> mlua::Result<()> {
    host.get::<Function>(name)?.call::<()>(hook)?;
    let finalizer: Value = host.get::<Function>("finalizer")?.call(end)?;
    host.raw_set(format!("end of {name}"), finalizer)
}

/// Removes the function or method of a name.
fn remove(module: &Table, name: &str) -> mlua::Result<()> {
    let (table, key) = match name.split_once('.') {
        Some((table, key)) => (module.get::<Table>(table)?, key),
        None => (module.clone(), name),
    };
    if !table.contains_key(key)? {
        return Err(mlua::Error::runtime(format!("unknown function or method '{name}'")));
    }
    table.raw_remove(key)
}
