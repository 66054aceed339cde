//! Families, types, levels, options and flags, from `sys/socket.h`.

use super::{Constant, constants};

/// What every socket has to do with.
pub(crate) const SOCKET: &[Constant] = constants! {
    AF_INET
    AF_INET6
    AF_UNIX
    AF_UNSPEC
    MSG_DONTWAIT
    MSG_NOSIGNAL
    MSG_OOB
    MSG_PEEK
    MSG_TRUNC
    MSG_WAITALL
    SHUT_RD
    SHUT_RDWR
    SHUT_WR
    SOCK_CLOEXEC
    SOCK_DGRAM
    SOCK_NONBLOCK
    SOCK_RAW
    SOCK_SEQPACKET
    SOCK_STREAM
    SOL_SOCKET
    SOMAXCONN
    SO_BROADCAST
    SO_ERROR
    SO_KEEPALIVE
    SO_LINGER
    SO_PASSCRED
    SO_PEERCRED
    SO_RCVBUF
    SO_RCVTIMEO
    SO_REUSEADDR
    SO_REUSEPORT
    SO_SNDBUF
    SO_SNDTIMEO
    SO_TYPE
};
