//! Types, levels, options and flags, from `sys/socket.h`.

use super::{Constant, constants};

/// Types of sockets, and what is set at their making.
pub(crate) const KINDS: &[Constant] = constants! {
    SOCK_DGRAM
    SOCK_RAW
    SOCK_RDM
    SOCK_SEQPACKET
    SOCK_STREAM
    #[cfg(all(unix, not(target_vendor = "apple")))] {
        SOCK_CLOEXEC
        SOCK_NONBLOCK
    }
};

/// Levels of options, where the level's family has no table of its own.
pub(crate) const LEVELS: &[Constant] = constants! {
    SOL_SOCKET
    #[cfg(any(target_os = "linux", target_os = "android"))] {
        SOL_RDS = 276 // sys/socket.h
    }
    #[cfg(target_os = "android")] {
        SOL_ATALK
        SOL_AX25
        SOL_IPX
        SOL_NETROM
        SOL_ROSE
    }
};

/// Options of every socket.
pub(crate) const OPTIONS: &[Constant] = constants! {
    SO_ACCEPTCONN
    SO_BROADCAST
    SO_DEBUG
    SO_DONTROUTE
    SO_ERROR
    SO_KEEPALIVE
    SO_LINGER
    SO_OOBINLINE
    SO_RCVBUF
    SO_RCVLOWAT
    SO_RCVTIMEO
    SO_REUSEADDR
    SO_SNDBUF
    SO_SNDLOWAT
    SO_SNDTIMEO
    SO_TYPE
    #[cfg(any(target_os = "linux", target_os = "android"))] {
        SO_BINDTODEVICE
        SO_BINDTOIFINDEX
        SO_MARK
        SO_PASSSEC
        SO_PEERSEC
        SO_PRIORITY
    }
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "dragonfly"))] {
        SO_PASSCRED
    }
    #[cfg(target_os = "linux")] {
        SO_INCOMING_CPU
    }
    #[cfg(target_os = "android")] {
        SO_INCOMING_CPU = 49 // asm-generic/socket.h
    }
    #[cfg(unix)] {
        SO_REUSEPORT
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))] {
        SO_USELOOPBACK
    }
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd", target_os = "openbsd"))] {
        SO_DOMAIN
        SO_PROTOCOL
    }
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "openbsd"))] {
        SO_PEERCRED
    }
    #[cfg(any(target_os = "linux", target_os = "android", windows))] {
        SO_ORIGINAL_DST
    }
    #[cfg(target_os = "freebsd")] {
        SO_REUSEPORT_LB
        SO_SETFIB
        SO_USER_COOKIE
    }
    #[cfg(windows)] {
        SO_EXCLUSIVEADDRUSE
    }
    #[cfg(target_os = "openbsd")] {
        SO_RTABLE
    }
};

/// Flags of sending and receiving.
pub(crate) const FLAGS: &[Constant] = constants! {
    MSG_CTRUNC
    MSG_DONTROUTE
    MSG_OOB
    MSG_PEEK
    MSG_TRUNC
    MSG_WAITALL
    #[cfg(any(target_os = "linux", target_os = "android"))] {
        MSG_CONFIRM
        MSG_FASTOPEN
        MSG_MORE
    }
    #[cfg(unix)] {
        MSG_DONTWAIT
        MSG_EOR
        MSG_NOSIGNAL
    }
    #[cfg(all(unix, not(target_vendor = "apple")))] {
        MSG_CMSG_CLOEXEC
    }
    #[cfg(any(target_os = "linux", target_os = "android", windows))] {
        MSG_ERRQUEUE
    }
    #[cfg(any(target_os = "netbsd", target_os = "openbsd", windows))] {
        MSG_BCAST
        MSG_MCAST
    }
    #[cfg(any(target_os = "freebsd", target_os = "netbsd"))] {
        MSG_NOTIFICATION
    }
    #[cfg(any(target_os = "dragonfly", target_os = "freebsd", target_vendor = "apple"))] {
        MSG_EOF
    }
};

/// What the calls take: kinds of ancillary data, ends to shut down, the longest backlog.
pub(crate) const CALLS: &[Constant] = constants! {
    SHUT_RD
    SHUT_RDWR
    SHUT_WR
    SOMAXCONN
    #[cfg(any(target_os = "linux", target_os = "android"))] {
        SCM_CREDENTIALS
    }
    #[cfg(unix)] {
        SCM_RIGHTS
    }
    #[cfg(any(target_os = "dragonfly", target_os = "freebsd", target_os = "netbsd", target_vendor = "apple"))] {
        SCM_CREDS
    }
    #[cfg(target_os = "freebsd")] {
        SCM_CREDS2
    }
};
