//! SAE J1939 over CAN, from `linux/can/j1939.h`.

use super::{Constant, constants};

/// Names, addresses, groups of parameters, options and kinds of ancillary data.
pub(crate) const J1939: &[Constant] = constants! {
    #[cfg(target_os = "linux")] {
        J1939_EE_INFO_NONE
        J1939_EE_INFO_TX_ABORT
        J1939_FILTER_MAX
        J1939_IDLE_ADDR
        J1939_MAX_UNICAST_ADDR
        J1939_NLA_BYTES_ACKED
        J1939_NLA_PAD
        J1939_NO_ADDR
        J1939_NO_NAME
        J1939_NO_PGN
        J1939_PGN_ADDRESS_CLAIMED
        J1939_PGN_ADDRESS_COMMANDED
        J1939_PGN_MAX
        J1939_PGN_PDU1_MAX
        J1939_PGN_REQUEST
        SCM_J1939_DEST_ADDR
        SCM_J1939_DEST_NAME
        SCM_J1939_ERRQUEUE
        SCM_J1939_PRIO
        SO_J1939_ERRQUEUE
        SO_J1939_FILTER
        SO_J1939_PROMISC
        SO_J1939_SEND_PRIO
    }
};
