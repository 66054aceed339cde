//! Sockets from Rust to Lua and back.

use mlua::{Function, Lua, Value};
use socket2::Socket;

use crate::lua::open_host;
use crate::sys;

/// Makes a Lua socket of one that was made in Rust, by `std::net`, `socket2` or what can be turned into either. It has
/// the state's default timeout; no audit hook is asked.
///
/// # Errors
/// When the system cannot tell its family, type or protocol, or there is no memory: it is closed then.
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

/// Takes the descriptor out of a Lua socket, which is closed from then on. It blocks, unless the socket's timeout was 0.
///
/// # Errors
/// When the value is no socket, or a closed one.
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
        Some(fd) => Ok(sys::from_raw_fd(fd).into()),
        None => Err(mlua::Error::runtime(message.unwrap_or_default())),
    }
}
