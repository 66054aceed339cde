//! Netlink, from `linux/netlink.h`.

use super::{Constant, constants};

/// Protocols.
pub(crate) const NETLINK: &[Constant] = constants! {
    #[cfg(linux_like)] {
        NETLINK_CRYPTO
        NETLINK_DNRTMSG
        NETLINK_FIREWALL
        NETLINK_IP6_FW
        NETLINK_NFLOG
        NETLINK_ROUTE
        NETLINK_USERSOCK
        NETLINK_XFRM
    }
};
