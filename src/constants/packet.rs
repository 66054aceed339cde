//! Packet sockets, from `linux/if_packet.h`.

use super::constants;

/// Packet types: the direction of a packet.
pub(crate) const PACKET: &[(&str, i64)] = constants! {
    #[cfg(linux_like)] {
        PACKET_BROADCAST == 1 // linux/if_packet.h
        PACKET_FASTROUTE = 6 // linux/if_packet.h
        PACKET_HOST == 0 // linux/if_packet.h
        PACKET_LOOPBACK == 5 // linux/if_packet.h
        PACKET_MULTICAST == 2 // linux/if_packet.h
        PACKET_OTHERHOST == 3 // linux/if_packet.h
        PACKET_OUTGOING == 4 // linux/if_packet.h
    }
};

/// The level and its options.
pub(crate) const OPTIONS: &[(&str, i64)] = constants! {
    #[cfg(linux_like)] {
        PACKET_ADD_MEMBERSHIP == 1 // linux/if_packet.h
        PACKET_DROP_MEMBERSHIP == 2 // linux/if_packet.h
        PACKET_MR_ALLMULTI == 2 // linux/if_packet.h
        PACKET_MR_MULTICAST == 0 // linux/if_packet.h
        PACKET_MR_PROMISC == 1 // linux/if_packet.h
        PACKET_MR_UNICAST == 3 // linux/if_packet.h
        SOL_PACKET
    }
};
