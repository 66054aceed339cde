//! Protocols on a wire, from `net/ethernet.h` and `linux/if_ether.h`.

use super::{Constant, constants};

/// In the byte order of the host.
pub(crate) const ETHERNET: &[Constant] = constants! {
    #[cfg(any(target_os = "linux", target_os = "android"))] {
        ETH_P_ALL
    }
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "dragonfly", target_os = "freebsd", target_vendor = "apple"))] {
        ETHERTYPE_ARP = 0x806 // net/ethernet.h
        ETHERTYPE_IP = 0x800 // net/ethernet.h
        ETHERTYPE_IPV6 = 0x86dd // net/ethernet.h
        ETHERTYPE_VLAN = 0x8100 // net/ethernet.h
    }
};
