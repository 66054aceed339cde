//! Making sockets.

use std::cell::Cell;

use super::Socket;
use crate::error::{Error, Result};
use crate::lua::{Caller, Context, Named, Names};
use crate::sys::{self, Descriptor, Owned};

/// A socket that no Lua object holds yet. Dropping it closes its descriptor.
pub(crate) struct NewSocket {
    pub(crate) socket: Socket,
}

impl Drop for NewSocket {
    fn drop(&mut self) {
        if let Some(fd) = self.socket.take_fd() {
            drop(sys::adopt(fd));
        }
    }
}

impl NewSocket {
    /// A socket of these fields. Its descriptor blocks, or does not, as the timeout says.
    pub(super) fn new(owned: Owned, family: u16, kind: u16, proto: i32, timeout: f64) -> Self {
        let (fd, timeout) = (Cell::new(sys::release(owned)), Cell::new(timeout));
        NewSocket { socket: Socket { fd, proto, family, kind, timeout, ..Socket::nothing() } }
    }
}

/// The options of `socket.socket`.
pub(crate) struct Creating;

impl Names for Creating {
    const NAMES: &'static [&'static str] = &["family", "type", "proto", "fileno"];
}

/// `socket.socket([family [, type [, proto [, fileno]]]])`, or the same in one options table.
pub(crate) fn socket(
    context: Context,
    _: Named<Creating>,
    family: Option<i32>,
    kind: Option<i32>,
    proto: Option<i32>,
    fileno: Option<i32>,
) -> Result<NewSocket> {
    if let Some(fd) = fileno {
        return adopt(context.caller, family, kind, proto, fd);
    }
    let (family, kind) = (family.unwrap_or(sys::DEFAULT_FAMILY), kind.unwrap_or(sys::DEFAULT_TYPE));
    let proto = proto.unwrap_or(0);
    let owned = sys::socket(family, kind, proto)?;
    finish(context.caller, owned, family, kind, proto)
}

/// `socket.socketpair([family [, type [, proto]]])`.
pub(crate) fn pair(
    context: Context,
    family: Option<i32>,
    kind: Option<i32>,
    proto: Option<i32>,
) -> Result<(NewSocket, NewSocket)> {
    let (family, kind) = (family.unwrap_or(sys::PAIR_FAMILY), kind.unwrap_or(sys::DEFAULT_TYPE));
    let proto = proto.unwrap_or(0);
    let (one, other) = sys::socketpair(family, kind, proto)?;
    let one = finish(context.caller, one, family, kind, proto)?;
    let other = finish(context.caller, other, family, kind, proto)?;
    Ok((one, other))
}

/// `socket.fromfd(fd, family, type [, proto])`: a socket over a duplicate of a descriptor.
pub(crate) fn fromfd(context: Context, fd: u32, family: i32, kind: i32, proto: Option<i32>) -> Result<NewSocket> {
    let owned = sys::duplicate(fd as Descriptor)?;
    // What is no socket fails here.
    sys::socket_type(sys::number(&owned))?;
    check_range(family, kind, 2)?;
    finish(context.caller, owned, family, kind, proto.unwrap_or(0))
}

/// `socket:dup()`: a socket over a duplicate of the descriptor, with the same fields.
pub(super) fn dup(_: Context, socket: &Socket) -> Result<NewSocket> {
    let owned = sys::duplicate(socket.open_fd()?)?;
    Ok(NewSocket::new(owned, socket.family, socket.kind, socket.proto, socket.timeout.get()))
}

/// Takes over a descriptor, asking the system for what is not given.
fn adopt(caller: Caller, family: Option<i32>, kind: Option<i32>, proto: Option<i32>, fd: i32) -> Result<NewSocket> {
    if fd < 0 {
        return Err(Error::misuse(4, "negative file descriptor"));
    }
    // Both calls tell what is no socket; until then the descriptor stays the caller's.
    let actual = sys::socket_family(fd)?;
    let kind = kind.map_or_else(|| sys::socket_type(fd), Ok)?;
    let proto = proto.map_or_else(|| sys::socket_protocol(fd), Ok)?;
    let family = family.unwrap_or(actual);
    check_range(family, kind, 1)?;
    finish(caller, sys::adopt(fd), family, kind, proto)
}

/// Gives a new descriptor its mode and its fields.
pub(super) fn finish(caller: Caller, owned: Owned, family: i32, kind: i32, proto: i32) -> Result<NewSocket> {
    let (kind, nonblocking) = sys::split_type(kind);
    let (family, kind) = check_range(family, kind, 1)?;
    let timeout = if nonblocking { 0.0 } else { caller.shared().default_timeout.get() };
    if timeout >= 0.0 && !nonblocking {
        sys::set_nonblocking(sys::number(&owned), true)?;
    }
    Ok(NewSocket::new(owned, family, kind, proto, timeout))
}

/// Families and types have 16 bits wherever the system stores them.
fn check_range(family: i32, kind: i32, first: i32) -> Result<(u16, u16)> {
    match (u16::try_from(family), u16::try_from(sys::split_type(kind).0)) {
        (Ok(family), Ok(kind)) => Ok((family, kind)),
        (Err(_), _) => Err(Error::misuse(first, "family out of range")),
        (_, Err(_)) => Err(Error::misuse(first + 1, "type out of range")),
    }
}
