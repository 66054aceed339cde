//! Audit events for hooks in Rust.

use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use mlua::{FromLua, Lua, Table, Value};

/// The names of the documented events.
pub(super) const NAMES: &[&str] = &[
    "socket.__new__",
    "socket.bind",
    "socket.connect",
    "socket.getaddrinfo",
    "socket.gethostbyaddr",
    "socket.gethostbyname",
    "socket.gethostname",
    "socket.getnameinfo",
    "socket.getservbyname",
    "socket.getservbyport",
    "socket.sendmsg",
    "socket.sendto",
    "socket.sethostname",
];

/// An audit event: an operation that a script is about to do.
///
/// [`Builder::audit`](crate::Builder::audit) passes it to the hook. The events and their arguments:
///
/// | event | arguments |
/// | --- | --- |
/// | `socket.__new__` | the socket (not open yet), family, type, protocol |
/// | `socket.bind`, `socket.connect`, `socket.sendto` | the socket, the address (of `AF_UNSPEC`, to disconnect) |
/// | `socket.sendmsg` | the socket, the address or nil |
/// | `socket.getaddrinfo` | host, port, family, type, protocol |
/// | `socket.gethostbyname`, `socket.gethostbyaddr`, `socket.sethostname` | the name or address |
/// | `socket.getnameinfo` | the address |
/// | `socket.getservbyname` | service, protocol or nil |
/// | `socket.getservbyport` | port, protocol or nil |
/// | `socket.gethostname` | none |
///
/// A host name in an address is already resolved; before it is, there is a `socket.getaddrinfo` with the name.
/// Listening on a socket without an address raises `socket.bind` with the wildcard address.
pub struct Event<'a> {
    pub(super) lua: &'a Lua,
    pub(super) name: &'a str,
    pub(super) arguments: &'a [Value],
}

impl Event<'_> {
    /// Returns the documented name, such as `socket.connect`.
    pub fn name(&self) -> &str {
        self.name
    }

    /// Returns the arguments, as a hook in Lua receives them.
    pub fn arguments(&self) -> &[Value] {
        self.arguments
    }

    /// Converts the argument at `place`, counted from 0, to a Rust value. An argument that does not exist is nil.
    ///
    /// # Errors
    ///
    /// Fails when the argument does not convert to `T`.
    pub fn get<T: FromLua>(&self, place: usize) -> mlua::Result<T> {
        T::from_lua(self.arguments.get(place).cloned().unwrap_or(Value::Nil), self.lua)
    }

    /// Returns the IPv4 or IPv6 address among the arguments; `None` when there is no address or one of another family.
    ///
    /// A hook that limits addresses should limit the families of `socket.__new__` too.
    ///
    /// # Examples
    ///
    /// ```
    /// use bsdsocket::{Builder, Event};
    ///
    /// let lua = mlua::Lua::new();
    /// let local = |event: &Event| match event.address() {
    ///     Some(address) if !address.ip().is_loopback() => Err(format!("no way to {address}")),
    ///     _ => Ok(()),
    /// };
    /// Builder::new().audit(local).preload(&lua)?;
    /// lua.load(r#"
    ///     local socket = require "bsdsocket"
    ///     local ok, message = pcall(socket.create_connection, { "192.0.2.1", 80 })
    ///     assert(not ok and message == "no way to 192.0.2.1:80")
    /// "#).exec()?;
    /// # Ok::<(), mlua::Error>(())
    /// ```
    pub fn address(&self) -> Option<SocketAddr> {
        let address: Table = self.arguments.iter().take(2).find_map(Value::as_table)?.clone();
        let port = address.raw_get(2).ok()?;
        match address.raw_get::<String>(1).ok()?.parse().ok()? {
            IpAddr::V4(host) => Some(SocketAddrV4::new(host, port).into()),
            IpAddr::V6(host) => Some(with_scope(host, port, &address)?.into()),
        }
    }
}

fn with_scope(host: Ipv6Addr, port: u16, address: &Table) -> Option<SocketAddrV6> {
    Some(SocketAddrV6::new(host, port, address.raw_get(3).ok()?, address.raw_get(4).ok()?))
}
