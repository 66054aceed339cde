//! BTPROTO_HCI: device_id [, channel] on Linux, the name of a node on FreeBSD, a bdaddr on NetBSD and DragonFly.

use super::*;
#[cfg(target_os = "freebsd")]
use crate::{error::Error, sys::Errno};

pub(in crate::address) struct Hci;

const KEY: i32 = AF_BLUETOOTH | 2 << 8;

/// Linux: `bluetooth/hci.h`.
#[cfg(any(target_os = "linux", target_os = "android"))]
mod address {
    use super::*;

    #[repr(C)]
    struct SockaddrHci {
        family: u16,
        device: u16,
        channel: u16,
    }

    static LAYOUT: Layout = Layout { key: KEY, fields: &["device_id", "channel"], single: Single::Number };

    impl AddressFamily for Hci {
        const LENGTHS: RangeInclusive<usize> = size_of::<SockaddrHci>()..=size_of::<SockaddrHci>();

        fn layout() -> &'static Layout {
            &LAYOUT
        }

        fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
            let device = given.integer(0, &LAYOUT, given::U16, None)? as u16;
            let channel = given.integer(1, &LAYOUT, given::U16, Some(0))? as u16;
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
}

/// FreeBSD: `netgraph/bluetooth/include/ng_btsocket.h`.
#[cfg(target_os = "freebsd")]
mod address {
    use super::*;

    #[repr(C)]
    struct SockaddrHci {
        length: u8,
        family: u8,
        /// Ends with a NUL.
        node: [u8; 32],
    }

    static LAYOUT: Layout = Layout { key: KEY, fields: &["device_id"], single: Single::String };

    const NODE: usize = offset_of!(SockaddrHci, node);

    impl AddressFamily for Hci {
        const LENGTHS: RangeInclusive<usize> = size_of::<SockaddrHci>()..=size_of::<SockaddrHci>();

        fn layout() -> &'static Layout {
            &LAYOUT
        }

        fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
            let node = given.bytes(0, &LAYOUT)?;
            if NODE + node.len() >= size_of::<SockaddrHci>() {
                return Err(Error::named(Errno::NAME_TOO_LONG, "AF_BLUETOOTH node name too long"));
            }
            address.begin(AF_BLUETOOTH, size_of::<SockaddrHci>());
            address.room()[NODE..NODE + node.len()].copy_from_slice(node);
            Ok(())
        }

        fn write(address: &Address, fields: &mut impl Fields) {
            let node = address.as_bytes().get(NODE..).unwrap_or_default();
            fields.bytes(node.split(|&byte| byte == 0).next().unwrap_or_default());
        }
    }
}

#[cfg(any(target_os = "netbsd", target_os = "dragonfly"))]
mod address {
    use super::*;

    static LAYOUT: Layout = Layout { key: KEY, fields: &["device_id"], single: Single::String };

    impl AddressFamily for Hci {
        const LENGTHS: RangeInclusive<usize> = size_of::<SockaddrBt>()..=size_of::<SockaddrBt>();

        fn layout() -> &'static Layout {
            &LAYOUT
        }

        fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
            let bdaddr = bdaddr::parse(given, &LAYOUT)?;
            address.begin(AF_BLUETOOTH, size_of::<SockaddrBt>());
            address.set(offset_of!(SockaddrBt, bdaddr), bdaddr);
            Ok(())
        }

        fn write(address: &Address, fields: &mut impl Fields) {
            bdaddr::write(address.get_or_zero(offset_of!(SockaddrBt, bdaddr)), fields);
        }
    }
}
