//! Hyper-V sockets, from `hvsocket.h`.

use super::constants;

/// The protocol, which is also the level; options, and a flag of addresses.
pub(crate) const HYPERV: &[(&str, i64)] = constants! {
    #[cfg(windows)] {
        HVSOCKET_ADDRESS_FLAG_PASSTHRU = 1 // hvsocket.h
        HVSOCKET_CONNECTED_SUSPEND = 4 // hvsocket.h
        HVSOCKET_CONNECT_TIMEOUT = 1 // hvsocket.h
        HVSOCKET_CONNECT_TIMEOUT_MAX = 300000 // hvsocket.h
        HV_PROTOCOL_RAW = 1 // hvsocket.h
    }
};
