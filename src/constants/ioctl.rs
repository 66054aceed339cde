//! ioctl requests of Winsock, from `mstcpip.h`.

use super::constants;

/// The requests, and the values of `SIO_RCVALL`.
pub(crate) const IOCTL: &[(&str, i64)] = constants! {
    #[cfg(windows)] {
        RCVALL_IPLEVEL
        RCVALL_MAX = 3 // mstcpip.h
        RCVALL_OFF
        RCVALL_ON
        RCVALL_SOCKETLEVELONLY
        SIO_KEEPALIVE_VALS
        SIO_LOOPBACK_FAST_PATH
        SIO_RCVALL
    }
};
