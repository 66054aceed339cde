//! Name resolution, from `netdb.h`.

use super::{Constant, constants};

/// Flags of `getaddrinfo`.
pub(crate) const FLAGS: &[Constant] = constants! {
    AI_ADDRCONFIG
    AI_CANONNAME
    AI_NUMERICHOST
    AI_NUMERICSERV
    AI_PASSIVE
    #[cfg(not(any(target_os = "netbsd", target_os = "openbsd")))] {
        AI_ALL
        AI_V4MAPPED
    }
    #[cfg(any(target_os = "android", target_vendor = "apple"))] {
        AI_DEFAULT
        AI_MASK
        AI_V4MAPPED_CFG
    }
};

/// Flags and sizes of `getnameinfo`.
pub(crate) const NAME_FLAGS: &[Constant] = constants! {
    NI_DGRAM
    NI_MAXHOST
    NI_MAXSERV = 32 // netdb.h
    NI_NAMEREQD
    NI_NOFQDN
    NI_NUMERICHOST
    NI_NUMERICSERV
    #[cfg(all(target_os = "linux", target_env = "gnu"))] {
        NI_IDN
    }
};

/// What a look-up fails with.
pub(crate) const RESOLVER_ERRORS: &[Constant] = constants! {
    EAI_AGAIN
    EAI_BADFLAGS
    EAI_FAIL
    EAI_FAMILY
    EAI_MEMORY
    EAI_NONAME
    EAI_SERVICE
    EAI_SOCKTYPE
    #[cfg(target_os = "linux")] {
        EAI_ADDRFAMILY = -9 // netdb.h
    }
    #[cfg(unix)] {
        EAI_OVERFLOW
        EAI_SYSTEM
    }
    #[cfg(not(any(target_os = "dragonfly", target_os = "freebsd")))] {
        EAI_NODATA
    }
};
