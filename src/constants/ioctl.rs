//! ioctl requests of Winsock, from `mstcpip.h`.

use super::{Constant, constants};

/// The requests, and the values of `SIO_RCVALL`.
pub(crate) const IOCTL: &[Constant] = constants! {
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
