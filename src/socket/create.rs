//! Creating sockets: socket, socketpair, fromfd, dup, and descriptors from and to the host.

use std::cell::Cell;
use std::rc::Rc;

use super::Socket;
use crate::error::{Error, Result};
use crate::lua::{Caller, Context, OptionsTable, options};
use crate::sys::{self, Descriptor, Errno, Owned};

/// A socket before it becomes a Lua object. Dropping it closes its descriptor.
pub(crate) struct NewSocket {
    pub(crate) socket: Socket,
    /// Its place among the sockets of the Lua state, until it is one of the list of open ones.
    _place: Option<Rc<()>>,
}

impl Drop for NewSocket {
    fn drop(&mut self) {
        if let Some(fd) = self.socket.take_fd() {
            let _ = sys::close(fd);
        }
    }
}

impl NewSocket {
    /// Moves the descriptor to a socket that has none, whose fields become the same.
    pub(crate) fn hand_to(&mut self, other: &Socket) {
        let new = std::mem::replace(&mut self.socket, Socket::nothing());
        other.family.set(new.family());
        other.kind.set(new.kind());
        other.proto.set(new.proto());
        other.known.set(new.known.get());
        other.fd.set(new.fd());
    }

    /// A closed socket with another's fields.
    pub(crate) fn closed(like: &Socket) -> Self {
        let socket = Socket::of((like.family(), like.kind()), like.proto());
        socket.timeout.set(like.timeout.get());
        NewSocket { socket, _place: None }
    }

    /// A socket with these fields. Its descriptor has to be in the mode (blocking or not) of the timeout already.
    pub(super) fn new(owned: Owned, place: Option<Rc<()>>, fields: (u16, u16), proto: i32, timeout: f64) -> Self {
        let (fd, timeout) = (Cell::new(sys::into_raw_fd(owned)), Cell::new(timeout));
        NewSocket { socket: Socket { fd, timeout, ..Socket::of(fields, proto) }, _place: place }
    }
}

/// `socket.socket([family [, type [, proto [, fileno]]]])`, or the same in one options table.
pub(crate) fn socket(
    context: Context,
    _: OptionsTable<{ options::SOCKET }>,
    family: Option<i32>,
    kind: Option<i32>,
    proto: Option<i32>,
    fileno: Option<Descriptor>,
) -> Result<NewSocket> {
    if let Some(fd) = fileno {
        return from_descriptor(context.caller, family, kind, proto, fd);
    }
    let (family, kind) = (family.unwrap_or(sys::DEFAULT_FAMILY), kind.unwrap_or(sys::DEFAULT_TYPE));
    open(context.caller, family, kind, proto.unwrap_or(0))
}

/// Opens a socket.
pub(crate) fn open(caller: Caller, family: i32, kind: i32, proto: i32) -> Result<NewSocket> {
    let place = admit(caller)?;
    caller.obey(|limits| limits.check_new(family, kind, proto))?;
    audit_new_socket(caller, family, kind, proto)?;
    let owned = sys::socket(family, kind, proto)?;
    let new = finish(caller, owned, place, family, kind, proto)?;
    new.socket.set(Socket::PLAIN, sys::is_tcp(new.socket.family(), new.socket.kind(), proto));
    Ok(new)
}

/// Raises the audit event `socket.__new__`, with a closed socket in place of the one that is going to be created.
pub(super) fn audit_new_socket(caller: Caller, family: i32, kind: i32, proto: i32) -> Result<()> {
    let (kind, _) = sys::split_type(kind);
    let fields = Socket::of((family as u16, kind as u16), proto);
    caller.audit_new("socket.__new__", &fields, || (family, kind, proto))
}

/// The place of a new socket among those of the Lua state. Fails with EMFILE when the host allows no more, and with
/// ECANCELED when the state is closing, for nothing would close the socket.
pub(crate) fn admit(caller: Caller) -> Result<Option<Rc<()>>> {
    let shared = caller.shared();
    if shared.open_objects.has_ended() {
        return Err(Error::named(Errno::CANCELED, "the Lua state is closing"));
    }
    shared.limits.place(shared.open_objects.count_sockets())
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
    let places = (admit(context.caller)?, admit(context.caller)?);
    context.caller.obey(|limits| limits.check_new(family, kind, proto))?;
    for _ in 0..2 {
        audit_new_socket(context.caller, family, kind, proto)?;
    }
    let (one, other) = sys::socketpair(family, kind, proto)?;
    let one = finish(context.caller, one, places.0, family, kind, proto)?;
    let other = finish(context.caller, other, places.1, family, kind, proto)?;
    Ok((one, other))
}

/// `socket.fromfd(fd, family, type [, proto])`: a socket over a duplicate of a descriptor.
pub(crate) fn fromfd(context: Context, fd: u32, family: i32, kind: i32, proto: Option<i32>) -> Result<NewSocket> {
    let proto = proto.unwrap_or(0);
    let place = admit(context.caller)?;
    let owned = sys::duplicate(fd as Descriptor)?;
    // Fails with ENOTSOCK.
    sys::socket_type(sys::as_raw_fd(&owned))?;
    check_range(family, kind, 2)?;
    audit_new_socket(context.caller, family, kind, proto)?;
    foreign(finish(context.caller, owned, place, family, kind, proto)?)
}

/// A socket that somebody else had before, who may have set a timeout of the system's own.
fn foreign(new: NewSocket) -> Result<NewSocket> {
    new.socket.set(Socket::SYSTEM_TIMEOUT, true);
    Ok(new)
}

/// `socket:dup()`: a socket over a duplicate of the descriptor, with the same fields.
pub(super) fn dup(context: Context, socket: &Socket) -> Result<NewSocket> {
    let place = admit(context.caller)?;
    audit_new_socket(context.caller, socket.family().into(), socket.kind().into(), socket.proto())?;
    let owned = sys::duplicate(socket.open_fd()?)?;
    let new = NewSocket::new(owned, place, (socket.family(), socket.kind()), socket.proto(), socket.timeout.get());
    new.socket.known.set(socket.known.get());
    new.socket.set(Socket::PLAIN, false);
    socket.set(Socket::PLAIN, false);
    Ok(new)
}

/// Makes a socket of a descriptor. Family, type and protocol that are not given are asked of the system.
fn from_descriptor(
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
    // On failure the descriptor stays the caller's.
    let (actual, kind, proto) = fields(fd, kind, proto)?;
    let family = family.unwrap_or(actual);
    let range = check_range(family, kind, 1)?;
    let place = admit(caller)?;
    audit_new_socket(caller, family, kind, proto)?;
    let timeout = set_mode(caller, fd, kind)?;
    foreign(NewSocket::new(sys::take_over(fd)?, place, range, proto, timeout))
}

/// Makes a socket of a descriptor that a script names. On failure it stays the script's.
pub(crate) fn over(caller: Caller, fd: Descriptor) -> Result<NewSocket> {
    let (family, kind, proto) = fields(fd, None, None)?;
    let place = admit(caller)?;
    let range = check_range(family, kind, 1)?;
    audit_new_socket(caller, family, kind, proto)?;
    let new = foreign(NewSocket::new(sys::take_over(fd)?, place, range, proto, -1.0))?;
    new.socket.set(Socket::UNBLOCKED, sys::is_nonblocking(fd)?);
    Ok(new)
}

/// Family, type and protocol of a descriptor, the latter two as given or as the system reports them. Fails with
/// ENOTSOCK.
fn fields(fd: Descriptor, kind: Option<i32>, proto: Option<i32>) -> Result<(i32, i32, i32)> {
    let family = sys::socket_family(fd)?;
    let kind = kind.map_or_else(|| sys::socket_type(fd), Ok)?;
    Ok((family, kind, proto.map_or_else(|| sys::socket_protocol(fd), Ok)?))
}

/// Makes a socket of a descriptor of the host, which gives up its ownership.
pub(crate) fn give(context: Context, fd: Descriptor) -> Result<NewSocket> {
    let owned = sys::take_over(fd).inspect_err(|_| {
        let _ = sys::close(fd);
    })?;
    let place = admit(context.caller)?;
    let (family, kind, proto) = fields(fd, None, None)?;
    sys::set_nonblocking(fd, false)?;
    foreign(finish(context.caller, owned, place, family, kind, proto)?)
}

/// Gives the descriptor of a socket to the host, non-blocking only if the socket's timeout was 0.
pub(crate) fn take(context: Context, socket: &Socket) -> Result<Descriptor> {
    let fd = socket.open_fd()?;
    sys::set_nonblocking(fd, socket.timeout.get() == 0.0)?;
    Ok(socket.let_go(&context.caller.shared().open_objects).unwrap_or(fd))
}

/// Makes a socket of a new descriptor, in the mode of the default timeout.
pub(super) fn finish(
    caller: Caller,
    owned: Owned,
    place: Option<Rc<()>>,
    family: i32,
    kind: i32,
    proto: i32,
) -> Result<NewSocket> {
    let fields = check_range(family, kind, 1)?;
    let timeout = set_mode(caller, sys::as_raw_fd(&owned), kind)?;
    Ok(NewSocket::new(owned, place, fields, proto, timeout))
}

/// Sets the mode of a new descriptor by the default timeout, which is returned.
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

/// Fails for a family or type of more than 16 bits, which no system has.
fn check_range(family: i32, kind: i32, first: i32) -> Result<(u16, u16)> {
    match (u16::try_from(family), u16::try_from(sys::split_type(kind).0)) {
        (Ok(family), Ok(kind)) => Ok((family, kind)),
        (Err(_), _) => Err(Error::misuse(first, "family out of range")),
        (_, Err(_)) => Err(Error::misuse(first + 1, "type out of range")),
    }
}
