//! The databases of hosts, services and protocols.

use std::ffi::CString;

use crate::address::{self, AddressArgument};
use crate::error::{Cause, Error, Result};
use crate::lua::{Caller, Context, Results, sequence};
use crate::resolve;
use crate::resolver::Question;
use crate::sys::{self, Errno, Host};
use crate::text::Text;
use crate::{interface, memory, names};

/// `socket.gethostbyname(hostname)`: an IPv4 address as text.
pub(crate) fn gethostbyname(context: Context, host: &[u8]) -> Result<Text<64>> {
    context.caller.audit("socket.gethostbyname", || host)?;
    context.caller.check_name(Some(host))?;
    let address = context.space.address(0);
    let look_up = |family, name: &[u8], _| resolve::host(context.caller, family, name, None, 1);
    address::parse(sys::DEFAULT_FAMILY as u16, &AddressArgument::host(1, host), address, look_up)?;
    Ok(sys::ntop(sys::DEFAULT_FAMILY, address.packed()).unwrap_or_default())
}

/// `socket.gethostbyname_ex(hostname)`.
pub(crate) fn gethostbyname_ex(context: Context, host: &[u8]) -> Result<impl Results> {
    let name = names::terminated(host, 1, "host")?;
    // The error of getaddrinfo(3) is more precise than that of gethostbyname(3).
    let caller = context.caller;
    gethostbyname(context, host)?;
    let found = resolve::ask(caller, Question::HostByName(name), None)?.host();
    found.map(host_names).map_err(|error| Error::from(Cause::Host(error)).about(host))
}

/// `socket.gethostbyaddr(address)`: of either family; a name is resolved first.
pub(crate) fn gethostbyaddr(context: Context, host: &[u8]) -> Result<impl Results> {
    host_by_address(context.caller, host).map(host_names)
}

fn host_by_address(caller: Caller, host: &[u8]) -> Result<Host> {
    caller.audit("socket.gethostbyaddr", || host)?;
    caller.check_name(Some(host))?;
    caller.check_reverse(host)?;
    let address = resolve::host(caller, sys::ANY_FAMILY, host, None, 1)?;
    let question = Question::HostByAddress(address.family().into(), address.packed().to_vec());
    let found = resolve::ask(caller, question, None)?.host();
    found.map_err(|error| Error::from(Cause::Host(error)).about(host))
}

/// `socket.getfqdn([name])`: the first of the host's names with a dot in it, else its first name, else the argument.
pub(crate) fn getfqdn(context: Context, name: Option<&[u8]>) -> Result<Vec<u8>> {
    let name = match name.unwrap_or_default() {
        b"" | b"0.0.0.0" | b"::" => interface::host_name(context.caller)?,
        name => memory::copy(name)?,
    };
    names::terminated(&name, 1, "host")?;
    let Host { name: first, aliases, .. } = match host_by_address(context.caller, &name) {
        Ok(host) => host,
        Err(error @ (Error::Vetoed | Error::Parked | Error::Raised(_))) => return Err(error),
        Err(error) if context.caller.task_call().is_some_and(|task_call| task_call.task.check().is_err()) => {
            return Err(error);
        }
        Err(_) => return Ok(name),
    };
    let qualified = |name: &&Vec<u8>| name.contains(&b'.');
    Ok(std::iter::once(&first).chain(&aliases).find(qualified).unwrap_or(&first).clone())
}

/// Name, aliases, addresses.
fn host_names(host: Host) -> impl Results {
    let addresses = host.addresses.iter().filter_map(|packed| sys::ntop(host.family, packed)).collect::<Vec<_>>();
    (host.name, sequence(host.aliases), sequence(addresses))
}

/// `socket.getnameinfo(sockaddr, flags)`: host, service.
pub(crate) fn getnameinfo(context: Context, given: AddressArgument, flags: Option<i32>) -> Result<(Vec<u8>, Vec<u8>)> {
    let address = context.space.address(0);
    address::parse_numeric(&given, address)?;
    context.caller.audit("socket.getnameinfo", || *address)?;
    #[allow(clippy::unnecessary_cast, reason = "not every system has a signed flag")]
    if flags.unwrap_or(0) & sys::headers::NI_NUMERICHOST == 0 {
        let host = sys::ntop(address.family().into(), address.packed()).unwrap_or_default();
        context.caller.check_reverse(host.as_bytes())?;
    }
    let question = Question::Names(address.as_bytes().to_vec(), flags.unwrap_or(0));
    let names = resolve::ask(context.caller, question, None)?.names();
    names.map_err(|error| Error::from(Cause::from(error)).at(address))
}

/// `socket.getprotobyname(name)`.
pub(crate) fn getprotobyname(_: Context, name: &[u8]) -> Result<i32> {
    let text = names::terminated(name, 1, "name")?;
    sys::protocol_by_name(&text).ok_or_else(|| not_found(name, "protocol not found"))
}

/// `socket.getservbyname(service [, protocol])`.
pub(crate) fn getservbyname(context: Context, name: &[u8], protocol: Option<&[u8]>) -> Result<u16> {
    let text = names::terminated(name, 1, "name")?;
    context.caller.audit("socket.getservbyname", || (name, protocol))?;
    let protocol = optional(protocol)?;
    sys::port_by_service(&text, protocol.as_deref()).ok_or_else(|| not_found(name, "service/proto not found"))
}

/// `socket.getservbyport(port [, protocol])`.
pub(crate) fn getservbyport(context: Context, port: u16, protocol: Option<&[u8]>) -> Result<Vec<u8>> {
    context.caller.audit("socket.getservbyport", || (port, protocol))?;
    let protocol = optional(protocol)?;
    let found = sys::service_by_port(port, protocol.as_deref());
    found.ok_or_else(|| not_found(port.to_string().as_bytes(), "port/proto not found"))
}

fn optional(protocol: Option<&[u8]>) -> Result<Option<CString>> {
    protocol.map(|name| names::terminated(name, 2, "protocol")).transpose()
}

fn not_found(name: &[u8], words: &'static str) -> Error {
    Error::named(Errno::NOT_FOUND, words).about(name)
}
