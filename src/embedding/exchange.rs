//! Passing sockets from Rust to Lua and back.

use mlua::{Function, Lua, Value};
use socket2::Socket;

use crate::lua::open_host;
use crate::sys;

/// Makes a Lua socket from a Rust socket.
///
/// `socket` is a [`socket2::Socket`], a type of [`std::net`], or another type that converts into the former. The Lua
/// socket owns the descriptor and has the default timeout of the Lua state. Audit hooks are not called.
///
/// # Errors
///
/// Fails when the system does not report the socket's family, type or protocol, and when there is no memory. The socket
/// is closed then.
///
/// # Examples
///
/// ```
/// use std::io::Read;
/// use std::net::{TcpListener, TcpStream};
///
/// let lua = mlua::Lua::new();
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let client = bsdsocket::give(&lua, TcpStream::connect(listener.local_addr()?)?)?;
/// lua.load("local client = ... client:sendall('from Lua') client:close()").call::<()>(client)?;
/// let mut received = String::new();
/// listener.accept()?.0.read_to_string(&mut received)?;
/// assert_eq!(received, "from Lua");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn give(lua: &Lua, socket: impl Into<Socket>) -> mlua::Result<Value> {
    let give: Function = open_host(lua)?.get("give")?;
    let (given, message): (Value, Option<String>) = give.call(sys::into_raw_fd(socket.into().into()))?;
    message.map_or(Ok(given), |message| Err(mlua::Error::runtime(message)))
}

/// Makes a Rust socket from a Lua socket.
///
/// `socket` is the Lua socket. It no longer has the descriptor and behaves as closed. The Rust socket is in blocking
/// mode, unless the timeout of the Lua socket was 0.
///
/// # Errors
///
/// Fails when `socket` is not a socket of this library, and when it is closed.
///
/// # Examples
///
/// ```
/// use std::net::UdpSocket;
///
/// let lua = mlua::Lua::new();
/// let socket = bsdsocket::module(&lua)?;
/// let bound = lua.load("local socket = ... local s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM) \
///     assert(s:bind({ '127.0.0.1', 0 })) return s").call(socket)?;
/// let bound: UdpSocket = bsdsocket::take(&lua, bound)?.into();
/// assert!(bound.local_addr()?.port() > 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn take(lua: &Lua, socket: Value) -> mlua::Result<Socket> {
    let take: Function = open_host(lua)?.get("take")?;
    let (fd, message): (Option<sys::Descriptor>, Option<String>) = take.call(socket)?;
    match fd {
        Some(fd) => Ok(sys::take_over(fd).map_err(mlua::Error::runtime)?.into()),
        None => Err(mlua::Error::runtime(message.unwrap_or_default())),
    }
}
