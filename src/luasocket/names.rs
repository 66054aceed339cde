//! The addresses of objects.

use super::class::{ANY, CONNECTED, TCP};
use super::object::Object;
use super::words::told;
use crate::address::{Address, Field};
use crate::error::Result;
use crate::lua::{Context, Of, Results};
use crate::sys::{self, Errno, headers};
use crate::text::Text;

/// The numeric host and the port of an Internet address; the path of a Unix one.
#[inline(always)]
pub(super) fn name(address: &Address) -> (Text<128>, i64) {
    let mut name = (Text::new(), -1);
    if i32::from(address.family()) == headers::AF_INET6
        && let Ok((host, port)) = sys::getnameinfo(address, headers::NI_NUMERICHOST | headers::NI_NUMERICSERV)
    {
        name.0.push(&host);
        name.1 = std::str::from_utf8(&port).ok().and_then(|port| port.parse().ok()).unwrap_or(0);
    } else if address.family() != 0 {
        address.write(&mut |field| match field {
            Field::Bytes(bytes) => name.0.push(bytes),
            // Behind the port of IPv6 come the flow and the scope.
            Field::Integer(value) if name.1 < 0 => name.1 = value,
            _ => {}
        });
    }
    name
}

fn described(object: &Object, asked: std::result::Result<Address, Errno>) -> Result<impl Results> {
    told(asked.map_err(Into::into).map(|address| {
        let (host, port) = name(&address);
        let family = if object.family.get() == headers::AF_INET6 { "inet6" } else { "inet" };
        (host, port, family)
    }))
}

/// `object:getsockname()` of TCP and UDP: host, port and family.
pub(super) fn getsockname(_: Context, Of(object): Of<{ ANY }>) -> Result<impl Results> {
    described(object, sys::getsockname(object.socket.fd()))
}

/// `object:getpeername()`, which LuaSocket has for every TCP object, and for UDP ones that are connected.
pub(super) fn getpeername(_: Context, Of(object): Of<{ TCP | CONNECTED }>) -> Result<impl Results> {
    described(object, sys::getpeername(object.socket.fd()))
}

/// `unix:getsockname()`: the path.
pub(super) fn path(_: Context, Of(object): Of<{ ANY }>) -> Result<impl Results> {
    told(sys::getsockname(object.socket.fd()).map_err(Into::into).map(|address| name(&address).0))
}

/// `object:getfamily()`.
pub(super) fn getfamily(_: Context, Of(object): Of<{ ANY }>) -> Result<&'static str> {
    Ok(if object.family.get() == headers::AF_INET6 { "inet6" } else { "inet4" })
}
