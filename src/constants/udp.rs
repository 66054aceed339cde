//! UDP, from `netinet/udp.h`, and UDP-Lite.

use super::constants;

/// The level and its options.
pub(crate) const UDP: &[(&str, i64)] = constants! {
    SOL_UDP = 17 // netinet/udp.h
    #[cfg(linux_like)] {
        UDPLITE_RECV_CSCOV = 11 // net/udplite.h of the kernel
        UDPLITE_SEND_CSCOV = 10 // net/udplite.h of the kernel
        UDP_CORK
        UDP_GRO
        UDP_SEGMENT
    }
};
