//! Name resolution, from `netdb.h`.

use super::{Constant, constants};

/// Flags of `getaddrinfo`.
pub(crate) const NETDB: &[Constant] = constants! {
    AI_ADDRCONFIG
    AI_ALL
    AI_CANONNAME
    AI_NUMERICHOST
    AI_NUMERICSERV
    AI_PASSIVE
    AI_V4MAPPED
};

/// What a look-up fails with.
pub(crate) const RESOLVER_ERRORS: &[Constant] = constants! {
    EAI_AGAIN
    EAI_BADFLAGS
    EAI_FAIL
    EAI_FAMILY
    EAI_MEMORY
    EAI_NODATA
    EAI_NONAME
    EAI_OVERFLOW
    EAI_SERVICE
    EAI_SOCKTYPE
    EAI_SYSTEM
};
