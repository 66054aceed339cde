//! Looking names up.

use std::ffi::CString;

use crate::address::Address;
use crate::error::{Error, Result};
use crate::lua::{Context, Named, Names, Port, Record, Sequence, Table};
use crate::sys::{self, Found, ResolverError};

/// The address of a host that stands in an address table: the first one of that family.
#[cold]
pub(crate) fn host(family: i32, host: &[u8], port: u16, index: i32) -> Result<Address> {
    let name = terminated(host, index, "host")?;
    let subject = || subject(Some(host), Some(port.to_string().as_bytes()));
    let found =
        sys::look_up(Some(&name), None, [family, 0, 0, 0]).map_err(|error| Error::resolver(error, subject()))?;
    found.first().map(|found| found.address).ok_or_else(|| Error::resolver(ResolverError::NO_NAME, subject()))
}

/// The trailing parameters of `getaddrinfo`.
pub(crate) struct LookingUp;

impl Names for LookingUp {
    const NAMES: &'static [&'static str] = &["port", "family", "type", "proto", "flags"];
}

/// `socket.getaddrinfo(host, port [, family [, type [, proto [, flags]]]])`, or the last ones in an options table.
pub(crate) fn getaddrinfo(
    _: Context,
    host: Option<&[u8]>,
    _: Named<LookingUp>,
    port: Option<Port>,
    hints: [Option<i32>; 4],
) -> Result<Sequence<Found>> {
    let service = port.map(|Port(port)| port);
    let terminate = |text: Option<&[u8]>, index, what| text.map(|text| terminated(text, index, what)).transpose();
    let (node, port) = (terminate(host, 1, "host")?, terminate(service, 2, "port")?);
    sys::look_up(node.as_deref(), port.as_deref(), hints.map(Option::unwrap_or_default))
        .map(Sequence)
        .map_err(|error| Error::resolver(error, subject(host, service)))
}

impl Record for Found {
    fn write(&mut self, table: &Table) {
        table.set("family", self.family);
        table.set("type", self.kind);
        table.set("proto", self.proto);
        table.set("canonname", self.name.as_ref().map_or(&b""[..], |name| name.as_bytes()));
        table.set("sockaddr", self.address);
    }
}

/// A string for the C library, which must hold no NUL.
fn terminated(text: &[u8], index: i32, what: &str) -> Result<CString> {
    CString::new(text).map_err(|_| Error::misuse(index, format!("{what} contains a NUL")))
}

/// What was looked up, for the message.
fn subject(host: Option<&[u8]>, port: Option<&[u8]>) -> Vec<u8> {
    [host.unwrap_or_default(), port.unwrap_or_default()].join(&b':')
}
