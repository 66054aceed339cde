//! Packets of devices, from `linux/if_packet.h`.

use super::{Constant, constants};

/// Where a packet came from or goes to.
pub(crate) const PACKET: &[Constant] = constants! {
    #[cfg(target_os = "linux")] {
        PACKET_BROADCAST
        PACKET_FASTROUTE = 6 // linux/if_packet.h
        PACKET_HOST
        PACKET_LOOPBACK
        PACKET_MULTICAST
        PACKET_OTHERHOST
        PACKET_OUTGOING
    }
};
