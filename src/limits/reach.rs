//! Whether the rules of a host allow what a script is about to do.

use std::net::IpAddr;

use super::{Limits, Rules};
use crate::constants;
use crate::error::{Error, Result};
use crate::resolver::is_numeric;
use crate::sys::{self, Address, Bytes, Errno, headers};

/// The socket options that cannot change where packets go, by level.
const OPTIONS: &[(&str, &[&str])] = &[
    (
        "SOL_SOCKET",
        &[
            "SO_BROADCAST",
            "SO_BUSY_POLL",
            "SO_DEBUG",
            "SO_DONTROUTE",
            "SO_EXCLUSIVEADDRUSE",
            "SO_INCOMING_CPU",
            "SO_KEEPALIVE",
            "SO_LINGER",
            "SO_OOBINLINE",
            "SO_PASSCRED",
            "SO_PRIORITY",
            "SO_RCVBUF",
            "SO_RCVLOWAT",
            "SO_RCVTIMEO",
            "SO_REUSEADDR",
            "SO_REUSEPORT",
            "SO_SNDBUF",
            "SO_SNDLOWAT",
            "SO_SNDTIMEO",
            "SO_TIMESTAMP",
            "SO_TIMESTAMPNS",
            "SO_TIMESTAMPING",
            "SO_USELOOPBACK",
        ],
    ),
    (
        "IPPROTO_IP",
        &[
            "IP_MTU_DISCOVER",
            "IP_MULTICAST_LOOP",
            "IP_MULTICAST_TTL",
            "IP_PKTINFO",
            "IP_RECVDSTADDR",
            "IP_RECVERR",
            "IP_RECVTOS",
            "IP_RECVTTL",
            "IP_TOS",
            "IP_TTL",
        ],
    ),
    (
        "IPPROTO_IPV6",
        &[
            "IPV6_DONTFRAG",
            "IPV6_MTU_DISCOVER",
            "IPV6_MULTICAST_HOPS",
            "IPV6_MULTICAST_LOOP",
            "IPV6_RECVERR",
            "IPV6_RECVHOPLIMIT",
            "IPV6_RECVPKTINFO",
            "IPV6_RECVTCLASS",
            "IPV6_TCLASS",
            "IPV6_UNICAST_HOPS",
            "IPV6_V6ONLY",
        ],
    ),
    (
        "IPPROTO_TCP",
        &[
            "TCP_CONGESTION",
            "TCP_CORK",
            "TCP_DEFER_ACCEPT",
            "TCP_FASTOPEN",
            "TCP_KEEPALIVE",
            "TCP_KEEPCNT",
            "TCP_KEEPIDLE",
            "TCP_KEEPINTVL",
            "TCP_LINGER2",
            "TCP_MAXSEG",
            "TCP_NODELAY",
            "TCP_NOTSENT_LOWAT",
            "TCP_QUICKACK",
            "TCP_SYNCNT",
            "TCP_USER_TIMEOUT",
            "TCP_WINDOW_CLAMP",
        ],
    ),
    ("IPPROTO_UDP", &["UDP_GRO", "UDP_SEGMENT"]),
];

/// The options that join or leave a multicast group; their value begins with its address.
const GROUPS: &[(&str, &[&str])] = &[
    ("IPPROTO_IP", &["IP_ADD_MEMBERSHIP", "IP_DROP_MEMBERSHIP"]),
    ("IPPROTO_IPV6", &["IPV6_JOIN_GROUP", "IPV6_LEAVE_GROUP"]),
];

/// The control messages that cannot change where packets go.
const CONTROL: &[(&str, &[&str])] = &[
    ("IPPROTO_IP", &["IP_TOS", "IP_TTL"]),
    ("IPPROTO_IPV6", &["IPV6_TCLASS", "IPV6_HOPLIMIT"]),
    ("IPPROTO_UDP", &["UDP_SEGMENT"]),
];

fn lists(table: &[(&str, &[&str])], level: i32, name: i32) -> bool {
    let is = |text: &&str, number: i32| constants::value(text) == Some(i64::from(number));
    table.iter().any(|(of, names)| is(of, level) && names.iter().any(|listed| is(listed, name)))
}

fn denied() -> Error {
    Error::named(Errno::ACCESS, "the host does not allow it")
}

fn check(allowed: bool) -> Result<()> {
    if allowed { Ok(()) } else { Err(denied()) }
}

fn host(address: &Address) -> Option<IpAddr> {
    let packed = address.packed();
    <[u8; 4]>::try_from(packed).map(IpAddr::from).or_else(|_| <[u8; 16]>::try_from(packed).map(IpAddr::from)).ok()
}

fn is_internet(family: i32) -> bool {
    [headers::AF_INET, headers::AF_INET6].contains(&family)
}

impl Limits {
    /// Fails with EACCES for a socket whose addresses no rule is about.
    pub(crate) fn check_new(&self, family: i32, kind: i32, proto: i32) -> Result<()> {
        self.judge(|rules| {
            let usual = match sys::split_type(kind).0 {
                headers::SOCK_STREAM => [0, 6, 262].contains(&proto),
                headers::SOCK_DGRAM => [0, 17, 136].contains(&proto),
                _ => false,
            };
            sys::is_local(family as u16) && u16::try_from(family).is_ok()
                || is_internet(family) && (usual || rules.allow_raw())
                || rules.allow_family(family)
        })
    }

    /// Fails with EACCES where an address may not be connected or sent to.
    pub(crate) fn check_destination(&self, address: &Address) -> Result<()> {
        self.judge(|rules| match (host(address), address.port()) {
            (Some(host), Some(port)) => rules.allow_destination(host, Some(port)),
            _ => allow_other(rules, address),
        })
    }

    /// Fails with EACCES where an address may not be bound to.
    pub(crate) fn check_bind(&self, address: &Address) -> Result<()> {
        self.judge(|rules| match (host(address), address.port()) {
            (Some(host), Some(port)) => rules.allow_bind(host, port),
            _ => allow_other(rules, address),
        })
    }

    /// Fails with EACCES where a name may not be looked up. A numeric host is none.
    pub(crate) fn check_name(&self, name: Option<&[u8]>) -> Result<()> {
        self.judge(|rules| name.is_none_or(|name| name == b"<broadcast>" || is_numeric(name) || rules.allow_host(name)))
    }

    /// The same for a reverse look-up.
    pub(crate) fn check_reverse_name(&self, address: &[u8]) -> Result<()> {
        self.judge(|rules| rules.allow_host(address))
    }

    /// Fails with EACCES for an option that could change where packets go.
    pub(crate) fn check_option(&self, family: u16, level: i32, name: i32, value: Bytes) -> Result<()> {
        self.judge(|rules| {
            if rules.allow_family(family.into()) || lists(OPTIONS, level, name) {
                return true;
            }
            let group = |length| (value.len() >= length).then(|| value.iter().take(length).collect::<Vec<_>>());
            let (v4, v6) = (group(4), group(16));
            let group = if i32::from(family) == headers::AF_INET {
                v4.and_then(|bytes| <[u8; 4]>::try_from(bytes).ok()).map(IpAddr::from)
            } else {
                v6.and_then(|bytes| <[u8; 16]>::try_from(bytes).ok()).map(IpAddr::from)
            };
            lists(GROUPS, level, name) && group.is_some_and(|group| rules.allow_destination(group, None))
        })
    }

    /// Fails with EACCES for a control message that could change where packets go.
    pub(crate) fn check_control(&self, family: u16, items: &[(i32, i32, Bytes)]) -> Result<()> {
        self.judge(|rules| {
            let free = sys::is_local(family) || rules.allow_family(family.into());
            free || items.iter().all(|&(level, kind, _)| lists(CONTROL, level, kind))
        })
    }

    fn judge(&self, allows: impl FnOnce(&Rules) -> bool) -> Result<()> {
        if !self.judges.get() {
            return Ok(());
        }
        // Once the state is closed there are no rules, and nothing is allowed.
        check(self.rules.borrow().as_ref().is_some_and(allows))
    }
}

/// Whether a path, an address of another family, or AF_UNSPEC, which disconnects, is allowed.
fn allow_other(rules: &Rules, address: &Address) -> bool {
    let family = i32::from(address.family());
    match address.path() {
        Some(path) => rules.allow_path(&resolved(path)),
        None => family == headers::AF_UNSPEC || rules.allow_family(family),
    }
}

/// A path with its symbolic links resolved, also one that does not exist in a directory that does; an abstract name
/// behind `@`.
fn resolved(path: &[u8]) -> Vec<u8> {
    if let [0, name @ ..] = path {
        return [b"@", name].concat();
    }
    sys::real_path(path).unwrap_or_default()
}
