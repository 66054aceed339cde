//! What the sockets of a Lua state have done.

use std::time::Duration;

use mlua::{Function, Lua, Table};

use crate::limits::Stats;
use crate::lua::open_host;

/// What the sockets of a Lua state have done, and what they hold.
///
/// Calls and bytes, waits and what is buffered are only counted where [`Builder::counters`](crate::Builder::counters)
/// asked for it, or a limit that calls look at was set.
///
/// # Errors
///
/// Fails when there is no memory.
///
/// # Examples
///
/// ```
/// let lua = mlua::Lua::new();
/// bsdsocket::Builder::new().counters().preload(&lua)?;
/// lua.load(r#"
///     local socket = require "bsdsocket"
///     one, other = assert(socket.socketpair())
///     assert(one:sendall("hello") and other:recv(3) == "hel")
/// "#).exec()?;
/// let stats = bsdsocket::stats(&lua)?;
/// assert_eq!((stats.sockets, stats.sent, stats.received), (2, 5, 3));
/// # Ok::<(), mlua::Error>(())
/// ```
pub fn stats(lua: &Lua) -> mlua::Result<Stats> {
    crate::lua::stats(lua)
}

/// An open socket: see [`sockets`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SocketStats {
    /// The address family, as `AF_INET`.
    pub family: i32,
    /// The type, as `SOCK_STREAM`.
    pub kind: i32,
    /// The protocol.
    pub proto: i32,
    /// The address that it is bound to, as messages have it.
    pub local: Option<String>,
    /// The address of its peer.
    pub peer: Option<String>,
    /// The bytes that were received; 0 where nothing is counted.
    pub received: u64,
    /// The bytes that were sent; 0 where nothing is counted.
    pub sent: u64,
    /// How long it has been there, where calls are counted.
    pub age: Option<Duration>,
    /// How many tasks wait for it.
    pub waiting: usize,
}

/// The open sockets of a Lua state, in no order.
///
/// Bytes and age are only known where [`Builder::counters`](crate::Builder::counters) asked for it. For each socket the
/// system is asked for its addresses.
///
/// # Errors
///
/// Fails when there is no memory.
///
/// # Examples
///
/// ```
/// let lua = mlua::Lua::new();
/// bsdsocket::Builder::new().counters().preload(&lua)?;
/// lua.load(r#"
///     local socket = require "bsdsocket"
///     server = assert(socket.create_server { "127.0.0.1", 0 })
/// "#).exec()?;
/// let sockets = bsdsocket::sockets(&lua)?;
/// assert!(sockets[0].local.as_ref().unwrap().starts_with("127.0.0.1:"));
/// assert_eq!((sockets.len(), &sockets[0].peer, sockets[0].sent), (1, &None, 0));
/// # Ok::<(), mlua::Error>(())
/// ```
pub fn sockets(lua: &Lua) -> mlua::Result<Vec<SocketStats>> {
    let sockets: Function = open_host(lua)?.get("sockets")?;
    let (list, message): (Option<Vec<Table>>, Option<String>) = sockets.call(())?;
    let list = list.ok_or_else(|| mlua::Error::runtime(message.unwrap_or_default()))?;
    list.iter().map(read).collect()
}

fn read(entry: &Table) -> mlua::Result<SocketStats> {
    Ok(SocketStats {
        family: entry.raw_get("family")?,
        kind: entry.raw_get("type")?,
        proto: entry.raw_get("proto")?,
        local: text(entry, "laddr")?,
        peer: text(entry, "raddr")?,
        received: entry.raw_get::<Option<u64>>("received")?.unwrap_or(0),
        sent: entry.raw_get::<Option<u64>>("sent")?.unwrap_or(0),
        age: entry.raw_get::<Option<f64>>("age")?.map(Duration::from_secs_f64),
        waiting: entry.raw_get("waiting")?,
    })
}

/// A text, which may have bytes that are not UTF-8, as the path of a Unix socket.
fn text(entry: &Table, name: &str) -> mlua::Result<Option<String>> {
    Ok(entry.raw_get::<Option<mlua::LuaString>>(name)?.map(|text| text.to_string_lossy()))
}
