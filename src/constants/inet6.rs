//! IPv6, from `netinet/in.h` and what it includes.

use super::constants;

/// Options of IPv6, and types of control messages.
pub(crate) const OPTIONS: &[(&str, i64)] = constants! {
    IPV6_DONTFRAG
    IPV6_MULTICAST_HOPS
    IPV6_MULTICAST_IF
    IPV6_MULTICAST_LOOP
    IPV6_PKTINFO
    IPV6_RECVTCLASS
    IPV6_TCLASS
    IPV6_UNICAST_HOPS
    IPV6_V6ONLY
    #[cfg(linux_like)] {
        IPV6_DSTOPTS
        IPV6_JOIN_GROUP = 20 // netinet/in.h
        IPV6_LEAVE_GROUP = 21 // netinet/in.h
        IPV6_MTU
        IPV6_MTU_DISCOVER
        IPV6_NEXTHOP
        IPV6_PATHMTU
        IPV6_PMTUDISC_DO
        IPV6_PMTUDISC_DONT
        IPV6_PMTUDISC_INTERFACE
        IPV6_PMTUDISC_OMIT
        IPV6_PMTUDISC_PROBE
        IPV6_PMTUDISC_WANT
        IPV6_RECVDSTOPTS
        IPV6_RECVHOPOPTS
        IPV6_RECVPATHMTU
        IPV6_RTHDRDSTOPTS
    }
    #[cfg(unix)] {
        IPV6_RECVPKTINFO
        IPV6_RTHDR_TYPE_0 = 0 // netinet/in.h
    }
    #[cfg(not(any(netbsd, openbsd)))] {
        IPV6_CHECKSUM
        IPV6_HOPLIMIT
    }
    #[cfg(not(linux_like))] {
        IPV6_JOIN_GROUP
        IPV6_LEAVE_GROUP
    }
    #[cfg(not(any(netbsd, openbsd, windows)))] {
        IPV6_RECVHOPLIMIT
    }
    #[cfg(any(linux_like, windows))] {
        IPV6_HOPOPTS
        IPV6_RECVERR
        IPV6_RECVRTHDR
        IPV6_RTHDR
    }
};
