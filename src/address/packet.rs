//! AF_PACKET: ifname, proto, pkttype = 0, hatype = 0, addr = "".

use std::mem::offset_of;
use std::ops::RangeInclusive;

use libc::{AF_PACKET, sockaddr_ll};

pub(super) use super::describe;
use super::{Address, AddressArgument, Field, Layout, given};
use crate::error::{Error, Result};
use crate::names;

pub(super) static LAYOUT: Layout = Layout::table(AF_PACKET, &["ifname", "proto", "pkttype", "hatype", "addr"]);

const PROTOCOL: usize = offset_of!(sockaddr_ll, sll_protocol);
const INTERFACE: usize = offset_of!(sockaddr_ll, sll_ifindex);
const HARDWARE_TYPE: usize = offset_of!(sockaddr_ll, sll_hatype);
const PACKET_TYPE: usize = offset_of!(sockaddr_ll, sll_pkttype);
const LENGTH: usize = offset_of!(sockaddr_ll, sll_halen);
const HARDWARE_ADDRESS: usize = offset_of!(sockaddr_ll, sll_addr);
const LONGEST: usize = 8;

/// The kernel returns addresses that end with the hardware address, which may have up to 32 bytes.
pub(super) const LENGTHS: RangeInclusive<usize> = HARDWARE_ADDRESS..=size_of::<sockaddr_ll>() + 24;

pub(super) fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
    let name = given.bytes(0, &LAYOUT)?;
    let protocol = given.integer(1, &LAYOUT, given::U16, None)? as u16;
    let packet_type = given.integer(2, &LAYOUT, given::U8, Some(0))? as u8;
    let hardware_type = given.integer(3, &LAYOUT, given::U16, Some(0))? as u16;
    let hardware_address = match given.fields[4] {
        Field::Absent => b"",
        _ => given.bytes(4, &LAYOUT)?,
    };
    if hardware_address.len() > LONGEST {
        return Err(Error::misuse(given.index, "address field 'addr' longer than 8 bytes"));
    }
    let index = names::optional_interface_index(name, given.index)?;
    address.begin(AF_PACKET, size_of::<sockaddr_ll>());
    address.set(PROTOCOL, protocol.to_be_bytes());
    address.set(INTERFACE, index.to_ne_bytes());
    address.set(HARDWARE_TYPE, hardware_type.to_ne_bytes());
    address.set(PACKET_TYPE, [packet_type]);
    address.set(LENGTH, [hardware_address.len() as u8]);
    address.room()[HARDWARE_ADDRESS..HARDWARE_ADDRESS + hardware_address.len()].copy_from_slice(hardware_address);
    Ok(())
}

pub(super) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
    fields(Field::Bytes(names::interface_name(u32::from_ne_bytes(address.get_or_zero(INTERFACE))).as_bytes()));
    fields(Field::Integer(u16::from_be_bytes(address.get_or_zero(PROTOCOL)).into()));
    fields(Field::Integer(address.get_or_zero::<1>(PACKET_TYPE)[0].into()));
    fields(Field::Integer(u16::from_ne_bytes(address.get_or_zero(HARDWARE_TYPE)).into()));
    let told = usize::from(address.get_or_zero::<1>(LENGTH)[0]);
    let bytes = address.as_bytes().get(HARDWARE_ADDRESS..).unwrap_or_default();
    fields(Field::Bytes(&bytes[..told.min(bytes.len())]));
}
