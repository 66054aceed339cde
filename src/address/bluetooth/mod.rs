//! AF_BLUETOOTH: BTPROTO_L2CAP bdaddr, psm [, cid [, bdaddr_type]]; BTPROTO_RFCOMM bdaddr, channel; BTPROTO_HCI, which
//! differs between the systems (`hci`); BTPROTO_SCO bdaddr.

pub(super) mod hci;
mod platform;

use std::ops::RangeInclusive;

use libc::AF_BLUETOOTH;

pub(super) use platform::*;

use super::{Address, AddressArgument, Field, Layout, bdaddr, given};
use crate::error::Result;

/// BTPROTO_L2CAP.
pub(super) mod l2cap {
    use super::*;
    pub(in crate::address) use crate::address::describe;

    pub(in crate::address) static LAYOUT: Layout = Layout::table(
        AF_BLUETOOTH,
        if HAS_CHANNELS { &["bdaddr", "psm", "cid", "bdaddr_type"] } else { &["bdaddr", "psm"] },
    );

    pub(in crate::address) const LENGTHS: RangeInclusive<usize> = sockaddr_l2::SIZE..=sockaddr_l2::SIZE;

    pub(in crate::address) fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
        let psm = given.integer(1, &LAYOUT, given::U16, None)? as u16;
        let bdaddr = bdaddr::parse(given, &LAYOUT)?;
        address.begin(AF_BLUETOOTH, sockaddr_l2::SIZE);
        address.set(sockaddr_l2::PSM, platform::psm(psm).to_ne_bytes());
        address.set(sockaddr_l2::BDADDR, bdaddr);
        #[cfg(not(netbt))]
        parse_channel(given, address)?;
        Ok(())
    }

    pub(in crate::address) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
        bdaddr::write(address.get_or_zero(sockaddr_l2::BDADDR), fields);
        fields(Field::Integer(platform::psm(u16::from_ne_bytes(address.get_or_zero(sockaddr_l2::PSM))).into()));
        #[cfg(not(netbt))]
        write_channel(address, fields);
    }

    #[cfg(not(netbt))]
    fn parse_channel(given: &AddressArgument, address: &mut Address) -> Result<()> {
        let cid = given.integer(2, &LAYOUT, given::U16, Some(0))? as u16;
        let kind = given.integer(3, &LAYOUT, given::U8, Some(0))? as u8;
        address.set(sockaddr_l2::CID, cid.to_le_bytes());
        address.set(sockaddr_l2::BDADDR_TYPE, [kind]);
        Ok(())
    }

    #[cfg(not(netbt))]
    fn write_channel(address: &Address, fields: &mut impl FnMut(Field)) {
        let cid = u16::from_le_bytes(address.get_or_zero(sockaddr_l2::CID));
        let [kind] = address.get_or_zero(sockaddr_l2::BDADDR_TYPE);
        // The type is left out when it is BR/EDR (0), the channel when it is 0 and no type follows.
        if cid != 0 || kind != 0 {
            fields(Field::Integer(cid.into()));
        }
        if kind != 0 {
            fields(Field::Integer(kind.into()));
        }
    }
}

/// BTPROTO_RFCOMM.
pub(super) mod rfcomm {
    use super::*;
    pub(in crate::address) use crate::address::describe;

    pub(in crate::address) static LAYOUT: Layout = Layout::table(AF_BLUETOOTH | 1 << 8, &["bdaddr", "channel"]);

    pub(in crate::address) const LENGTHS: RangeInclusive<usize> = sockaddr_rc::SIZE..=sockaddr_rc::SIZE;

    pub(in crate::address) fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
        let channel = given.integer(1, &LAYOUT, given::U8, None)? as u8;
        let bdaddr = bdaddr::parse(given, &LAYOUT)?;
        address.begin(AF_BLUETOOTH, sockaddr_rc::SIZE);
        address.set(sockaddr_rc::BDADDR, bdaddr);
        address.set(sockaddr_rc::CHANNEL, [channel]);
        Ok(())
    }

    pub(in crate::address) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
        bdaddr::write(address.get_or_zero(sockaddr_rc::BDADDR), fields);
        fields(Field::Integer(address.get_or_zero::<1>(sockaddr_rc::CHANNEL)[0].into()));
    }
}

/// BTPROTO_SCO.
#[cfg(not(freebsd))]
pub(super) mod sco {
    use super::*;
    pub(in crate::address) use crate::address::describe;

    pub(in crate::address) static LAYOUT: Layout = Layout::table(AF_BLUETOOTH | 3 << 8, &["bdaddr"]).or_string();

    pub(in crate::address) const LENGTHS: RangeInclusive<usize> = sockaddr_sco::SIZE..=sockaddr_sco::SIZE;

    pub(in crate::address) fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
        let bdaddr = bdaddr::parse(given, &LAYOUT)?;
        address.begin(AF_BLUETOOTH, sockaddr_sco::SIZE);
        address.set(sockaddr_sco::BDADDR, bdaddr);
        Ok(())
    }

    pub(in crate::address) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
        bdaddr::write(address.get_or_zero(sockaddr_sco::BDADDR), fields);
    }
}
