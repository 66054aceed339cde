//! BTPROTO_HCI: device_id [, channel] on Linux, the name of a node on FreeBSD, a bdaddr on NetBSD and DragonFly.

use super::*;
pub(in crate::address) use crate::address::describe;
#[cfg(freebsd)]
use crate::{error::Error, sys::Errno};

pub(in crate::address) use fields::*;

const KEY: i32 = AF_BLUETOOTH | 2 << 8;

/// Linux: `bluetooth/hci.h`.
#[cfg(linux_like)]
mod fields {
    use super::*;

    structure! {
        mod sockaddr_hci {
            FAMILY: u16,
            DEVICE: u16,
            CHANNEL: u16,
        }
    }

    pub(in crate::address) static LAYOUT: Layout = Layout::table(KEY, &["device_id", "channel"]).or_number();

    pub(in crate::address) const LENGTHS: RangeInclusive<usize> = sockaddr_hci::SIZE..=sockaddr_hci::SIZE;

    pub(in crate::address) fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
        let device = given.integer(0, &LAYOUT, given::U16, None)? as u16;
        let channel = given.integer(1, &LAYOUT, given::U16, Some(0))? as u16;
        address.begin(AF_BLUETOOTH, sockaddr_hci::SIZE);
        address.set(sockaddr_hci::DEVICE, device.to_ne_bytes());
        address.set(sockaddr_hci::CHANNEL, channel.to_ne_bytes());
        Ok(())
    }

    pub(in crate::address) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
        let channel = u16::from_ne_bytes(address.get_or_zero(sockaddr_hci::CHANNEL));
        fields(Field::Integer(u16::from_ne_bytes(address.get_or_zero(sockaddr_hci::DEVICE)).into()));
        // The raw channel (0) is left out.
        if channel != 0 {
            fields(Field::Integer(channel.into()));
        }
    }
}

/// FreeBSD: `netgraph/bluetooth/include/ng_btsocket.h`.
#[cfg(freebsd)]
mod fields {
    use super::*;

    structure! {
        mod sockaddr_hci {
            LENGTH: u8,
            FAMILY: u8,
            /// Ends with a NUL.
            NODE: [u8; 32],
        }
    }

    pub(in crate::address) static LAYOUT: Layout = Layout::table(KEY, &["device_id"]).or_string();

    const NODE: usize = sockaddr_hci::NODE;

    pub(in crate::address) const LENGTHS: RangeInclusive<usize> = sockaddr_hci::SIZE..=sockaddr_hci::SIZE;

    pub(in crate::address) fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
        let node = given.bytes(0, &LAYOUT)?;
        if NODE + node.len() >= sockaddr_hci::SIZE {
            return Err(Error::named(Errno::NAME_TOO_LONG, "AF_BLUETOOTH node name too long"));
        }
        address.begin(AF_BLUETOOTH, sockaddr_hci::SIZE);
        address.room()[NODE..NODE + node.len()].copy_from_slice(node);
        Ok(())
    }

    pub(in crate::address) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
        let node = address.as_bytes().get(NODE..).unwrap_or_default();
        fields(Field::Bytes(node.split(|&byte| byte == 0).next().unwrap_or_default()));
    }
}

#[cfg(netbt)]
mod fields {
    use super::*;

    pub(in crate::address) static LAYOUT: Layout = Layout::table(KEY, &["device_id"]).or_string();

    pub(in crate::address) const LENGTHS: RangeInclusive<usize> = sockaddr_bt::SIZE..=sockaddr_bt::SIZE;

    pub(in crate::address) fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
        let bdaddr = bdaddr::parse(given, &LAYOUT)?;
        address.begin(AF_BLUETOOTH, sockaddr_bt::SIZE);
        address.set(sockaddr_bt::BDADDR, bdaddr);
        Ok(())
    }

    pub(in crate::address) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
        bdaddr::write(address.get_or_zero(sockaddr_bt::BDADDR), fields);
    }
}
