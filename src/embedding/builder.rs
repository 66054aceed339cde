//! Opening the library with limits for scripts.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use mlua::{Function, Lua, MaybeSend, MaybeSync, Table, Value, Variadic};

use super::event::{Event, NAMES};
use crate::limits::{Settings, Switch, UnknownRule};
use crate::lua::{DESCRIPTOR_FUNCTIONS, is_open, limit, open_host, open_state};

/// A hook of the host. With mlua's feature `send` the Lua state, and with it the hook, may move to other threads.
trait Hook: Fn(&Event) -> Result<(), String> + MaybeSend + MaybeSync {}

impl<F: Fn(&Event) -> Result<(), String> + MaybeSend + MaybeSync> Hook for F {}

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
    hooks: Vec<Arc<dyn Hook>>,
    allowed: Option<Vec<String>>,
    refused: Vec<String>,
    removed: Vec<String>,
    refuses_descriptors: bool,
    default_timeout: Option<Duration>,
    rules: Option<Vec<String>>,
    limits: Settings,
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
        self.hooks.push(Arc::new(move |event| hook(event).map_err(|error| error.to_string())));
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
    /// Descriptors that are received in messages are closed. Selectors take only the library's
    /// own sockets, and return no descriptor.
    pub fn without_descriptors(mut self) -> Self {
        if self.refuses_descriptors {
            return self;
        }
        self.refuses_descriptors = true;
        self.without(DESCRIPTOR_FUNCTIONS.iter().copied())
    }

    /// Sets the default timeout of new sockets. Scripts can change it.
    pub fn default_timeout(mut self, timeout: Duration) -> Self {
        self.default_timeout = Some(timeout);
        self
    }

    /// Limits how many sockets a state has open.
    ///
    /// All count: those that are made, accepted, duplicated, made of a descriptor or given by the host, each until it
    /// is closed or collected, a closed one that has open streams as well; a selector counts as a socket. Beyond the
    /// number they fail with `EMFILE`, [`give`](crate::give) too. `accept` leaves the connection in the queue then.
    ///
    /// Descriptors that a script has as numbers are not counted: see [`Builder::without_descriptors`].
    pub fn max_sockets(mut self, count: usize) -> Self {
        self.limits.max_sockets = Some(count);
        self
    }

    /// Sets whom scripts may reach: rules, of which the first that fits decides. What none fits is denied. Further calls
    /// append rules. Includes [`Builder::without_descriptors`].
    ///
    /// | rule | is about |
    /// | --- | --- |
    /// | `allow PLACE`, `allow PLACE port PORTS` | addresses to connect and to send to |
    /// | `allow bind PLACE`, `allow bind PLACE port PORTS` | addresses to bind to and to listen on |
    /// | `allow host NAME` | names to look up; `*.example.org` fits all names with this end |
    /// | `allow unix PATH` | Unix sockets to connect and to bind to; `/run/app/*` fits all paths with this beginning, `@` stands for the NUL of an abstract name |
    /// | `allow family AF_NETLINK` | sockets of a family whose addresses are not judged |
    /// | `allow raw` | Internet sockets of other types and protocols than those of TCP and UDP |
    ///
    /// and the same with `deny`. PLACE is an address, a network such as `10.0.0.0/8`, or a word: `any`, `loopback`,
    /// `private`, `link_local`, `multicast`, or `public` for what is none of these nor reserved. PORTS are like
    /// `80,8000-8010,49152-`.
    ///
    /// Judged is the address that the system gets. That a name may be looked up allows none of its addresses. An
    /// IPv4 address is the same in IPv6, `0.0.0.0` and `::` are this machine to connect to and all of its interfaces to
    /// bind to. What is denied fails with `EACCES`, and so do options and control messages that could lead elsewhere.
    ///
    /// # Examples
    ///
    /// ```
    /// let lua = mlua::Lua::new();
    /// bsdsocket::Builder::new().reach(["allow loopback", "allow bind loopback"]).preload(&lua)?;
    /// lua.load(r#"
    ///     local socket = require "bsdsocket"
    ///     local server = assert(socket.create_server { "127.0.0.1", 0 })
    ///     assert(socket.create_connection(server:getsockname()))
    ///     local s, message, code = socket.create_connection { "192.0.2.1", 80 }
    ///     assert(code == "EACCES")
    ///     assert(message == "create_connection 192.0.2.1:80: the host does not allow it")
    /// "#).exec()?;
    /// # Ok::<(), mlua::Error>(())
    /// ```
    ///
    /// [`Builder::module`] fails for a rule that it cannot understand.
    pub fn reach<'a>(mut self, rules: impl IntoIterator<Item = &'a str>) -> Self {
        self.rules.get_or_insert_default().extend(rules.into_iter().map(str::to_owned));
        self.without_descriptors()
    }

    /// Connects the states that are opened with a [`Switch`], which ends what their scripts do, from any thread.
    ///
    /// Calls do not sleep where the switch could not end them: they wait by poll(2). `close` does not wait for the peer
    /// (`SO_LINGER`), and only numeric hosts are looked up. Each state has two descriptors more.
    pub fn switch(mut self, switch: &Switch) -> Self {
        self.limits.switch = Some(switch.clone());
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
        if self.refuses_descriptors {
            host.get::<Function>("refuse_descriptors")?.call::<()>(())?;
        }
        if let Some(timeout) = self.default_timeout {
            host.get::<Function>("setdefaulttimeout")?.call::<()>(timeout.as_secs_f64())?;
        }
        if self.allowed.is_some() || !self.refused.is_empty() || !self.hooks.is_empty() {
            let (hook, close) = self.hook(lua)?;
            host.get::<Function>("addaudithook")?.call::<()>(hook)?;
            let finalizer: Value = host.get::<Function>("finalizer")?.call(close)?;
            host.raw_set("closing", finalizer)?;
        }
        limit(lua, &limits)?;
        Ok(module)
    }

    /// Opens the library in a Lua state, so that scripts can `require "bsdsocket"`.
    ///
    /// # Errors
    ///
    /// Fails as [`Builder::module`] does.
    pub fn preload(&self, lua: &Lua) -> mlua::Result<()> {
        self.module(lua)?;
        crate::preload(lua)
    }

    fn settings(&self) -> Result<Settings, UnknownRule> {
        let mut limits = self.limits.clone();
        if let Some(texts) = &self.rules {
            let rules = limits.rules.get_or_insert_default();
            texts.iter().try_for_each(|text| rules.add(text))?;
        }
        Ok(limits)
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
        let error: Function = lua.globals().get("error")?;
        lua.load(include_str!("../../lua/hook.lua")).set_name("@lua/hook.lua").call((check, error))
    }

    fn check(&self, event: &Event) -> Result<(), String> {
        let named = |names: &[String]| names.iter().any(|name| name == event.name());
        if named(&self.refused) || self.allowed.as_ref().is_some_and(|allowed| !named(allowed)) {
            return Err(format!("{} is not allowed", event.name()));
        }
        self.hooks.iter().try_for_each(|hook| hook(event))
    }
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
