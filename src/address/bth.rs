//! AF_BLUETOOTH on Windows, which has only BTPROTO_RFCOMM: bdaddr, channel.

use std::ops::RangeInclusive;

pub(super) use super::describe;
use super::{Address, AddressArgument, Field, Layout, bdaddr, given};
use crate::error::Result;
pub(super) use crate::sys::headers::AF_BLUETOOTH;

pub(super) static LAYOUT: Layout = Layout::table(AF_BLUETOOTH, &["bdaddr", "channel"]);

// `SOCKADDR_BTH` (ws2bth.h), which is packed: family, address, service class, channel.
const BDADDR: usize = 2;
const CHANNEL: usize = 26;
const LENGTH: usize = 30;

pub(super) const LENGTHS: RangeInclusive<usize> = LENGTH..=LENGTH;

pub(super) fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
    let channel = given.integer(1, &LAYOUT, given::U32, None)? as u32;
    let device = bdaddr::parse(given, &LAYOUT)?;
    address.begin(AF_BLUETOOTH, LENGTH);
    address.set(BDADDR, device);
    address.set(CHANNEL, channel.to_ne_bytes());
    Ok(())
}

pub(super) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
    bdaddr::write(address.get_or_zero(BDADDR), fields);
    fields(Field::Integer(u32::from_ne_bytes(address.get_or_zero(CHANNEL)).into()));
}
