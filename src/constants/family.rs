//! Address families, from `sys/socket.h`.

use super::constants;

/// All of them, with or without addresses that the library can read.
pub(crate) const FAMILIES: &[(&str, i64)] = constants! {
    AF_APPLETALK
    AF_DECnet
    AF_INET
    AF_INET6
    AF_IPX
    AF_SNA
    AF_UNIX
    AF_UNSPEC
    #[cfg(linux_like)] {
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
    #[cfg(not(linux_like))] {
        AF_LINK
    }
    #[cfg(not(any(apple, openbsd)))] {
        AF_BLUETOOTH
    }
    #[cfg(any(linux_like, openbsd))] {
        AF_KEY
    }
    #[cfg(any(linux_like, apple))] {
        AF_VSOCK
    }
    #[cfg(any(linux_like, windows))] {
        AF_IRDA
    }
    #[cfg(windows)] {
        AF_HYPERV
    }
    #[cfg(freebsd)] {
        AF_DIVERT = 44 // sys/socket.h
        PF_DIVERT = 44 // sys/socket.h
    }
    #[cfg(netbsd)] {
        AF_CAN = 35 // sys/socket.h
        PF_CAN = 35 // sys/socket.h
    }
    #[cfg(apple)] {
        AF_SYSTEM
        PF_SYSTEM
    }
};
