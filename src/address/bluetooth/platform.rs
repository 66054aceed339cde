//! The protocols of AF_BLUETOOTH and the structures of their addresses, which libc lacks. `Address::begin` sets the
//! length that some have before the family.

/// Linux: `bluetooth/bluetooth.h`, `l2cap.h`, `rfcomm.h`, `sco.h`.
#[cfg(linux_like)]
mod layout {
    pub(in crate::address) const BTPROTO_L2CAP: i32 = 0;
    pub(in crate::address) const BTPROTO_HCI: i32 = 1;
    pub(in crate::address) const BTPROTO_SCO: i32 = 2;
    pub(in crate::address) const BTPROTO_RFCOMM: i32 = 3;

    pub(in crate::address) const HAS_CHANNELS: bool = true;

    structure! {
        pub(in crate::address) mod sockaddr_l2 {
            FAMILY: u16,
            PSM: u16,
            BDADDR: [u8; 6],
            CID: u16,
            BDADDR_TYPE: u8,
        }
    }

    structure! {
        pub(in crate::address) mod sockaddr_rc {
            FAMILY: u16,
            BDADDR: [u8; 6],
            CHANNEL: u8,
        }
    }

    structure! {
        pub(in crate::address) mod sockaddr_sco {
            FAMILY: u16,
            BDADDR: [u8; 6],
        }
    }
}

/// FreeBSD: `netgraph/bluetooth/include/ng_btsocket.h`.
#[cfg(freebsd)]
mod layout {
    pub(in crate::address) const BTPROTO_HCI: i32 = 134;
    pub(in crate::address) const BTPROTO_L2CAP: i32 = 135;
    pub(in crate::address) const BTPROTO_RFCOMM: i32 = 136;

    pub(in crate::address) const HAS_CHANNELS: bool = true;

    structure! {
        pub(in crate::address) mod sockaddr_l2 {
            LENGTH: u8,
            FAMILY: u8,
            PSM: u16,
            BDADDR: [u8; 6],
            CID: u16,
            BDADDR_TYPE: u8,
        }
    }

    structure! {
        pub(in crate::address) mod sockaddr_rc {
            LENGTH: u8,
            FAMILY: u8,
            BDADDR: [u8; 6],
            CHANNEL: u8,
        }
    }
}

/// NetBSD and DragonFly: `netbt/bluetooth.h`. All protocols share one address.
#[cfg(netbt)]
mod layout {
    pub(in crate::address) const BTPROTO_HCI: i32 = 1;
    pub(in crate::address) const BTPROTO_L2CAP: i32 = 2;
    pub(in crate::address) const BTPROTO_RFCOMM: i32 = 3;
    pub(in crate::address) const BTPROTO_SCO: i32 = 4;

    pub(in crate::address) const HAS_CHANNELS: bool = false;

    structure! {
        pub(in crate::address) mod sockaddr_bt {
            LENGTH: u8,
            FAMILY: u8,
            BDADDR: [u8; 6],
            PSM: u16,
            CHANNEL: u8,
            ZERO: [u8; 5],
        }
    }

    pub(in crate::address) use sockaddr_bt as sockaddr_l2;
    pub(in crate::address) use sockaddr_bt as sockaddr_rc;
    pub(in crate::address) use sockaddr_bt as sockaddr_sco;
}

pub(in crate::address) use layout::*;

/// Converts a PSM between host order and that of the structure: little-endian, or host order on NetBSD and DragonFly.
pub(super) const fn psm(psm: u16) -> u16 {
    if HAS_CHANNELS { psm.to_le() } else { psm }
}
