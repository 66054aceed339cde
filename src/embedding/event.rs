//! An audit event, as a hook in Rust sees it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use mlua::{FromLua, Lua, Table, Value};

/// The documented events.
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

/// What a script is about to do.
///
/// | event | arguments |
/// | --- | --- |
/// | `socket.__new__` | the socket (closed as yet), family, type, protocol |
/// | `socket.bind`, `socket.connect`, `socket.sendto` | the socket, the address |
/// | `socket.sendmsg` | the socket, the address or nil |
/// | `socket.getaddrinfo` | host, port, family, type, protocol |
/// | `socket.gethostbyname`, `socket.gethostbyaddr`, `socket.sethostname` | the name or address |
/// | `socket.getnameinfo` | the address |
/// | `socket.getservbyname` | service, protocol or nil |
/// | `socket.getservbyport` | port, protocol or nil |
/// | `socket.gethostname` | none |
///
/// A host name in an address has been looked up by then; before that look-up comes a `socket.getaddrinfo` with the
/// name. To listen on a socket that has no address is a `socket.bind` to the wildcard address.
pub struct Event<'a> {
    pub(super) lua: &'a Lua,
    pub(super) name: &'a str,
    pub(super) arguments: &'a [Value],
}

impl Event<'_> {
    /// The documented name, such as `socket.connect`.
    pub fn name(&self) -> &str {
        self.name
    }

    /// The arguments, as a hook in Lua would have them.
    pub fn arguments(&self) -> &[Value] {
        self.arguments
    }

    /// The argument at a place, from 0, as a Rust value.
    ///
    /// # Errors
    /// When it is of another type.
    pub fn get<T: FromLua>(&self, place: usize) -> mlua::Result<T> {
        T::from_lua(self.arguments.get(place).cloned().unwrap_or(Value::Nil), self.lua)
    }

    /// The Internet address that the act is about; `None` where there is none, or one of another family. Who limits
    /// addresses limits families too, in `socket.__new__`.
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
