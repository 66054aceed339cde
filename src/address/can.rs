//! AF_CAN: interface; with CAN_ISOTP interface, rx_addr, tx_addr; with CAN_J1939 interface, name, pgn, addr. NetBSD
//! has only the first.

use std::ops::RangeInclusive;

use super::{Address, AddressArgument, Field, Layout};
use crate::error::{Error, Result};
use crate::names;
use crate::sys::Errno;

// libc lacks the protocols, and on some systems the addresses.
#[cfg(not(netbsd))]
pub(super) const CAN_ISOTP: i32 = 6;
#[cfg(not(netbsd))]
pub(super) const CAN_J1939: i32 = 7;

#[cfg(not(netbsd))]
structure! {
    /// Linux: `linux/can.h`.
    mod sockaddr_can {
        FAMILY: u16,
        INTERFACE: i32,
        PROTOCOL: [u32; 4],
    }
}
#[cfg(not(netbsd))]
pub(super) use libc::AF_CAN;

#[cfg(netbsd)]
structure! {
    /// NetBSD: `netcan/can.h` and `sys/socket.h`.
    mod sockaddr_can {
        LENGTH: u8,
        FAMILY: u8,
        INTERFACE: i32,
        PROTOCOL: [u32; 2],
    }
}
#[cfg(netbsd)]
pub(super) const AF_CAN: i32 = 35;

const INTERFACE: usize = sockaddr_can::INTERFACE;
const PROTOCOL: usize = sockaddr_can::PROTOCOL;

/// Before J1939 the kernel's address was shorter.
pub(super) const LENGTHS: RangeInclusive<usize> = PROTOCOL..=sockaddr_can::SIZE;

/// Interface names end with a NUL within 16 bytes.
const LONGEST_NAME: usize = libc::IF_NAMESIZE - 1;

pub(super) fn begin(given: &AddressArgument, address: &mut Address) -> Result<()> {
    let name = given.bytes(0, &raw::LAYOUT)?;
    if name.len() > LONGEST_NAME {
        return Err(Error::named(Errno::NAME_TOO_LONG, "AF_CAN interface name too long"));
    }
    let index = names::optional_interface_index(name, given.index)?;
    address.begin(AF_CAN, sockaddr_can::SIZE);
    address.set(INTERFACE, index.to_ne_bytes());
    Ok(())
}

pub(super) fn write_interface(address: &Address, fields: &mut impl FnMut(Field)) {
    fields(Field::Bytes(names::interface_name(u32::from_ne_bytes(address.get_or_zero(INTERFACE))).as_bytes()));
}

/// CAN_RAW, CAN_BCM and all other protocols whose addresses are an interface alone.
pub(super) mod raw {
    use super::*;
    pub(in crate::address) use super::{LENGTHS, begin as parse, write_interface as write};
    pub(in crate::address) use crate::address::describe;

    pub(in crate::address) static LAYOUT: Layout = Layout::table(AF_CAN, &["interface"]);
}

/// CAN_ISOTP.
#[cfg(not(netbsd))]
pub(super) mod isotp {
    pub(in crate::address) use super::LENGTHS;
    use super::*;
    pub(in crate::address) use crate::address::describe;
    use crate::address::given::U32;

    pub(in crate::address) static LAYOUT: Layout = Layout::table(AF_CAN | 1 << 8, &["interface", "rx_addr", "tx_addr"]);

    const RX: usize = PROTOCOL;
    const TX: usize = PROTOCOL + 4;

    pub(in crate::address) fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
        let rx = given.integer(1, &LAYOUT, U32, None)? as u32;
        let tx = given.integer(2, &LAYOUT, U32, None)? as u32;
        begin(given, address)?;
        address.set(RX, rx.to_ne_bytes());
        address.set(TX, tx.to_ne_bytes());
        Ok(())
    }

    pub(in crate::address) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
        write_interface(address, fields);
        fields(Field::Integer(u32::from_ne_bytes(address.get_or_zero(RX)).into()));
        fields(Field::Integer(u32::from_ne_bytes(address.get_or_zero(TX)).into()));
    }
}

/// CAN_J1939.
#[cfg(not(netbsd))]
pub(super) mod j1939 {
    pub(in crate::address) use super::LENGTHS;
    use super::*;
    pub(in crate::address) use crate::address::describe;
    use crate::address::given::{U8, U32};

    pub(in crate::address) static LAYOUT: Layout =
        Layout::table(AF_CAN | 2 << 8, &["interface", "name", "pgn", "addr"]);

    const NAME: usize = PROTOCOL;
    const PGN: usize = PROTOCOL + 8;
    const ADDR: usize = PROTOCOL + 12;

    pub(in crate::address) fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
        let name = given.unsigned(1, &LAYOUT)?;
        let pgn = given.integer(2, &LAYOUT, U32, None)? as u32;
        let addr = given.integer(3, &LAYOUT, U8, None)? as u8;
        begin(given, address)?;
        address.set(NAME, name.to_ne_bytes());
        address.set(PGN, pgn.to_ne_bytes());
        address.set(ADDR, [addr]);
        Ok(())
    }

    pub(in crate::address) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
        write_interface(address, fields);
        fields(Field::Unsigned(u64::from_ne_bytes(address.get_or_zero(NAME))));
        fields(Field::Integer(u32::from_ne_bytes(address.get_or_zero(PGN)).into()));
        fields(Field::Integer(address.get_or_zero::<1>(ADDR)[0].into()));
    }
}
