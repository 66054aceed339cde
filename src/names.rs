//! Looking up the names of hosts and network interfaces, for addresses.

use std::ffi::CString;

use crate::error::{self, Error, Result};
use crate::memory;
use crate::sys::{self, Address, Errno, ResolverError};
use crate::text::Text;

/// The address of a numeric host and a port, in the host's family.
pub(crate) fn numeric(host: &[u8], port: u16, index: i32) -> Result<Address> {
    let (node, service) = (terminated(host, index, "host")?, port.to_string());
    let failed = |error| Error::resolver(error, &subject(Some(host), Some(service.as_bytes())));
    let port = terminated(service.as_bytes(), index, "port")?;
    let found = sys::getaddrinfo(Some(&node), Some(&port), sys::NUMERIC_DATAGRAM).map_err(failed)?;
    found.first().map(|found| found.address).ok_or_else(|| failed(ResolverError::NO_NAME))
}

/// The index of an interface.
pub(crate) fn interface_index(name: &[u8], argument: i32) -> Result<u32> {
    let text = terminated(name, argument, "interface name")?;
    // The systems differ in the error of an unknown or overlong name.
    sys::if_nametoindex(&text).map_err(|_| Error::from(Errno::NO_DEVICE).about(name))
}

/// The index of an interface in an address: 0, all interfaces, for `""`.
#[allow(dead_code, reason = "for families that not every system has")]
pub(crate) fn optional_interface_index(name: &[u8], argument: i32) -> Result<u32> {
    if name.is_empty() { Ok(0) } else { interface_index(name, argument) }
}

/// The name of an interface in an address: `""` for index 0, and for an interface that no longer exists.
#[allow(dead_code, reason = "for families that not every system has")]
pub(crate) fn interface_name(index: u32) -> Text<{ sys::INTERFACE_NAME }> {
    if index == 0 { Text::new() } else { sys::if_indextoname(index).unwrap_or_else(|_| Text::new()) }
}

/// A string for the C library; misuse when it contains a NUL.
pub(crate) fn terminated(text: &[u8], index: i32, what: &str) -> Result<CString> {
    memory::terminated(text)?.ok_or_else(|| Error::misuse(index, format!("{what} contains a NUL")))
}

/// What was looked up, as it stands in the message of a failure: `host:port`.
pub(crate) fn subject(host: Option<&[u8]>, port: Option<&[u8]>) -> Vec<u8> {
    let mut text = error::shown(host.unwrap_or_default()).to_vec();
    if let Some(port) = port {
        text.push(b':');
        text.extend_from_slice(error::shown(port));
    }
    text
}
