//! Types, levels, options and flags, from `sys/socket.h`.

use super::constants;

/// Socket types, and flags for new sockets.
pub(crate) const KINDS: &[(&str, i64)] = constants! {
    SOCK_DGRAM
    SOCK_RAW
    SOCK_RDM
    SOCK_SEQPACKET
    SOCK_STREAM
    #[cfg(all(unix, not(apple)))] {
        SOCK_CLOEXEC
        SOCK_NONBLOCK
    }
};

/// Levels of options that are in no other table.
pub(crate) const LEVELS: &[(&str, i64)] = constants! {
    SOL_SOCKET
    #[cfg(linux_like)] {
        SOL_RAW
        SOL_RDS = 276 // sys/socket.h
    }
    #[cfg(android)] {
        SOL_ATALK
        SOL_AX25
        SOL_IPX
        SOL_NETROM
        SOL_ROSE
    }
};

/// Options of every socket.
pub(crate) const OPTIONS: &[(&str, i64)] = constants! {
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
    #[cfg(linux_like)] {
        SO_ATTACH_FILTER
        SO_BINDTODEVICE
        SO_BINDTOIFINDEX
        SO_BUSY_POLL
        SO_DETACH_FILTER
        SO_MARK
        SO_PASSSEC
        SO_PEERSEC
        SO_PRIORITY
        SO_RCVBUFFORCE
        SO_RXQ_OVFL
        SO_SNDBUFFORCE
        SO_TIMESTAMPING
        SO_TIMESTAMPNS
    }
    #[cfg(any(linux_like, dragonfly))] {
        SO_PASSCRED
    }
    #[cfg(linux)] {
        SO_INCOMING_CPU
        SO_LOCK_FILTER
    }
    #[cfg(android)] {
        SO_INCOMING_CPU = 49 // asm-generic/socket.h
        SO_LOCK_FILTER = 44 // asm-generic/socket.h
    }
    #[cfg(unix)] {
        SO_REUSEPORT
        SO_TIMESTAMP
    }
    #[cfg(not(linux_like))] {
        SO_USELOOPBACK
    }
    #[cfg(any(linux_like, freebsd, openbsd))] {
        SO_DOMAIN
        SO_PROTOCOL
    }
    #[cfg(any(linux_like, openbsd))] {
        SO_PEERCRED
    }
    #[cfg(any(linux_like, windows))] {
        SO_ORIGINAL_DST
    }
    #[cfg(freebsd)] {
        SO_REUSEPORT_LB
        SO_SETFIB
        SO_USER_COOKIE
    }
    #[cfg(windows)] {
        SO_EXCLUSIVEADDRUSE
    }
    #[cfg(openbsd)] {
        SO_RTABLE
    }
};

/// Flags of sending and receiving.
pub(crate) const FLAGS: &[(&str, i64)] = constants! {
    MSG_CTRUNC
    MSG_DONTROUTE
    MSG_OOB
    MSG_PEEK
    MSG_TRUNC
    MSG_WAITALL
    #[cfg(linux_like)] {
        MSG_CONFIRM
        MSG_FASTOPEN
        MSG_MORE
    }
    #[cfg(unix)] {
        MSG_DONTWAIT
        MSG_EOR
        MSG_NOSIGNAL
    }
    #[cfg(all(unix, not(apple)))] {
        MSG_CMSG_CLOEXEC
    }
    #[cfg(any(linux_like, windows))] {
        MSG_ERRQUEUE
    }
    #[cfg(any(netbsd, openbsd, windows))] {
        MSG_BCAST
        MSG_MCAST
    }
    #[cfg(any(freebsd, netbsd))] {
        MSG_NOTIFICATION
    }
    #[cfg(any(dragonfly, freebsd, apple))] {
        MSG_EOF
    }
};

/// Arguments of calls: types of control messages, how to shut down, the longest backlog.
pub(crate) const CALLS: &[(&str, i64)] = constants! {
    SHUT_RD
    SHUT_RDWR
    SHUT_WR
    SOMAXCONN
    #[cfg(linux_like)] {
        SCM_CREDENTIALS
        SCM_TIMESTAMPING
        SCM_TIMESTAMPNS
    }
    #[cfg(unix)] {
        SCM_RIGHTS
        SCM_TIMESTAMP
    }
    #[cfg(any(dragonfly, freebsd, netbsd, apple))] {
        SCM_CREDS
    }
    #[cfg(freebsd)] {
        SCM_CREDS2
    }
};

/// Flags of `SO_TIMESTAMPING`, from `linux/net_tstamp.h`.
pub(crate) const TIMESTAMPS: &[(&str, i64)] = constants! {
    #[cfg(linux_like)] {
        SOF_TIMESTAMPING_OPT_CMSG
        SOF_TIMESTAMPING_OPT_ID
        SOF_TIMESTAMPING_OPT_TSONLY
        SOF_TIMESTAMPING_RAW_HARDWARE
        SOF_TIMESTAMPING_RX_HARDWARE
        SOF_TIMESTAMPING_RX_SOFTWARE
        SOF_TIMESTAMPING_SOFTWARE
        SOF_TIMESTAMPING_TX_HARDWARE
        SOF_TIMESTAMPING_TX_SOFTWARE
    }
};
