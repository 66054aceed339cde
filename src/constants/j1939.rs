//! SAE J1939 over CAN, from `linux/can/j1939.h`.

use super::constants;

/// Names, addresses, parameter groups, options and types of control messages.
pub(crate) const J1939: &[(&str, i64)] = constants! {
    #[cfg(linux_like)] {
        J1939_EE_INFO_NONE == 0 // linux/can/j1939.h
        J1939_EE_INFO_TX_ABORT == 1 // linux/can/j1939.h
        J1939_FILTER_MAX == 512 // linux/can/j1939.h
        J1939_IDLE_ADDR == 254 // linux/can/j1939.h
        J1939_MAX_UNICAST_ADDR == 253 // linux/can/j1939.h
        J1939_NLA_BYTES_ACKED == 1 // linux/can/j1939.h
        J1939_NLA_PAD == 0 // linux/can/j1939.h
        J1939_NO_ADDR == 255 // linux/can/j1939.h
        J1939_NO_NAME == 0 // linux/can/j1939.h
        J1939_NO_PGN == 0x40000 // linux/can/j1939.h
        J1939_PGN_ADDRESS_CLAIMED == 60928 // linux/can/j1939.h
        J1939_PGN_ADDRESS_COMMANDED == 65240 // linux/can/j1939.h
        J1939_PGN_MAX == 0x3ffff // linux/can/j1939.h
        J1939_PGN_PDU1_MAX == 0x3ff00 // linux/can/j1939.h
        J1939_PGN_REQUEST == 59904 // linux/can/j1939.h
        SCM_J1939_DEST_ADDR == 1 // linux/can/j1939.h
        SCM_J1939_DEST_NAME == 2 // linux/can/j1939.h
        SCM_J1939_ERRQUEUE == 4 // linux/can/j1939.h
        SCM_J1939_PRIO == 3 // linux/can/j1939.h
        SO_J1939_ERRQUEUE == 4 // linux/can/j1939.h
        SO_J1939_FILTER == 1 // linux/can/j1939.h
        SO_J1939_PROMISC == 2 // linux/can/j1939.h
        SO_J1939_SEND_PRIO == 3 // linux/can/j1939.h
    }
};
