//! The Internet families, from `netinet/in.h` and `netinet/tcp.h`.

use super::{Constant, constants};

/// Protocols and their options.
pub(crate) const INET: &[Constant] = constants! {
    IPPROTO_IP
    IPPROTO_IPV6
    IPPROTO_TCP
    IPPROTO_UDP
    IPV6_V6ONLY
    IP_TTL
    TCP_NODELAY
};
