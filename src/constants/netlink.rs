//! Netlink, from `linux/netlink.h`.

use super::constants;

/// Protocols.
pub(crate) const NETLINK: &[(&str, i64)] = constants! {
    #[cfg(linux_like)] {
        NETLINK_CRYPTO
        NETLINK_DNRTMSG
        NETLINK_FIREWALL
        NETLINK_GENERIC
        NETLINK_IP6_FW
        NETLINK_KOBJECT_UEVENT
        NETLINK_NFLOG
        NETLINK_ROUTE
        NETLINK_USERSOCK
        NETLINK_XFRM
    }
};

/// The level and its options, and groups of `NETLINK_ROUTE`.
pub(crate) const GROUPS: &[(&str, i64)] = constants! {
    #[cfg(linux_like)] {
        NETLINK_ADD_MEMBERSHIP
        NETLINK_DROP_MEMBERSHIP
        RTMGRP_IPV4_IFADDR == 0x10 // linux/rtnetlink.h
        RTMGRP_IPV4_MROUTE == 0x20 // linux/rtnetlink.h
        RTMGRP_IPV4_ROUTE == 0x40 // linux/rtnetlink.h
        RTMGRP_IPV4_RULE == 0x80 // linux/rtnetlink.h
        RTMGRP_IPV6_IFADDR == 0x100 // linux/rtnetlink.h
        RTMGRP_IPV6_IFINFO == 0x800 // linux/rtnetlink.h
        RTMGRP_IPV6_MROUTE == 0x200 // linux/rtnetlink.h
        RTMGRP_IPV6_PREFIX == 0x20000 // linux/rtnetlink.h
        RTMGRP_IPV6_ROUTE == 0x400 // linux/rtnetlink.h
        RTMGRP_LINK == 1 // linux/rtnetlink.h
        RTMGRP_NEIGH == 4 // linux/rtnetlink.h
        RTMGRP_NOTIFY == 2 // linux/rtnetlink.h
        RTMGRP_TC == 8 // linux/rtnetlink.h
        SOL_NETLINK
    }
};
