//! create_server: a listening TCP socket.

use super::{NewSocket, create};
use crate::address::AddressArgument;
use crate::error::{Error, Result};
use crate::lua::{Caller, Context, OptionsTable, options};
use crate::resolve;
use crate::sys;

/// `socket.create_server(address [, {family=, backlog=, reuse_port=, dualstack_ipv6=}])`.
pub(crate) fn create_server(
    context: Context,
    given: AddressArgument,
    _: OptionsTable<{ options::CREATE_SERVER }>,
    family: Option<i32>,
    backlog: Option<i32>,
    reuse_port: Option<bool>,
    dualstack: Option<bool>,
) -> Result<NewSocket> {
    let family = family.unwrap_or(sys::DEFAULT_FAMILY);
    if family != sys::DEFAULT_FAMILY && family != sys::FAMILY_IPV6 {
        return Err(Error::misuse(2, "AF_INET or AF_INET6 expected"));
    }
    let (reuse_port, dualstack) = (reuse_port == Some(true), dualstack == Some(true));
    if reuse_port && !sys::HAS_REUSE_PORT {
        return Err(Error::misuse(4, "not supported on this platform"));
    }
    if dualstack && family != sys::FAMILY_IPV6 {
        return Err(Error::misuse(5, "AF_INET6 family required"));
    }
    if dualstack && !supports_dualstack(context.caller)? {
        return Err(Error::misuse(5, "not supported on this platform"));
    }
    let new = create::open(context.caller, family, sys::DEFAULT_TYPE, 0)?;
    let fd = new.socket.fd();
    sys::reuse_address(fd)?;
    if reuse_port {
        sys::reuse_port(fd)?;
    }
    if family == sys::FAMILY_IPV6 {
        sys::set_ipv6_only(fd, !dualstack)?;
    }
    let address = context.space.address(0);
    resolve::parse(context.caller, new.socket.family(), &given, address)?;
    let at = |errno| Error::from(errno).at(address);
    context.caller.obey(|limits| limits.check_bind(address)).map_err(|error| error.at(address))?;
    context.caller.audit_new("socket.bind", &new.socket, || *address)?;
    let fd = new.socket.fd();
    sys::bind(fd, address).map_err(at)?;
    sys::listen(fd, backlog.unwrap_or(sys::DEFAULT_BACKLOG).max(0)).map_err(at)?;
    Ok(new)
}

/// `socket.has_dualstack_ipv6()`: whether one socket can serve both families.
pub(crate) fn has_dualstack_ipv6(context: Context) -> Result<bool> {
    supports_dualstack(context.caller)
}

fn supports_dualstack(caller: Caller) -> Result<bool> {
    match create::open(caller, sys::FAMILY_IPV6, sys::DEFAULT_TYPE, 0) {
        Ok(probe) => Ok(sys::set_ipv6_only(probe.socket.fd(), false).is_ok()),
        Err(Error::Vetoed) => Err(Error::Vetoed),
        Err(_) => Ok(false),
    }
}
