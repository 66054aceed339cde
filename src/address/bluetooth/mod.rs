//! AF_BLUETOOTH: BTPROTO_L2CAP bdaddr, psm [, cid [, bdaddr_type]]; BTPROTO_RFCOMM bdaddr, channel; BTPROTO_HCI, which
//! differs between the systems (`hci`); BTPROTO_SCO bdaddr.

pub(super) mod hci;
mod platform;

use std::mem::offset_of;
use std::ops::RangeInclusive;

use libc::AF_BLUETOOTH;

pub(super) use platform::*;

use super::{Address, AddressArgument, Fields, Layout, Resolver, Single, bdaddr, given};
use crate::error::Result;

/// BTPROTO_L2CAP.
pub(super) mod l2cap {
    use super::*;
    pub(in crate::address) use crate::address::describe;

    pub(in crate::address) static LAYOUT: Layout = Layout {
        key: AF_BLUETOOTH,
        fields: if HAS_CHANNELS { &["bdaddr", "psm", "cid", "bdaddr_type"] } else { &["bdaddr", "psm"] },
        single: Single::Table,
    };

    pub(in crate::address) const LENGTHS: RangeInclusive<usize> = size_of::<SockaddrL2>()..=size_of::<SockaddrL2>();

    pub(in crate::address) fn parse(given: &AddressArgument<impl Resolver>, address: &mut Address) -> Result<()> {
        let psm = given.integer(1, &LAYOUT, given::U16, None)? as u16;
        let bdaddr = bdaddr::parse(given, &LAYOUT)?;
        address.begin(AF_BLUETOOTH, size_of::<SockaddrL2>());
        address.set(offset_of!(SockaddrL2, psm), platform::psm(psm).to_ne_bytes());
        address.set(offset_of!(SockaddrL2, bdaddr), bdaddr);
        #[cfg(not(netbt))]
        parse_channel(given, address)?;
        Ok(())
    }

    pub(in crate::address) fn write(address: &Address, fields: &mut impl Fields) {
        bdaddr::write(address.get_or_zero(offset_of!(SockaddrL2, bdaddr)), fields);
        fields.integer(platform::psm(u16::from_ne_bytes(address.get_or_zero(offset_of!(SockaddrL2, psm)))).into());
        #[cfg(not(netbt))]
        write_channel(address, fields);
    }

    #[cfg(not(netbt))]
    fn parse_channel(given: &AddressArgument<impl Resolver>, address: &mut Address) -> Result<()> {
        let cid = given.integer(2, &LAYOUT, given::U16, Some(0))? as u16;
        let kind = given.integer(3, &LAYOUT, given::U8, Some(0))? as u8;
        address.set(offset_of!(SockaddrL2, cid), cid.to_le_bytes());
        address.set(offset_of!(SockaddrL2, bdaddr_type), [kind]);
        Ok(())
    }

    #[cfg(not(netbt))]
    fn write_channel(address: &Address, fields: &mut impl Fields) {
        let cid = u16::from_le_bytes(address.get_or_zero(offset_of!(SockaddrL2, cid)));
        let [kind] = address.get_or_zero(offset_of!(SockaddrL2, bdaddr_type));
        // The type is left out when it is BR/EDR (0), the channel when it is 0 and no type follows.
        if cid != 0 || kind != 0 {
            fields.integer(cid.into());
        }
        if kind != 0 {
            fields.integer(kind.into());
        }
    }
}

/// BTPROTO_RFCOMM.
pub(super) mod rfcomm {
    use super::*;
    pub(in crate::address) use crate::address::describe;

    pub(in crate::address) static LAYOUT: Layout =
        Layout { key: AF_BLUETOOTH | 1 << 8, fields: &["bdaddr", "channel"], single: Single::Table };

    pub(in crate::address) const LENGTHS: RangeInclusive<usize> = size_of::<SockaddrRc>()..=size_of::<SockaddrRc>();

    pub(in crate::address) fn parse(given: &AddressArgument<impl Resolver>, address: &mut Address) -> Result<()> {
        let channel = given.integer(1, &LAYOUT, given::U8, None)? as u8;
        let bdaddr = bdaddr::parse(given, &LAYOUT)?;
        address.begin(AF_BLUETOOTH, size_of::<SockaddrRc>());
        address.set(offset_of!(SockaddrRc, bdaddr), bdaddr);
        address.set(offset_of!(SockaddrRc, channel), [channel]);
        Ok(())
    }

    pub(in crate::address) fn write(address: &Address, fields: &mut impl Fields) {
        bdaddr::write(address.get_or_zero(offset_of!(SockaddrRc, bdaddr)), fields);
        fields.integer(address.get_or_zero::<1>(offset_of!(SockaddrRc, channel))[0].into());
    }
}

/// BTPROTO_SCO.
#[cfg(not(freebsd))]
pub(super) mod sco {
    use super::*;
    pub(in crate::address) use crate::address::describe;

    pub(in crate::address) static LAYOUT: Layout =
        Layout { key: AF_BLUETOOTH | 3 << 8, fields: &["bdaddr"], single: Single::String };

    pub(in crate::address) const LENGTHS: RangeInclusive<usize> = size_of::<SockaddrSco>()..=size_of::<SockaddrSco>();

    pub(in crate::address) fn parse(given: &AddressArgument<impl Resolver>, address: &mut Address) -> Result<()> {
        let bdaddr = bdaddr::parse(given, &LAYOUT)?;
        address.begin(AF_BLUETOOTH, size_of::<SockaddrSco>());
        address.set(offset_of!(SockaddrSco, bdaddr), bdaddr);
        Ok(())
    }

    pub(in crate::address) fn write(address: &Address, fields: &mut impl Fields) {
        bdaddr::write(address.get_or_zero(offset_of!(SockaddrSco, bdaddr)), fields);
    }
}
