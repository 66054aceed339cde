//! Ethernet protocols, from `net/ethernet.h` and `linux/if_ether.h`.

use super::constants;

/// In the byte order of the host.
pub(crate) const ETHERNET: &[(&str, i64)] = constants! {
    #[cfg(linux_like)] {
        ETH_P_ALL
    }
    #[cfg(any(linux_like, dragonfly, freebsd, apple))] {
        ETHERTYPE_ARP = 0x806 // net/ethernet.h
        ETHERTYPE_IP = 0x800 // net/ethernet.h
        ETHERTYPE_IPV6 = 0x86dd // net/ethernet.h
        ETHERTYPE_VLAN = 0x8100 // net/ethernet.h
    }
};
