//! CAN, from `linux/can.h`, `linux/can/raw.h` and `linux/can/bcm.h`.

use super::constants;

/// Protocols, flags and masks of identifiers, levels and options.
pub(crate) const CAN: &[(&str, i64)] = constants! {
    #[cfg(linux_like)] {
        CAN_BCM == 2 // linux/can.h
        CAN_EFF_FLAG == 0x80000000 // linux/can.h
        CAN_EFF_MASK == 0x1fffffff // linux/can.h
        CAN_ERR_FLAG == 0x20000000 // linux/can.h
        CAN_ERR_MASK == 0x1fffffff // linux/can.h
        CAN_ISOTP == 6 // linux/can.h
        CAN_J1939 == 7 // linux/can.h
        CAN_RAW == 1 // linux/can.h
        CAN_RAW_ERR_FILTER == 2 // linux/can/raw.h
        CAN_RAW_FD_FRAMES == 5 // linux/can/raw.h
        CAN_RAW_FILTER == 1 // linux/can/raw.h
        CAN_RAW_JOIN_FILTERS == 6 // linux/can/raw.h
        CAN_RAW_LOOPBACK == 3 // linux/can/raw.h
        CAN_RAW_RECV_OWN_MSGS == 4 // linux/can/raw.h
        CAN_RTR_FLAG == 0x40000000 // linux/can.h
        CAN_SFF_MASK == 2047 // linux/can.h
        SOL_CAN_BASE == 100 // linux/can.h
        SOL_CAN_RAW == 101 // linux/can/raw.h
    }
    #[cfg(netbsd)] {
        CAN_EFF_FLAG = 0x80000000 // netcan/can.h
        CAN_EFF_MASK = 0x1fffffff // netcan/can.h
        CAN_ERR_FLAG = 0x20000000 // netcan/can.h
        CAN_ERR_MASK = 0x1fffffff // netcan/can.h
        CAN_RAW = 1 // netcan/can.h
        CAN_RAW_FILTER = 1 // netcan/can.h
        CAN_RTR_FLAG = 0x40000000 // netcan/can.h
        CAN_SFF_MASK = 0x7ff // netcan/can.h
        SOL_CAN_BASE = 100 // netcan/can.h
    }
};

/// The broadcast manager: commands, answers and flags, with a prefix that the header leaves out.
pub(crate) const BCM: &[(&str, i64)] = constants! {
    #[cfg(linux_like)] {
        CAN_BCM_CAN_FD_FRAME = 2048 // linux/can/bcm.h
        CAN_BCM_RX_ANNOUNCE_RESUME = 256 // linux/can/bcm.h
        CAN_BCM_RX_CHANGED = 12 // linux/can/bcm.h
        CAN_BCM_RX_CHECK_DLC = 64 // linux/can/bcm.h
        CAN_BCM_RX_DELETE = 6 // linux/can/bcm.h
        CAN_BCM_RX_FILTER_ID = 32 // linux/can/bcm.h
        CAN_BCM_RX_NO_AUTOTIMER = 128 // linux/can/bcm.h
        CAN_BCM_RX_READ = 7 // linux/can/bcm.h
        CAN_BCM_RX_RTR_FRAME = 1024 // linux/can/bcm.h
        CAN_BCM_RX_SETUP = 5 // linux/can/bcm.h
        CAN_BCM_RX_STATUS = 10 // linux/can/bcm.h
        CAN_BCM_RX_TIMEOUT = 11 // linux/can/bcm.h
        CAN_BCM_SETTIMER = 1 // linux/can/bcm.h
        CAN_BCM_STARTTIMER = 2 // linux/can/bcm.h
        CAN_BCM_TX_ANNOUNCE = 8 // linux/can/bcm.h
        CAN_BCM_TX_COUNTEVT = 4 // linux/can/bcm.h
        CAN_BCM_TX_CP_CAN_ID = 16 // linux/can/bcm.h
        CAN_BCM_TX_DELETE = 2 // linux/can/bcm.h
        CAN_BCM_TX_EXPIRED = 9 // linux/can/bcm.h
        CAN_BCM_TX_READ = 3 // linux/can/bcm.h
        CAN_BCM_TX_RESET_MULTI_IDX = 512 // linux/can/bcm.h
        CAN_BCM_TX_SEND = 4 // linux/can/bcm.h
        CAN_BCM_TX_SETUP = 1 // linux/can/bcm.h
        CAN_BCM_TX_STATUS = 8 // linux/can/bcm.h
    }
};
