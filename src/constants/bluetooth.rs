//! Bluetooth, from `bluetooth/*.h`, from `ng_btsocket.h` of FreeBSD, and from `netbt`.

use super::constants;

/// Protocols, address types, options and their values.
pub(crate) const BLUETOOTH: &[(&str, i64)] = constants! {
    #[cfg(linux_like)] {
        BDADDR_BREDR = 0 // bluetooth/bluetooth.h
        BDADDR_LE_PUBLIC = 1 // bluetooth/bluetooth.h
        BDADDR_LE_RANDOM = 2 // bluetooth/bluetooth.h
        BTPROTO_HCI = 1 // bluetooth/bluetooth.h
        BTPROTO_L2CAP = 0 // bluetooth/bluetooth.h
        BTPROTO_SCO = 2 // bluetooth/bluetooth.h
        BT_CHANNEL_POLICY = 10 // bluetooth/bluetooth.h
        BT_CHANNEL_POLICY_BREDR_ONLY = 0 // bluetooth/bluetooth.h
        BT_CHANNEL_POLICY_BREDR_PREFERRED = 1 // bluetooth/bluetooth.h
        BT_CODEC = 19 // bluetooth/bluetooth.h
        BT_DEFER_SETUP = 7 // bluetooth/bluetooth.h
        BT_FLUSHABLE = 8 // bluetooth/bluetooth.h
        BT_FLUSHABLE_OFF = 0 // bluetooth/bluetooth.h
        BT_FLUSHABLE_ON = 1 // bluetooth/bluetooth.h
        BT_ISO_QOS = 17 // bluetooth/bluetooth.h
        BT_MODE = 15 // bluetooth/bluetooth.h
        BT_MODE_BASIC = 0 // bluetooth/bluetooth.h
        BT_MODE_ERTM = 1 // bluetooth/bluetooth.h
        BT_MODE_EXT_FLOWCTL = 4 // bluetooth/bluetooth.h
        BT_MODE_LE_FLOWCTL = 3 // bluetooth/bluetooth.h
        BT_MODE_STREAMING = 2 // bluetooth/bluetooth.h
        BT_PHY = 14 // bluetooth/bluetooth.h
        BT_PHY_BR_1M_1SLOT = 1 // bluetooth/bluetooth.h
        BT_PHY_BR_1M_3SLOT = 2 // bluetooth/bluetooth.h
        BT_PHY_BR_1M_5SLOT = 4 // bluetooth/bluetooth.h
        BT_PHY_EDR_2M_1SLOT = 8 // bluetooth/bluetooth.h
        BT_PHY_EDR_2M_3SLOT = 16 // bluetooth/bluetooth.h
        BT_PHY_EDR_2M_5SLOT = 32 // bluetooth/bluetooth.h
        BT_PHY_EDR_3M_1SLOT = 64 // bluetooth/bluetooth.h
        BT_PHY_EDR_3M_3SLOT = 128 // bluetooth/bluetooth.h
        BT_PHY_EDR_3M_5SLOT = 256 // bluetooth/bluetooth.h
        BT_PHY_LE_1M_RX = 1024 // bluetooth/bluetooth.h
        BT_PHY_LE_1M_TX = 512 // bluetooth/bluetooth.h
        BT_PHY_LE_2M_RX = 4096 // bluetooth/bluetooth.h
        BT_PHY_LE_2M_TX = 2048 // bluetooth/bluetooth.h
        BT_PHY_LE_CODED_RX = 16384 // bluetooth/bluetooth.h
        BT_PHY_LE_CODED_TX = 8192 // bluetooth/bluetooth.h
        BT_PKT_STATUS = 16 // bluetooth/bluetooth.h
        BT_POWER = 9 // bluetooth/bluetooth.h
        BT_POWER_FORCE_ACTIVE_OFF = 0 // bluetooth/bluetooth.h
        BT_POWER_FORCE_ACTIVE_ON = 1 // bluetooth/bluetooth.h
        BT_RCVMTU = 13 // bluetooth/bluetooth.h
        BT_SECURITY = 4 // bluetooth/bluetooth.h
        BT_SECURITY_FIPS = 4 // bluetooth/bluetooth.h
        BT_SECURITY_HIGH = 3 // bluetooth/bluetooth.h
        BT_SECURITY_LOW = 1 // bluetooth/bluetooth.h
        BT_SECURITY_MEDIUM = 2 // bluetooth/bluetooth.h
        BT_SECURITY_SDP = 0 // bluetooth/bluetooth.h
        BT_SNDMTU = 12 // bluetooth/bluetooth.h
        BT_VOICE = 11 // bluetooth/bluetooth.h
        BT_VOICE_CVSD_16BIT = 96 // bluetooth/bluetooth.h
        BT_VOICE_TRANSPARENT = 3 // bluetooth/bluetooth.h
        HCI_CHANNEL_CONTROL = 3 // bluetooth/hci.h
        HCI_CHANNEL_LOGGING = 4 // bluetooth/hci.h
        HCI_CHANNEL_MONITOR = 2 // bluetooth/hci.h
        HCI_CHANNEL_RAW = 0 // bluetooth/hci.h
        HCI_CHANNEL_USER = 1 // bluetooth/hci.h
        HCI_DATA_DIR = 1 // bluetooth/hci.h
        HCI_DEV_NONE = 65535 // bluetooth/hci.h
        HCI_FILTER = 2 // bluetooth/hci.h
        HCI_TIME_STAMP = 3 // bluetooth/hci.h
        L2CAP_LM = 3 // bluetooth/l2cap.h
        L2CAP_LM_AUTH = 2 // bluetooth/l2cap.h
        L2CAP_LM_ENCRYPT = 4 // bluetooth/l2cap.h
        L2CAP_LM_MASTER = 1 // bluetooth/l2cap.h
        L2CAP_LM_RELIABLE = 16 // bluetooth/l2cap.h
        L2CAP_LM_SECURE = 32 // bluetooth/l2cap.h
        L2CAP_LM_TRUSTED = 8 // bluetooth/l2cap.h
    }
    #[cfg(any(linux_like, windows))] {
        BTPROTO_RFCOMM = 3 // bluetooth/bluetooth.h, ws2bth.h
    }
    #[cfg(windows)] {
        SO_BTH_ENCRYPT = 2 // ws2bth.h
        SO_BTH_MTU = 0x80000007 // ws2bth.h
        SO_BTH_MTU_MAX = 0x80000008 // ws2bth.h
        SO_BTH_MTU_MIN = 0x8000000a // ws2bth.h
    }
    #[cfg(freebsd)] {
        BDADDR_BREDR = 0 // ng_btsocket.h
        BDADDR_LE_PUBLIC = 1 // ng_btsocket.h
        BDADDR_LE_RANDOM = 2 // ng_btsocket.h
        BTPROTO_HCI = 134 // ng_btsocket.h
        BTPROTO_L2CAP = 135 // ng_btsocket.h
        BTPROTO_RFCOMM = 136 // ng_btsocket.h
        HCI_FILTER = 1 // ng_btsocket.h
        SO_L2CAP_ENCRYPTED = 6 // ng_btsocket.h
        SO_L2CAP_FLUSH = 5 // ng_btsocket.h
        SO_L2CAP_IMTU = 1 // ng_btsocket.h
        SO_L2CAP_OMTU = 2 // ng_btsocket.h
        SO_RFCOMM_FC_INFO = 2 // ng_btsocket.h
        SO_RFCOMM_MTU = 1 // ng_btsocket.h
    }
    #[cfg(netbt)] {
        BTPROTO_HCI = 1 // netbt/bluetooth.h
        BTPROTO_L2CAP = 2 // netbt/bluetooth.h
        BTPROTO_RFCOMM = 3 // netbt/bluetooth.h
        BTPROTO_SCO = 4 // netbt/bluetooth.h
        L2CAP_LM_AUTH = 1 // netbt/l2cap.h
        L2CAP_LM_ENCRYPT = 2 // netbt/l2cap.h
        L2CAP_LM_SECURE = 4 // netbt/l2cap.h
        RFCOMM_LM_AUTH = 1 // netbt/rfcomm.h
        RFCOMM_LM_ENCRYPT = 2 // netbt/rfcomm.h
        RFCOMM_LM_SECURE = 4 // netbt/rfcomm.h
        SO_HCI_EVT_FILTER = 1 // netbt/hci.h
        SO_HCI_PKT_FILTER = 2 // netbt/hci.h
        SO_L2CAP_FLUSH = 5 // netbt/l2cap.h
        SO_L2CAP_IMTU = 1 // netbt/l2cap.h
        SO_L2CAP_IQOS = 3 // netbt/l2cap.h
        SO_L2CAP_LM = 6 // netbt/l2cap.h
        SO_L2CAP_OMTU = 2 // netbt/l2cap.h
        SO_L2CAP_OQOS = 4 // netbt/l2cap.h
        SO_RFCOMM_FC_INFO = 2 // netbt/rfcomm.h
        SO_RFCOMM_LM = 3 // netbt/rfcomm.h
        SO_RFCOMM_MTU = 1 // netbt/rfcomm.h
        SO_SCO_HANDLE = 2 // netbt/sco.h
        SO_SCO_MTU = 1 // netbt/sco.h
    }
};

/// Levels of options.
pub(crate) const LEVELS: &[(&str, i64)] = constants! {
    #[cfg(linux_like)] {
        SOL_BLUETOOTH
        SOL_HCI = 0 // bluetooth/bluetooth.h
        SOL_L2CAP = 6 // bluetooth/bluetooth.h
        SOL_RFCOMM = 18 // bluetooth/bluetooth.h
        SOL_SCO = 17 // bluetooth/bluetooth.h
    }
    #[cfg(windows)] {
        SOL_RFCOMM = 3 // ws2bth.h
    }
    #[cfg(freebsd)] {
        SOL_HCI = 0x0802 // ng_btsocket.h, as SOL_HCI_RAW
        SOL_L2CAP = 0x1609 // ng_btsocket.h
        SOL_RFCOMM = 0x0816 // ng_btsocket.h
    }
    // The protocols are the levels of their options.
    #[cfg(netbt)] {
        SOL_HCI = 1 // netbt/bluetooth.h
        SOL_L2CAP = 2 // netbt/bluetooth.h
        SOL_RFCOMM = 3 // netbt/bluetooth.h
        SOL_SCO = 4 // netbt/bluetooth.h
    }
};
