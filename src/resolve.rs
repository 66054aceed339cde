//! Looking names up.

use std::ffi::CString;

use crate::address::Address;
use crate::error::{self, Error, Result};
use crate::lua::{Caller, Context, OptionNames, OptionsTable, Port, Record, Sequence, Table};
use crate::memory;
use crate::sys::{self, AddrInfo, ResolverError};

/// The address of a host: the first one of that family. `port` only goes into the message.
#[cold]
pub(crate) fn host(family: i32, host: &[u8], port: Option<u16>, index: i32) -> Result<Address> {
    let name = terminated(host, index, "host")?;
    let failed = |error| {
        let port = port.map(|port| port.to_string());
        Error::resolver(error, subject(Some(host), port.as_ref().map(String::as_bytes)))
    };
    let found = sys::look_up(Some(&name), None, [family, 0, 0, 0]).map_err(failed)?;
    found.first().map(|found| found.address).ok_or_else(|| failed(ResolverError::NO_NAME))
}

/// Makes the address of a numeric host and a port, of whichever family the host is.
pub(crate) fn numeric(host: &[u8], port: u16, index: i32) -> Result<Address> {
    let (node, service) = (terminated(host, index, "host")?, port.to_string());
    let failed = |error| Error::resolver(error, subject(Some(host), Some(service.as_bytes())));
    let port = terminated(service.as_bytes(), index, "port")?;
    let found = sys::look_up(Some(&node), Some(&port), sys::NUMERIC_DATAGRAM).map_err(failed)?;
    found.first().map(|found| found.address).ok_or_else(|| failed(ResolverError::NO_NAME))
}

/// The trailing parameters of `getaddrinfo`.
pub(crate) struct GetaddrinfoOptions;

impl OptionNames for GetaddrinfoOptions {
    const NAMES: &'static [&'static str] = &["port", "family", "type", "proto", "flags"];
}

/// `socket.getaddrinfo(host, port [, family [, type [, proto [, flags]]]])`, or the last ones in an options table.
pub(crate) fn getaddrinfo(
    context: Context,
    host: Option<&[u8]>,
    _: OptionsTable<GetaddrinfoOptions>,
    port: Option<Port>,
    hints: [Option<i32>; 4],
) -> Result<Sequence<AddrInfo>> {
    look_up(context.caller, host, port, [1, 2], hints.map(Option::unwrap_or_default)).map(Sequence)
}

/// All addresses of a host and a service, which are the arguments of these indices.
pub(crate) fn look_up(
    caller: Caller,
    host: Option<&[u8]>,
    port: Option<Port>,
    indices: [i32; 2],
    hints: [i32; 4],
) -> Result<Vec<AddrInfo>> {
    let text = port.map(Port::to_vec).transpose()?;
    let node = host.map(|host| terminated(host, indices[0], "host")).transpose()?;
    let service = text.as_ref().map(|port| terminated(port, indices[1], "port")).transpose()?;
    let [family, kind, proto, _] = hints;
    caller.audit("socket.getaddrinfo", || (host, port, family, kind, proto))?;
    sys::look_up(node.as_deref(), service.as_deref(), hints)
        .map_err(|error| Error::resolver(error, subject(host, text.as_deref())))
}

impl Record for AddrInfo {
    fn write(&mut self, table: &Table) {
        table.set("family", self.family);
        table.set("type", self.kind);
        table.set("proto", self.proto);
        table.set("canonname", self.name.as_ref().map_or(&b""[..], |name| name.as_bytes()));
        table.set("sockaddr", self.address);
    }
}

/// A string for the C library, which must hold no NUL.
pub(crate) fn terminated(text: &[u8], index: i32, what: &str) -> Result<CString> {
    memory::terminated(text)?.ok_or_else(|| Error::misuse(index, format!("{what} contains a NUL")))
}

/// What was looked up, as far as the message tells it.
fn subject(host: Option<&[u8]>, port: Option<&[u8]>) -> Vec<u8> {
    let mut text = error::shown(host.unwrap_or_default()).to_vec();
    if let Some(port) = port {
        text.push(b':');
        text.extend_from_slice(error::shown(port));
    }
    text
}
