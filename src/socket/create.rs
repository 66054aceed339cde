//! Making sockets.

use std::cell::Cell;

use super::{Socket, Trait};
use crate::error::{Error, Result};
use crate::lua::{Caller, Context, OptionNames, OptionsTable};
use crate::sys::{self, Descriptor, Errno, Owned};

/// A socket that no Lua object holds yet. Dropping it closes its descriptor.
pub(crate) struct NewSocket {
    pub(crate) socket: Socket,
}

impl Drop for NewSocket {
    fn drop(&mut self) {
        if let Some(fd) = self.socket.take_fd() {
            drop(sys::from_raw_fd(fd));
        }
    }
}

impl NewSocket {
    /// A socket of another's fields, closed.
    pub(crate) fn closed(like: &Socket) -> Self {
        let Socket { proto, family, kind, .. } = *like;
        NewSocket { socket: Socket { proto, family, kind, timeout: like.timeout.clone(), ..Socket::nothing() } }
    }

    /// A socket of these fields. Its descriptor blocks, or does not, as the timeout says.
    pub(super) fn new(owned: Owned, (family, kind): (u16, u16), proto: i32, timeout: f64) -> Self {
        let (fd, timeout) = (Cell::new(sys::into_raw_fd(owned)), Cell::new(timeout));
        NewSocket { socket: Socket { fd, proto, family, kind, timeout, ..Socket::nothing() } }
    }
}

/// The options of `socket.socket`.
pub(crate) struct SocketOptions;

impl OptionNames for SocketOptions {
    const NAMES: &'static [&'static str] = &["family", "type", "proto", "fileno"];
}

/// `socket.socket([family [, type [, proto [, fileno]]]])`, or the same in one options table.
pub(crate) fn socket(
    context: Context,
    _: OptionsTable<SocketOptions>,
    family: Option<i32>,
    kind: Option<i32>,
    proto: Option<i32>,
    fileno: Option<Descriptor>,
) -> Result<NewSocket> {
    if let Some(fd) = fileno {
        return adopt(context.caller, family, kind, proto, fd);
    }
    let (family, kind) = (family.unwrap_or(sys::DEFAULT_FAMILY), kind.unwrap_or(sys::DEFAULT_TYPE));
    open(context.caller, family, kind, proto.unwrap_or(0))
}

/// Opens a socket.
pub(super) fn open(caller: Caller, family: i32, kind: i32, proto: i32) -> Result<NewSocket> {
    announce(caller, family, kind, proto)?;
    let owned = sys::socket(family, kind, proto)?;
    let new = finish(caller, owned, family, kind, proto)?;
    new.socket.set(Trait::Plain, sys::is_tcp(new.socket.family, new.socket.kind, proto));
    Ok(new)
}

/// Tells audit hooks that there is going to be a socket, which a closed one stands for. Fails when nobody would close it.
pub(super) fn announce(caller: Caller, family: i32, kind: i32, proto: i32) -> Result<()> {
    check_state(caller)?;
    let (kind, _) = sys::split_type(kind);
    let fields = Socket { proto, family: family as u16, kind: kind as u16, ..Socket::nothing() };
    caller.audit_new("socket.__new__", &fields, || (family, kind, proto))
}

/// Fails when the Lua state has come to its end, where its sockets are closed already.
fn check_state(caller: Caller) -> Result<()> {
    if caller.shared().held.has_ended() {
        return Err(Error::named(Errno::CANCELED, "the Lua state is closing"));
    }
    Ok(())
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
    for _ in 0..2 {
        announce(context.caller, family, kind, proto)?;
    }
    let (one, other) = sys::socketpair(family, kind, proto)?;
    let one = finish(context.caller, one, family, kind, proto)?;
    let other = finish(context.caller, other, family, kind, proto)?;
    Ok((one, other))
}

/// `socket.fromfd(fd, family, type [, proto])`: a socket over a duplicate of a descriptor.
pub(crate) fn fromfd(context: Context, fd: u32, family: i32, kind: i32, proto: Option<i32>) -> Result<NewSocket> {
    let proto = proto.unwrap_or(0);
    let owned = sys::duplicate(fd as Descriptor)?;
    // What is no socket fails here.
    sys::socket_type(sys::as_raw_fd(&owned))?;
    check_range(family, kind, 2)?;
    announce(context.caller, family, kind, proto)?;
    foreign(finish(context.caller, owned, family, kind, proto)?)
}

/// A socket that somebody else had before, who may have set a timeout of the system's own.
fn foreign(new: NewSocket) -> Result<NewSocket> {
    new.socket.set(Trait::SystemTimeout, true);
    Ok(new)
}

/// `socket:dup()`: a socket over a duplicate of the descriptor, with the same fields.
pub(super) fn dup(context: Context, socket: &Socket) -> Result<NewSocket> {
    announce(context.caller, socket.family.into(), socket.kind.into(), socket.proto)?;
    let owned = sys::duplicate(socket.open_fd()?)?;
    let new = NewSocket::new(owned, (socket.family, socket.kind), socket.proto, socket.timeout.get());
    new.socket.traits.set(socket.traits.get());
    new.socket.set(Trait::Plain, false);
    socket.set(Trait::Plain, false);
    Ok(new)
}

/// Takes over a descriptor, asking the system for what is not given.
fn adopt(
    caller: Caller,
    family: Option<i32>,
    kind: Option<i32>,
    proto: Option<i32>,
    fd: Descriptor,
) -> Result<NewSocket> {
    if !caller.shared().names_descriptors.get() {
        return Err(Error::misuse(4, "descriptors are not accepted here"));
    }
    if fd < 0 {
        return Err(Error::misuse(4, "negative file descriptor"));
    }
    // Whatever fails leaves the descriptor to the caller.
    let (actual, kind, proto) = fields(fd, kind, proto)?;
    let family = family.unwrap_or(actual);
    let range = check_range(family, kind, 1)?;
    announce(caller, family, kind, proto)?;
    let timeout = set_mode(caller, fd, kind)?;
    foreign(NewSocket::new(sys::from_raw_fd(fd), range, proto, timeout))
}

/// The family of a socket, and what is not given of type and protocol. Fails for what is no socket.
fn fields(fd: Descriptor, kind: Option<i32>, proto: Option<i32>) -> Result<(i32, i32, i32)> {
    let family = sys::socket_family(fd)?;
    let kind = kind.map_or_else(|| sys::socket_type(fd), Ok)?;
    Ok((family, kind, proto.map_or_else(|| sys::socket_protocol(fd), Ok)?))
}

/// Makes a socket of a descriptor that the host had, and that is its no more.
pub(crate) fn give(context: Context, fd: Descriptor) -> Result<NewSocket> {
    let owned = sys::from_raw_fd(fd);
    check_state(context.caller)?;
    let (family, kind, proto) = fields(fd, None, None)?;
    sys::set_nonblocking(fd, false)?;
    foreign(finish(context.caller, owned, family, kind, proto)?)
}

/// Takes the descriptor of a socket out for the host. It blocks, unless the socket did not.
pub(crate) fn take(context: Context, socket: &Socket) -> Result<Descriptor> {
    let fd = socket.open_fd()?;
    sys::set_nonblocking(fd, socket.timeout.get() == 0.0)?;
    Ok(socket.let_go(&context.caller.shared().held).unwrap_or(fd))
}

/// Gives a new descriptor its mode and its fields.
pub(super) fn finish(caller: Caller, owned: Owned, family: i32, kind: i32, proto: i32) -> Result<NewSocket> {
    let fields = check_range(family, kind, 1)?;
    let timeout = set_mode(caller, sys::as_raw_fd(&owned), kind)?;
    Ok(NewSocket::new(owned, fields, proto, timeout))
}

/// Gives a descriptor the mode that new sockets have, and tells their timeout.
fn set_mode(caller: Caller, fd: Descriptor, kind: i32) -> Result<f64> {
    if sys::split_type(kind).1 {
        return Ok(0.0);
    }
    let timeout = caller.shared().default_timeout.get();
    if timeout >= 0.0 {
        sys::set_nonblocking(fd, true)?;
    }
    Ok(timeout)
}

/// Families and types have 16 bits wherever the system stores them.
fn check_range(family: i32, kind: i32, first: i32) -> Result<(u16, u16)> {
    match (u16::try_from(family), u16::try_from(sys::split_type(kind).0)) {
        (Ok(family), Ok(kind)) => Ok((family, kind)),
        (Err(_), _) => Err(Error::misuse(first, "family out of range")),
        (_, Err(_)) => Err(Error::misuse(first + 1, "type out of range")),
    }
}
