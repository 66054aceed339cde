//! Name resolution, from `netdb.h`.

use super::constants;

/// Flags of `getaddrinfo`.
pub(crate) const FLAGS: &[(&str, i64)] = constants! {
    AI_ADDRCONFIG
    AI_CANONNAME
    AI_NUMERICHOST
    AI_NUMERICSERV
    AI_PASSIVE
    #[cfg(not(any(netbsd, openbsd)))] {
        AI_ALL
        AI_V4MAPPED
    }
    #[cfg(any(android, apple))] {
        AI_DEFAULT
        AI_MASK
        AI_V4MAPPED_CFG
    }
};

/// Flags and sizes of `getnameinfo`.
pub(crate) const NAME_FLAGS: &[(&str, i64)] = constants! {
    NI_DGRAM
    NI_MAXHOST
    NI_MAXSERV = 32 // netdb.h
    NI_NAMEREQD
    NI_NOFQDN
    NI_NUMERICHOST
    NI_NUMERICSERV
    #[cfg(all(linux, target_env = "gnu"))] {
        NI_IDN
    }
};

/// Errors of `getaddrinfo` and `getnameinfo`.
pub(crate) const RESOLVER_ERRORS: &[(&str, i64)] = constants! {
    EAI_AGAIN
    EAI_BADFLAGS
    EAI_FAIL
    EAI_FAMILY
    EAI_MEMORY
    EAI_NONAME
    EAI_SERVICE
    EAI_SOCKTYPE
    #[cfg(linux)] {
        EAI_ADDRFAMILY = -9 // netdb.h
    }
    #[cfg(unix)] {
        EAI_OVERFLOW
        EAI_SYSTEM
    }
    #[cfg(not(any(dragonfly, freebsd)))] {
        EAI_NODATA
    }
};
