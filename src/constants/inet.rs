//! IPv4, from `netinet/in.h`.

use super::constants;

/// Protocols over IP.
pub(crate) const PROTOCOLS: &[(&str, i64)] = constants! {
    IPPROTO_AH
    IPPROTO_DSTOPTS
    IPPROTO_EGP
    IPPROTO_ESP
    IPPROTO_FRAGMENT
    IPPROTO_HOPOPTS
    IPPROTO_ICMP
    IPPROTO_ICMPV6
    IPPROTO_IDP
    IPPROTO_IGMP
    IPPROTO_IP
    IPPROTO_IPV6
    IPPROTO_NONE
    IPPROTO_PIM
    IPPROTO_PUP
    IPPROTO_RAW
    IPPROTO_ROUTING
    IPPROTO_TCP
    IPPROTO_UDP
    #[cfg(linux_like)] {
        IPPROTO_MPTCP
    }
    #[cfg(unix)] {
        IPPROTO_GRE
        IPPROTO_IPIP
        IPPROTO_RSVP
        IPPROTO_TP
    }
    #[cfg(not(any(dragonfly, openbsd)))] {
        IPPROTO_SCTP
    }
    #[cfg(not(linux_like))] {
        IPPROTO_GGP
        IPPROTO_MAX
    }
    #[cfg(not(any(linux_like, windows)))] {
        IPPROTO_EON
        IPPROTO_IPCOMP
    }
    #[cfg(any(linux_like, freebsd))] {
        IPPROTO_UDPLITE
    }
    #[cfg(bsd)] {
        IPPROTO_MOBILE
    }
    #[cfg(any(dragonfly, freebsd, apple, windows))] {
        IPPROTO_ND
    }
    #[cfg(any(dragonfly, freebsd, apple))] {
        IPPROTO_HELLO
        IPPROTO_XTP
    }
    #[cfg(windows)] {
        IPPROTO_CBT
        IPPROTO_ICLFXBM
        IPPROTO_IGP
        IPPROTO_IPV4
        IPPROTO_L2TP
        IPPROTO_PGM
        IPPROTO_RDP
        IPPROTO_ST
    }
    #[cfg(netbsd)] {
        IPPROTO_VRRP
    }
};

/// Options of IPv4.
pub(crate) const OPTIONS: &[(&str, i64)] = constants! {
    IP_ADD_MEMBERSHIP
    IP_DROP_MEMBERSHIP
    IP_HDRINCL
    IP_MULTICAST_IF
    IP_MULTICAST_LOOP
    IP_MULTICAST_TTL
    IP_TOS
    IP_TTL
    SOL_IP = 0 // netinet/in.h
    #[cfg(linux_like)] {
        IP_BIND_ADDRESS_NO_PORT
        IP_FREEBIND
        IP_MAX_MEMBERSHIPS = 20 // netinet/in.h
        IP_MTU
        IP_MTU_DISCOVER
        IP_PMTUDISC_DO
        IP_PMTUDISC_DONT
        IP_PMTUDISC_INTERFACE
        IP_PMTUDISC_OMIT
        IP_PMTUDISC_PROBE
        IP_PMTUDISC_WANT
        IP_RECVOPTS
        IP_RECVRETOPTS = 7 // netinet/in.h
        IP_RETOPTS
        IP_TRANSPARENT
    }
    #[cfg(not(any(dragonfly, netbsd, openbsd)))] {
        IP_ADD_SOURCE_MEMBERSHIP
        IP_BLOCK_SOURCE
        IP_DROP_SOURCE_MEMBERSHIP
        IP_RECVTOS
        IP_UNBLOCK_SOURCE
    }
    #[cfg(not(any(netbsd, openbsd)))] {
        IP_RECVTTL
    }
    #[cfg(not(any(dragonfly, freebsd, openbsd)))] {
        IP_PKTINFO
    }
    #[cfg(not(linux_like))] {
        IP_RECVDSTADDR
    }
    #[cfg(any(linux_like, freebsd))] {
        IP_RECVORIGDSTADDR
    }
    #[cfg(any(linux_like, windows))] {
        IP_DEFAULT_MULTICAST_LOOP
        IP_DEFAULT_MULTICAST_TTL
        IP_OPTIONS
        IP_RECVERR
    }
    #[cfg(windows)] {
        IP_MAX_MEMBERSHIPS
    }
};

/// Addresses as 32-bit numbers, and limits of port ranges.
pub(crate) const ADDRESSES: &[(&str, i64)] = constants! {
    INADDR_ALLHOSTS_GROUP = 0xe0000001 // netinet/in.h
    INADDR_ANY
    INADDR_BROADCAST
    INADDR_LOOPBACK
    INADDR_MAX_LOCAL_GROUP = 0xe00000ff // netinet/in.h
    INADDR_NONE
    INADDR_UNSPEC_GROUP = 0xe0000000 // netinet/in.h
    IPPORT_RESERVED = 1024 // netinet/in.h
    IPPORT_USERRESERVED = 5000 // netinet/in.h
};

/// Options for multicast groups of IPv4 and IPv6, and of ICMP.
pub(crate) const GROUPS: &[(&str, i64)] = constants! {
    #[cfg(linux_like)] {
        ICMP_FILTER = 1 // linux/icmp.h
        MCAST_BLOCK_SOURCE
        MCAST_JOIN_GROUP
        MCAST_JOIN_SOURCE_GROUP
        MCAST_LEAVE_GROUP
        MCAST_LEAVE_SOURCE_GROUP
        MCAST_UNBLOCK_SOURCE
    }
};
