//! AF_INET6: host, port, flowinfo = 0, scope_id = 0.

use std::mem::offset_of;
use std::net::Ipv6Addr;
use std::ops::RangeInclusive;

use super::{Address, AddressArgument, Field, Layout, inet};
use crate::error::{Error, Result};
use crate::sys::headers::{AF_INET6, sockaddr_in6};
use crate::sys::{self, Errno};
use crate::text::Text;

pub(super) static LAYOUT: Layout = Layout::table(AF_INET6, &["host", "port", "flowinfo", "scope_id"]);

pub(super) const PORT: usize = offset_of!(sockaddr_in6, sin6_port);
const FLOWINFO: usize = offset_of!(sockaddr_in6, sin6_flowinfo);
pub(super) const HOST: usize = offset_of!(sockaddr_in6, sin6_addr);
#[cfg(unix)]
const SCOPE: usize = offset_of!(sockaddr_in6, sin6_scope_id);
// There it stands in a union.
#[cfg(windows)]
const SCOPE: usize = offset_of!(sockaddr_in6, Anonymous);

/// The flow label has 20 bits.
const FLOWINFOS: (i64, i64) = (0, 0xf_ffff);
const SCOPES: (i64, i64) = (0, u32::MAX as i64);

pub(super) const LENGTHS: RangeInclusive<usize> = size_of::<sockaddr_in6>()..=size_of::<sockaddr_in6>();

pub(super) fn parse(
    given: &AddressArgument,
    address: &mut Address,
    resolve: impl FnOnce(i32, &[u8], u16) -> Result<Address>,
) -> Result<()> {
    let host = given.bytes(0, &LAYOUT)?;
    let port = given.integer(1, &LAYOUT, inet::PORTS, None)? as u16;
    let (octets, scope) = match std::str::from_utf8(host).ok().and_then(|host| host.parse::<Ipv6Addr>().ok()) {
        Some(literal) => (literal.octets(), 0),
        None => named(host, port, resolve)?,
    };
    address.begin(AF_INET6, size_of::<sockaddr_in6>());
    address.set(PORT, port.to_be_bytes());
    address.set(HOST, octets);
    address.set(SCOPE, scope.to_ne_bytes());
    complete(given, address)
}

pub(super) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
    fields(Field::Bytes(host(address).as_bytes()));
    fields(Field::Integer(u16::from_be_bytes(address.get_or_zero(PORT)).into()));
    fields(Field::Integer(u32::from_be_bytes(address.get_or_zero(FLOWINFO)).into()));
    fields(Field::Integer(scope(address).into()));
}

pub(super) fn describe(address: &Address, text: &mut Text) {
    text.push(b"[");
    text.push(host(address).as_bytes());
    if scope(address) != 0 {
        text.push(Text::<12>::format(format_args!("%{}", scope(address))).as_bytes());
    }
    let port = u16::from_be_bytes(address.get_or_zero(PORT));
    text.push(Text::<8>::format(format_args!("]:{port}")).as_bytes());
}

/// A host that is no plain literal: `""`, a literal with a `%scope`, or a name to look up.
#[cold]
fn named(host: &[u8], port: u16, resolve: impl FnOnce(i32, &[u8], u16) -> Result<Address>) -> Result<([u8; 16], u32)> {
    match host {
        b"" => Ok(([0; 16], 0)),
        b"<broadcast>" | b"255.255.255.255" => {
            Err(Error::named(Errno::ADDRESS_FAMILY_NOT_SUPPORTED, "address family mismatched"))
        }
        _ => {
            let found = resolve(AF_INET6, host, port)?;
            Ok((found.get_or_zero(HOST), scope(&found)))
        }
    }
}

fn host(address: &Address) -> Text<64> {
    sys::ntop(AF_INET6, &address.get_or_zero::<16>(HOST)).unwrap_or_default()
}

/// Sets flow label and scope.
pub(super) fn complete(given: &AddressArgument, address: &mut Address) -> Result<()> {
    let flowinfo = given.integer(2, &LAYOUT, FLOWINFOS, Some(0))? as u32;
    let scope = given.integer(3, &LAYOUT, SCOPES, Some(scope(address).into()))? as u32;
    address.set(FLOWINFO, flowinfo.to_be_bytes());
    address.set(SCOPE, scope.to_ne_bytes());
    Ok(())
}

fn scope(address: &Address) -> u32 {
    u32::from_ne_bytes(address.get_or_zero(SCOPE))
}
