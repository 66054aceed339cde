//! create_server: a listening TCP socket.

use super::{NewSocket, create};
use crate::address;
use crate::error::{Error, Result};
use crate::lua::{Caller, Context, Internet, OptionNames, OptionsTable};
use crate::sys;

/// The options of `socket.create_server`.
pub(crate) struct CreateServerOptions;

impl OptionNames for CreateServerOptions {
    const NAMES: &'static [&'static str] = &["family", "backlog", "reuse_port", "dualstack_ipv6"];
    const BY_POSITION: bool = false;
}

/// `socket.create_server(address [, {family=, backlog=, reuse_port=, dualstack_ipv6=}])`.
pub(crate) fn create_server(
    context: Context,
    Internet(given): Internet,
    _: OptionsTable<CreateServerOptions>,
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
        sys::only_ipv6(fd, !dualstack)?;
    }
    let address = context.space.address(0);
    address::parse(new.socket.family, &given, address)?;
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
        Ok(probe) => Ok(sys::only_ipv6(probe.socket.fd(), false).is_ok()),
        Err(Error::Vetoed) => Err(Error::Vetoed),
        Err(_) => Ok(false),
    }
}
