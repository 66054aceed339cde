//! Address families, from `sys/socket.h`.

use super::{Constant, constants};

/// All of them, whether or not the library can read their addresses.
pub(crate) const FAMILIES: &[Constant] = constants! {
    AF_APPLETALK
    AF_DECnet
    AF_INET
    AF_INET6
    AF_IPX
    AF_SNA
    AF_UNIX
    AF_UNSPEC
    #[cfg(any(target_os = "linux", target_os = "android"))] {
        AF_ALG
        AF_ASH
        AF_ATMPVC
        AF_ATMSVC
        AF_AX25
        AF_BRIDGE
        AF_CAN
        AF_ECONET
        AF_LLC
        AF_NETBEUI
        AF_NETLINK
        AF_NETROM
        AF_PACKET
        AF_PPPOX
        AF_QIPCRTR = 42 // sys/socket.h
        AF_RDS
        AF_ROSE
        AF_SECURITY
        AF_TIPC
        AF_WANPIPE
        AF_X25
        PF_CAN
        PF_PACKET
        PF_RDS
    }
    #[cfg(unix)] {
        AF_ROUTE
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))] {
        AF_LINK
    }
    #[cfg(not(any(target_vendor = "apple", target_os = "openbsd")))] {
        AF_BLUETOOTH
    }
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "openbsd"))] {
        AF_KEY
    }
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))] {
        AF_VSOCK
    }
    #[cfg(any(target_os = "linux", target_os = "android", windows))] {
        AF_IRDA
    }
    #[cfg(windows)] {
        AF_HYPERV
    }
    #[cfg(target_os = "freebsd")] {
        AF_DIVERT = 44 // sys/socket.h
        PF_DIVERT = 44 // sys/socket.h
    }
    #[cfg(target_os = "netbsd")] {
        AF_CAN = 35 // sys/socket.h
        PF_CAN = 35 // sys/socket.h
    }
    #[cfg(target_vendor = "apple")] {
        AF_SYSTEM
        PF_SYSTEM
    }
};
