//! AF_BLUETOOTH: BTPROTO_L2CAP bdaddr, psm [, cid [, bdaddr_type]]; BTPROTO_RFCOMM bdaddr, channel; BTPROTO_HCI as
//! the system knows its controllers (`hci`); BTPROTO_SCO bdaddr.

mod hci;
mod system;

use std::mem::offset_of;
use std::ops::RangeInclusive;

use libc::AF_BLUETOOTH;

pub(super) use hci::Hci;
pub(super) use system::*;

use super::{Address, AddressArgument, AddressFamily, Fields, Layout, Single, bdaddr, given};
use crate::error::Result;

pub(super) struct L2cap;
pub(super) struct Rfcomm;
#[cfg(not(target_os = "freebsd"))]
pub(super) struct Sco;

static L2CAP: Layout = Layout {
    key: AF_BLUETOOTH,
    fields: if HAS_CHANNELS { &["bdaddr", "psm", "cid", "bdaddr_type"] } else { &["bdaddr", "psm"] },
    single: Single::Table,
};
static RFCOMM: Layout = Layout { key: AF_BLUETOOTH | 1 << 8, fields: &["bdaddr", "channel"], single: Single::Table };
#[cfg(not(target_os = "freebsd"))]
static SCO: Layout = Layout { key: AF_BLUETOOTH | 3 << 8, fields: &["bdaddr"], single: Single::String };

impl AddressFamily for L2cap {
    const LENGTHS: RangeInclusive<usize> = size_of::<SockaddrL2>()..=size_of::<SockaddrL2>();

    fn layout() -> &'static Layout {
        &L2CAP
    }

    fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
        let psm = given.integer(1, &L2CAP, given::U16, None)? as u16;
        let bdaddr = bdaddr::parse(given, &L2CAP)?;
        address.begin(AF_BLUETOOTH, size_of::<SockaddrL2>());
        address.set(offset_of!(SockaddrL2, psm), system::psm(psm).to_ne_bytes());
        address.set(offset_of!(SockaddrL2, bdaddr), bdaddr);
        #[cfg(not(any(target_os = "netbsd", target_os = "dragonfly")))]
        parse_channel(given, address)?;
        Ok(())
    }

    fn write(address: &Address, fields: &mut impl Fields) {
        bdaddr::write(address.get_or_zero(offset_of!(SockaddrL2, bdaddr)), fields);
        fields.integer(system::psm(u16::from_ne_bytes(address.get_or_zero(offset_of!(SockaddrL2, psm)))).into());
        #[cfg(not(any(target_os = "netbsd", target_os = "dragonfly")))]
        write_channel(address, fields);
    }
}

#[cfg(not(any(target_os = "netbsd", target_os = "dragonfly")))]
fn parse_channel(given: &AddressArgument, address: &mut Address) -> Result<()> {
    let cid = given.integer(2, &L2CAP, given::U16, Some(0))? as u16;
    let kind = given.integer(3, &L2CAP, given::U8, Some(0))? as u8;
    address.set(offset_of!(SockaddrL2, cid), cid.to_le_bytes());
    address.set(offset_of!(SockaddrL2, bdaddr_type), [kind]);
    Ok(())
}

#[cfg(not(any(target_os = "netbsd", target_os = "dragonfly")))]
fn write_channel(address: &Address, fields: &mut impl Fields) {
    let cid = u16::from_le_bytes(address.get_or_zero(offset_of!(SockaddrL2, cid)));
    let [kind] = address.get_or_zero(offset_of!(SockaddrL2, bdaddr_type));
    // What is not BR/EDR (0) has its type told, and then the channel before it.
    if cid != 0 || kind != 0 {
        fields.integer(cid.into());
    }
    if kind != 0 {
        fields.integer(kind.into());
    }
}

impl AddressFamily for Rfcomm {
    const LENGTHS: RangeInclusive<usize> = size_of::<SockaddrRc>()..=size_of::<SockaddrRc>();

    fn layout() -> &'static Layout {
        &RFCOMM
    }

    fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
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

#[cfg(not(target_os = "freebsd"))]
impl AddressFamily for Sco {
    const LENGTHS: RangeInclusive<usize> = size_of::<SockaddrSco>()..=size_of::<SockaddrSco>();

    fn layout() -> &'static Layout {
        &SCO
    }

    fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
        let bdaddr = bdaddr::parse(given, &SCO)?;
        address.begin(AF_BLUETOOTH, size_of::<SockaddrSco>());
        address.set(offset_of!(SockaddrSco, bdaddr), bdaddr);
        Ok(())
    }

    fn write(address: &Address, fields: &mut impl Fields) {
        bdaddr::write(address.get_or_zero(offset_of!(SockaddrSco, bdaddr)), fields);
    }
}
