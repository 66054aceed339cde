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

    #[repr(C)]
    pub(in crate::address) struct SockaddrL2 {
        pub(in crate::address) family: u16,
        pub(in crate::address) psm: u16,
        pub(in crate::address) bdaddr: [u8; 6],
        pub(in crate::address) cid: u16,
        pub(in crate::address) bdaddr_type: u8,
    }

    #[repr(C)]
    pub(in crate::address) struct SockaddrRc {
        pub(in crate::address) family: u16,
        pub(in crate::address) bdaddr: [u8; 6],
        pub(in crate::address) channel: u8,
    }

    #[repr(C)]
    pub(in crate::address) struct SockaddrSco {
        pub(in crate::address) family: u16,
        pub(in crate::address) bdaddr: [u8; 6],
    }
}

/// FreeBSD: `netgraph/bluetooth/include/ng_btsocket.h`.
#[cfg(freebsd)]
mod layout {
    pub(in crate::address) const BTPROTO_HCI: i32 = 134;
    pub(in crate::address) const BTPROTO_L2CAP: i32 = 135;
    pub(in crate::address) const BTPROTO_RFCOMM: i32 = 136;

    pub(in crate::address) const HAS_CHANNELS: bool = true;

    #[repr(C)]
    pub(in crate::address) struct SockaddrL2 {
        pub(in crate::address) length: u8,
        pub(in crate::address) family: u8,
        pub(in crate::address) psm: u16,
        pub(in crate::address) bdaddr: [u8; 6],
        pub(in crate::address) cid: u16,
        pub(in crate::address) bdaddr_type: u8,
    }

    #[repr(C)]
    pub(in crate::address) struct SockaddrRc {
        pub(in crate::address) length: u8,
        pub(in crate::address) family: u8,
        pub(in crate::address) bdaddr: [u8; 6],
        pub(in crate::address) channel: u8,
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

    #[repr(C)]
    pub(in crate::address) struct SockaddrBt {
        pub(in crate::address) length: u8,
        pub(in crate::address) family: u8,
        pub(in crate::address) bdaddr: [u8; 6],
        pub(in crate::address) psm: u16,
        pub(in crate::address) channel: u8,
        pub(in crate::address) zero: [u8; 5],
    }

    pub(in crate::address) type SockaddrL2 = SockaddrBt;
    pub(in crate::address) type SockaddrRc = SockaddrBt;
    pub(in crate::address) type SockaddrSco = SockaddrBt;
}

pub(in crate::address) use layout::*;

/// Converts a PSM between host order and that of the structure: little-endian, or host order on NetBSD and DragonFly.
pub(super) const fn psm(psm: u16) -> u16 {
    if HAS_CHANNELS { psm.to_le() } else { psm }
}
