//! Making and closing objects.

use super::class::{ANY, DGRAM_UNCONNECTED, STREAM_MASTER, TCP_MASTER, UDP_UNCONNECTED, place};
use super::object::Object;
use super::words;
use crate::error::Result;
use crate::lua::{Caller, Context, Either, Of, Results, new_object, no_values};
use crate::socket::{self, NewSocket, Socket};
use crate::sys::{self, headers};

/// A TCP or UDP object without a descriptor, whose family is decided later.
fn unopened(class: u16, kind: i32) -> Result<impl Results> {
    let fields = (sys::ANY_FAMILY as u16, kind as u16);
    Ok(new_object(class, NewSocket::closed(&Socket::of(fields, 0))))
}

fn opened(caller: Caller, class: u16, family: i32, kind: i32) -> Result<impl Results> {
    match open(caller, family, kind) {
        Ok(new) => Ok(Either::Left(new_object(class, new))),
        Err(error) => Ok(Either::Right(words::failed(error)?)),
    }
}

/// Opens a socket; one of IPv6 takes no connections of IPv4.
pub(super) fn open(caller: Caller, family: i32, kind: i32) -> Result<NewSocket> {
    let new = socket::open(caller, family, kind, 0)?;
    // The default timeout of the library's own sockets does not count here, but has made the descriptor non-blocking.
    new.socket.set(Socket::UNBLOCKED, !new.socket.blocks());
    new.socket.timeout.set(-1.0);
    new.socket.keep_time();
    if family == sys::FAMILY_IPV6 {
        let _ = sys::set_ipv6_only(new.socket.fd(), true);
    }
    Ok(new)
}

/// `socket.tcp()`.
pub(super) fn tcp(_: Context) -> Result<impl Results> {
    unopened(TCP_MASTER, headers::SOCK_STREAM)
}

/// `socket.tcp4()`.
pub(super) fn tcp4(context: Context) -> Result<impl Results> {
    opened(context.caller, TCP_MASTER, headers::AF_INET, headers::SOCK_STREAM)
}

/// `socket.tcp6()`.
pub(super) fn tcp6(context: Context) -> Result<impl Results> {
    opened(context.caller, TCP_MASTER, headers::AF_INET6, headers::SOCK_STREAM)
}

/// `socket.udp()`.
pub(super) fn udp(_: Context) -> Result<impl Results> {
    unopened(UDP_UNCONNECTED, headers::SOCK_DGRAM)
}

/// `socket.udp4()`.
pub(super) fn udp4(context: Context) -> Result<impl Results> {
    opened(context.caller, UDP_UNCONNECTED, headers::AF_INET, headers::SOCK_DGRAM)
}

/// `socket.udp6()`.
pub(super) fn udp6(context: Context) -> Result<impl Results> {
    opened(context.caller, UDP_UNCONNECTED, headers::AF_INET6, headers::SOCK_DGRAM)
}

/// `unix.stream()`.
pub(super) fn stream(context: Context) -> Result<impl Results> {
    opened(context.caller, STREAM_MASTER, headers::AF_UNIX, headers::SOCK_STREAM)
}

/// `unix.dgram()`.
pub(super) fn dgram(context: Context) -> Result<impl Results> {
    opened(context.caller, DGRAM_UNCONNECTED, headers::AF_UNIX, headers::SOCK_DGRAM)
}

/// `object:close()`. What was received stays readable.
pub(super) fn close(context: Context, Of(object): Of<ANY>) -> Result<i32> {
    shut(context.caller, object);
    Ok(1)
}

/// Closes the descriptor, if there is one.
pub(super) fn shut(caller: Caller, object: &Object) {
    // LuaSocket reports no failure.
    let _ = socket::close_socket(caller, &object.socket);
}

/// `__gc`.
pub(super) fn collect(context: Context, Of(object): Of<ANY>) -> Result<impl Results> {
    shut(context.caller, object);
    object.drop_buffer(context.caller);
    Ok(no_values())
}

/// `tostring(object)`.
pub(super) fn describe(_: Context, Of(object): Of<ANY>) -> Result<String> {
    let (name, _) = super::CLASSES[place(object.class.get())];
    Ok(format!("{name}: {:p}", std::ptr::from_ref(object)))
}
