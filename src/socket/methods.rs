//! The methods of a socket, in the documentation's order.

#[cfg(linux_like)]
use super::sendmsg_afalg;
use super::{connection, create, interop, lifetime, message, option, recvall, sendfile, timeout, transfer};
#[cfg(windows)]
use super::{ioctl, share};
use crate::lua::{NativeFunction, method};
use crate::stream;

/// Those that other libraries call come last. What a system lacks is left out by the `cfg` of its line.
pub(crate) static METHODS: &[NativeFunction] = &[
    method("accept", connection::accept),
    method("bind", connection::bind),
    method("close", lifetime::close),
    method("connect", connection::connect),
    method("connect_ex", connection::connect_ex),
    method("detach", lifetime::detach),
    method("dup", create::dup),
    method("fileno", lifetime::fileno),
    method("get_inheritable", lifetime::get_inheritable),
    method("getpeername", connection::getpeername),
    method("getsockname", connection::getsockname),
    method("getsockopt", option::getsockopt),
    method("getblocking", timeout::getblocking),
    method("gettimeout", timeout::gettimeout),
    #[cfg(windows)]
    method("ioctl", ioctl::ioctl),
    method("listen", connection::listen),
    method("makefile", stream::makefile),
    method("recv", transfer::recv),
    method("recvall", recvall::recvall),
    method("recvfrom", transfer::recvfrom),
    method("recvfrom_into", transfer::recvfrom_into),
    method("recvmsg", message::recvmsg),
    method("recvmsg_into", message::recvmsg_into),
    method("recv_into", transfer::recv_into),
    method("send", transfer::send),
    method("sendall", transfer::sendall),
    method("sendto", transfer::sendto),
    method("sendfile", sendfile::sendfile),
    method("sendmsg", message::sendmsg),
    #[cfg(linux_like)]
    method("sendmsg_afalg", sendmsg_afalg::sendmsg_afalg),
    method("set_inheritable", lifetime::set_inheritable),
    method("setblocking", timeout::setblocking),
    method("settimeout", timeout::settimeout),
    method("setsockopt", option::setsockopt),
    method("shutdown", connection::shutdown),
    #[cfg(windows)]
    method("share", share::share),
    method("getfd", lifetime::fileno),
    method("setfd", interop::setfd),
    method("dirty", interop::dirty),
    method("pollfd", lifetime::fileno),
    method("events", interop::events),
];

/// The metamethods of a socket.
pub(crate) static METAMETHODS: &[NativeFunction] =
    &[method("__gc", lifetime::close), method("__close", lifetime::close), method("__tostring", lifetime::describe)];
