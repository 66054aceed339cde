//! `socket.dns`: names and addresses of hosts.

use std::ffi::CString;

use super::words::told;
use crate::error::{Cause, Error, Result};
use crate::lua::{Caller, Context, Either, NativeFunction, Results, dns as dns_results, function, sequence};
use crate::resolve::ask_aside;
use crate::resolver::Question;
use crate::sys::{self, AddrInfo, Address, Host, ResolverError, headers};
use crate::{interface, memory};

/// The functions.
pub(crate) static FUNCTIONS: &[NativeFunction] = &[
    function("toip", toip),
    function("tohostname", tohostname),
    function("gethostname", gethostname),
    function("getaddrinfo", getaddrinfo),
    function("getnameinfo", getnameinfo),
];

/// `dns.toip(host)`: its first IPv4 address, and all that is known of it.
fn toip(context: Context, host: &[u8]) -> Result<impl Results> {
    told(look_up(context.caller, host).map(|host| {
        let first = host.addresses.first().and_then(|packed| sys::ntop(host.family, packed));
        (first, dns_results::host(host))
    }))
}

/// `dns.tohostname(host)`: its name, and all that is known of it.
fn tohostname(context: Context, host: &[u8]) -> Result<impl Results> {
    told(look_up(context.caller, host).map(|host| (host.name.clone(), dns_results::host(host))))
}

/// The entry of a host in the database: by its address if this is one in IPv4, else by its name.
fn look_up(caller: Caller, host: &[u8]) -> Result<Host> {
    let Some(name) = memory::terminated(host)? else { return Err(Cause::Host(sys::HOST_NOT_FOUND).into()) };
    let question = match sys::aton(&name) {
        Some(packed) => {
            caller.audit("socket.gethostbyaddr", || host)?;
            caller.check_name(Some(host))?;
            let text = sys::ntop(sys::DEFAULT_FAMILY, &packed).unwrap_or_default();
            caller.check_reverse(text.as_bytes())?;
            Question::HostByAddress(sys::DEFAULT_FAMILY, packed.to_vec())
        }
        None => {
            caller.audit("socket.gethostbyname", || host)?;
            caller.check_name(Some(host))?;
            Question::HostByName(name)
        }
    };
    ask_aside(caller, question)?.host().map_err(|error| Cause::Host(error).into())
}

/// `dns.gethostname()`.
fn gethostname(context: Context) -> Result<impl Results> {
    told(interface::host_name(context.caller))
}

/// `dns.getaddrinfo(host)`: the family and the numeric form of each address.
fn getaddrinfo(context: Context, host: &[u8]) -> Result<impl Results> {
    told(addresses(context.caller, Some(host), None).and_then(|found| {
        let mut entries = memory::with_room(found.len())?;
        for AddrInfo { family, address, .. } in found {
            let (host, _) = names(context.caller, &address, headers::NI_NUMERICHOST)?;
            entries.push((family_name(family), host));
        }
        Ok(dns_results::addresses(entries))
    }))
}

/// `dns.getnameinfo(host [, service])`: the name of each address of the host, and that of the service.
fn getnameinfo(context: Context, host: Option<&[u8]>, service: Option<&[u8]>) -> Result<impl Results> {
    if host.is_none() && service.is_none() {
        return Err(Error::misuse(1, "host and service cannot both be nil"));
    }
    let (caller, flags) = (context.caller, if host.is_some() { 0 } else { headers::NI_NUMERICHOST });
    told(addresses(caller, host, service).and_then(|found| {
        let mut hosts = memory::with_room(found.len())?;
        let mut last = None;
        for AddrInfo { address, .. } in found {
            let (name, service) = names(caller, &address, flags)?;
            if host.is_some() {
                hosts.push(name);
            }
            last = Some(service);
        }
        let hosts = sequence(hosts);
        Ok(if service.is_some() { Either::Left((hosts, last)) } else { Either::Right(hosts) })
    }))
}

/// getaddrinfo(3) for TCP.
fn addresses(caller: Caller, host: Option<&[u8]>, service: Option<&[u8]>) -> Result<Vec<AddrInfo>> {
    let (family, kind) = (sys::ANY_FAMILY, sys::DEFAULT_TYPE);
    caller.audit("socket.getaddrinfo", || (host, service, family, kind, 0))?;
    caller.check_name(host)?;
    let (host, service) = (terminated(host)?, terminated(service)?);
    let answer = ask_aside(caller, Question::Addresses(host, service, [family, kind, 0, 0]))?;
    answer.addresses().map_err(|error| Cause::from(error).into())
}

/// A string for the C library; one with a NUL is no name.
fn terminated(text: Option<&[u8]>) -> Result<Option<CString>> {
    let Some(text) = text else { return Ok(None) };
    match memory::terminated(text)? {
        None => Err(Cause::Resolver(ResolverError::NO_NAME).into()),
        text => Ok(text),
    }
}

/// getnameinfo(3).
fn names(caller: Caller, address: &Address, flags: i32) -> Result<(Vec<u8>, Vec<u8>)> {
    if flags == 0 {
        caller.audit("socket.getnameinfo", || *address)?;
        let host = sys::ntop(address.family().into(), address.packed()).unwrap_or_default();
        caller.check_reverse(host.as_bytes())?;
    }
    let answer = ask_aside(caller, Question::Names(address.as_bytes().to_vec(), flags))?;
    answer.names().map_err(|error| Cause::from(error).into())
}

/// LuaSocket's name of a family.
fn family_name(family: i32) -> &'static str {
    match family {
        sys::DEFAULT_FAMILY => "inet",
        sys::FAMILY_IPV6 => "inet6",
        sys::ANY_FAMILY => "unspec",
        _ => "unknown",
    }
}
