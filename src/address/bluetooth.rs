//! AF_BLUETOOTH: BTPROTO_L2CAP bdaddr, psm [, cid [, bdaddr_type]]; BTPROTO_RFCOMM bdaddr, channel; BTPROTO_HCI
//! device_id [, channel]; BTPROTO_SCO bdaddr.

use std::mem::offset_of;
use std::ops::RangeInclusive;

use libc::AF_BLUETOOTH;

use super::{Address, AddressFamily, Fields, Given, Layout, Single, bdaddr, given};
use crate::error::Result;

pub(super) struct L2cap;
pub(super) struct Rfcomm;
pub(super) struct Hci;
pub(super) struct Sco;

// The protocols, and the addresses of each, which libc lacks (`bluetooth/bluetooth.h` and its neighbours).
pub(super) const BTPROTO_L2CAP: i32 = 0;
pub(super) const BTPROTO_HCI: i32 = 1;
pub(super) const BTPROTO_SCO: i32 = 2;
pub(super) const BTPROTO_RFCOMM: i32 = 3;

#[repr(C)]
struct SockaddrL2 {
    family: u16,
    psm: u16,
    bdaddr: [u8; 6],
    cid: u16,
    bdaddr_type: u8,
}

#[repr(C)]
struct SockaddrRc {
    family: u16,
    bdaddr: [u8; 6],
    channel: u8,
}

#[repr(C)]
struct SockaddrHci {
    family: u16,
    device: u16,
    channel: u16,
}

#[repr(C)]
struct SockaddrSco {
    family: u16,
    bdaddr: [u8; 6],
}

static L2CAP: Layout =
    Layout { key: AF_BLUETOOTH, fields: &["bdaddr", "psm", "cid", "bdaddr_type"], single: Single::Table };
static RFCOMM: Layout = Layout { key: AF_BLUETOOTH | 1 << 8, fields: &["bdaddr", "channel"], single: Single::Table };
static HCI: Layout = Layout { key: AF_BLUETOOTH | 2 << 8, fields: &["device_id", "channel"], single: Single::Number };
static SCO: Layout = Layout { key: AF_BLUETOOTH | 3 << 8, fields: &["bdaddr"], single: Single::String };

impl AddressFamily for L2cap {
    const LENGTHS: RangeInclusive<usize> = size_of::<SockaddrL2>()..=size_of::<SockaddrL2>();

    fn layout() -> &'static Layout {
        &L2CAP
    }

    fn parse(given: &Given, address: &mut Address) -> Result<()> {
        let psm = given.integer(1, &L2CAP, given::U16, None)? as u16;
        let cid = given.integer(2, &L2CAP, given::U16, Some(0))? as u16;
        let kind = given.integer(3, &L2CAP, given::U8, Some(0))? as u8;
        let bdaddr = bdaddr::parse(given, &L2CAP)?;
        address.begin(AF_BLUETOOTH, size_of::<SockaddrL2>());
        address.set(offset_of!(SockaddrL2, psm), psm.to_le_bytes());
        address.set(offset_of!(SockaddrL2, bdaddr), bdaddr);
        address.set(offset_of!(SockaddrL2, cid), cid.to_le_bytes());
        address.set(offset_of!(SockaddrL2, bdaddr_type), [kind]);
        Ok(())
    }

    fn write(address: &Address, fields: &mut impl Fields) {
        let cid = u16::from_le_bytes(address.get_or_zero(offset_of!(SockaddrL2, cid)));
        let [kind] = address.get_or_zero(offset_of!(SockaddrL2, bdaddr_type));
        bdaddr::write(address.get_or_zero(offset_of!(SockaddrL2, bdaddr)), fields);
        fields.integer(u16::from_le_bytes(address.get_or_zero(offset_of!(SockaddrL2, psm))).into());
        // What is not BR/EDR (0) has its type told, and then the channel before it.
        if cid != 0 || kind != 0 {
            fields.integer(cid.into());
        }
        if kind != 0 {
            fields.integer(kind.into());
        }
    }
}

impl AddressFamily for Rfcomm {
    const LENGTHS: RangeInclusive<usize> = size_of::<SockaddrRc>()..=size_of::<SockaddrRc>();

    fn layout() -> &'static Layout {
        &RFCOMM
    }

    fn parse(given: &Given, address: &mut Address) -> Result<()> {
        let channel = given.integer(1, &RFCOMM, given::U8, None)? as u8;
        let bdaddr = bdaddr::parse(given, &RFCOMM)?;
        address.begin(AF_BLUETOOTH, size_of::<SockaddrRc>());
        address.set(offset_of!(SockaddrRc, bdaddr), bdaddr);
        address.set(offset_of!(SockaddrRc, channel), [channel]);
        Ok(())
    }

    fn write(address: &Address, fields: &mut impl Fields) {
        bdaddr::write(address.get_or_zero(offset_of!(SockaddrRc, bdaddr)), fields);
        fields.integer(address.get_or_zero::<1>(offset_of!(SockaddrRc, channel))[0].into());
    }
}

impl AddressFamily for Hci {
    const LENGTHS: RangeInclusive<usize> = size_of::<SockaddrHci>()..=size_of::<SockaddrHci>();

    fn layout() -> &'static Layout {
        &HCI
    }

    fn parse(given: &Given, address: &mut Address) -> Result<()> {
        let device = given.integer(0, &HCI, given::U16, None)? as u16;
        let channel = given.integer(1, &HCI, given::U16, Some(0))? as u16;
        address.begin(AF_BLUETOOTH, size_of::<SockaddrHci>());
        address.set(offset_of!(SockaddrHci, device), device.to_ne_bytes());
        address.set(offset_of!(SockaddrHci, channel), channel.to_ne_bytes());
        Ok(())
    }

    fn write(address: &Address, fields: &mut impl Fields) {
        let channel = u16::from_ne_bytes(address.get_or_zero(offset_of!(SockaddrHci, channel)));
        fields.integer(u16::from_ne_bytes(address.get_or_zero(offset_of!(SockaddrHci, device))).into());
        // The raw channel (0) is not told.
        if channel != 0 {
            fields.integer(channel.into());
        }
    }
}

impl AddressFamily for Sco {
    const LENGTHS: RangeInclusive<usize> = size_of::<SockaddrSco>()..=size_of::<SockaddrSco>();

    fn layout() -> &'static Layout {
        &SCO
    }

    fn parse(given: &Given, address: &mut Address) -> Result<()> {
        let bdaddr = bdaddr::parse(given, &SCO)?;
        address.begin(AF_BLUETOOTH, size_of::<SockaddrSco>());
        address.set(offset_of!(SockaddrSco, bdaddr), bdaddr);
        Ok(())
    }

    fn write(address: &Address, fields: &mut impl Fields) {
        bdaddr::write(address.get_or_zero(offset_of!(SockaddrSco, bdaddr)), fields);
    }
}
