//! AF_CAN: interface; with CAN_ISOTP interface, rx_addr, tx_addr; with CAN_J1939 interface, name, pgn, addr. NetBSD has
//! the first alone.
#![cfg_attr(target_os = "netbsd", allow(dead_code))]

use std::mem::offset_of;
use std::ops::RangeInclusive;

use super::{Address, AddressArgument, AddressFamily, Fields, Layout, Single, given};
use crate::error::{Error, Result};
use crate::interface;
use crate::sys::Errno;

// The protocols of Linux, and the addresses, which libc lacks on some systems.
pub(super) const CAN_ISOTP: i32 = 6;
pub(super) const CAN_J1939: i32 = 7;

/// Linux: `linux/can.h`.
#[cfg(not(target_os = "netbsd"))]
#[repr(C)]
struct SockaddrCan {
    family: u16,
    interface: i32,
    protocol: [u32; 4],
}
#[cfg(not(target_os = "netbsd"))]
pub(super) use libc::AF_CAN;

/// NetBSD: `netcan/can.h` and `sys/socket.h`.
#[cfg(target_os = "netbsd")]
#[repr(C)]
struct SockaddrCan {
    length: u8,
    family: u8,
    interface: i32,
    protocol: [u32; 2],
}
#[cfg(target_os = "netbsd")]
pub(super) const AF_CAN: i32 = 35;

/// CAN_RAW, CAN_BCM and whatever else takes an interface alone.
pub(super) struct Raw;
pub(super) struct Isotp;
pub(super) struct J1939;

static RAW_LAYOUT: Layout = Layout { key: AF_CAN, fields: &["interface"], single: Single::Table };
static ISOTP_LAYOUT: Layout =
    Layout { key: AF_CAN | 1 << 8, fields: &["interface", "rx_addr", "tx_addr"], single: Single::Table };
static J1939_LAYOUT: Layout =
    Layout { key: AF_CAN | 2 << 8, fields: &["interface", "name", "pgn", "addr"], single: Single::Table };

const INTERFACE: usize = offset_of!(SockaddrCan, interface);
const PROTOCOL: usize = offset_of!(SockaddrCan, protocol);
const RX: usize = PROTOCOL;
const TX: usize = PROTOCOL + 4;
const NAME: usize = PROTOCOL;
const PGN: usize = PROTOCOL + 8;
const ADDR: usize = PROTOCOL + 12;

/// Before J1939 the kernel's address was shorter.
const LENGTHS: RangeInclusive<usize> = PROTOCOL..=size_of::<SockaddrCan>();

/// Interface names end with a NUL within 16 bytes.
const LONGEST_NAME: usize = libc::IF_NAMESIZE - 1;

fn begin(given: &AddressArgument, address: &mut Address) -> Result<()> {
    let name = given.bytes(0, &RAW_LAYOUT)?;
    if name.len() > LONGEST_NAME {
        return Err(Error::named(Errno::NAME_TOO_LONG, "AF_CAN interface name too long"));
    }
    let index = interface::index(name, given.index)?;
    address.begin(AF_CAN, size_of::<SockaddrCan>());
    address.set(INTERFACE, index.to_ne_bytes());
    Ok(())
}

fn write_interface(address: &Address, fields: &mut impl Fields) {
    fields.bytes(interface::name(u32::from_ne_bytes(address.get_or_zero(INTERFACE))).as_bytes());
}

impl AddressFamily for Raw {
    const LENGTHS: RangeInclusive<usize> = LENGTHS;

    fn layout() -> &'static Layout {
        &RAW_LAYOUT
    }

    fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
        begin(given, address)
    }

    fn write(address: &Address, fields: &mut impl Fields) {
        write_interface(address, fields);
    }
}

impl AddressFamily for Isotp {
    const LENGTHS: RangeInclusive<usize> = LENGTHS;

    fn layout() -> &'static Layout {
        &ISOTP_LAYOUT
    }

    fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
        let rx = given.integer(1, &ISOTP_LAYOUT, given::U32, None)? as u32;
        let tx = given.integer(2, &ISOTP_LAYOUT, given::U32, None)? as u32;
        begin(given, address)?;
        address.set(RX, rx.to_ne_bytes());
        address.set(TX, tx.to_ne_bytes());
        Ok(())
    }

    fn write(address: &Address, fields: &mut impl Fields) {
        write_interface(address, fields);
        fields.integer(u32::from_ne_bytes(address.get_or_zero(RX)).into());
        fields.integer(u32::from_ne_bytes(address.get_or_zero(TX)).into());
    }
}

impl AddressFamily for J1939 {
    const LENGTHS: RangeInclusive<usize> = LENGTHS;

    fn layout() -> &'static Layout {
        &J1939_LAYOUT
    }

    fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
        let name = given.unsigned(1, &J1939_LAYOUT)?;
        let pgn = given.integer(2, &J1939_LAYOUT, given::U32, None)? as u32;
        let addr = given.integer(3, &J1939_LAYOUT, given::U8, None)? as u8;
        begin(given, address)?;
        address.set(NAME, name.to_ne_bytes());
        address.set(PGN, pgn.to_ne_bytes());
        address.set(ADDR, [addr]);
        Ok(())
    }

    fn write(address: &Address, fields: &mut impl Fields) {
        write_interface(address, fields);
        fields.unsigned(u64::from_ne_bytes(address.get_or_zero(NAME)));
        fields.integer(u32::from_ne_bytes(address.get_or_zero(PGN)).into());
        fields.integer(address.get_or_zero::<1>(ADDR)[0].into());
    }
}
