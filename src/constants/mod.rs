//! The documented constants, a table for each group of headers and a line for each constant.

mod alg;
mod bluetooth;
mod can;
mod errno;
mod ethernet;
mod family;
mod hyperv;
mod inet;
mod inet6;
mod ioctl;
mod j1939;
mod kernel_control;
mod netdb;
mod netlink;
mod packet;
mod socket;
mod tcp;
mod tipc;
mod udp;
mod unix;
mod vsock;

/// Where the tables take their values from.
use crate::sys::headers;

/// Makes a table of documented names and their values: first the constants that every system has, then those of some, in
/// blocks with a condition. A name stands alone where the libc crate has it (on Windows windows-sys), and else with `=`,
/// its value and the header that has it. With `==` libc has it for Linux, which is compared when this is compiled, but
/// not for Android:
///
/// ```text
/// constants! {
///     SOL_SOCKET
///     SOL_TCP = 6 // netinet/tcp.h
///     #[cfg(linux_like)] {
///         CAN_RAW == 1 // linux/can.h
///     }
///     #[cfg(freebsd)] {
///         SO_SETFIB
///     }
/// }
/// ```
macro_rules! constants {
    (@value $name:ident) => { $crate::constants::headers::$name as i64 };
    (@value $name:ident = $value:literal) => { $value };
    (@value $name:ident == $value:literal) => {{
        #[cfg(not(android))]
        assert!($crate::constants::headers::$name as i64 == $value, stringify!($name));
        $value
    }};
    (
        $($name:ident $(= $value:literal)?)*
        $(#[$condition:meta] { $($some:ident $(= $some_value:literal)? $(== $same:literal)?)* })*
    ) => {
        &[
            $((stringify!($name), constants!(@value $name $(= $value)?)),)*
            $($(#[$condition] (stringify!($some), constants!(@value $some $(= $some_value)? $(== $same)?)),)*)*
        ]
    };
}
use constants;

/// All integer constants of the module.
pub(crate) const INTEGERS: &[&[(&str, i64)]] = &[
    family::FAMILIES,
    socket::KINDS,
    socket::LEVELS,
    socket::OPTIONS,
    socket::FLAGS,
    socket::CALLS,
    socket::TIMESTAMPS,
    inet::PROTOCOLS,
    inet::OPTIONS,
    inet::ADDRESSES,
    inet::GROUPS,
    inet6::OPTIONS,
    tcp::TCP,
    udp::UDP,
    unix::UNIX,
    netdb::FLAGS,
    netdb::NAME_FLAGS,
    netdb::RESOLVER_ERRORS,
    errno::OWN,
    ethernet::ETHERNET,
    packet::PACKET,
    packet::OPTIONS,
    netlink::NETLINK,
    netlink::GROUPS,
    can::CAN,
    can::BCM,
    j1939::J1939,
    bluetooth::BLUETOOTH,
    bluetooth::LEVELS,
    tipc::TIPC,
    alg::ALG,
    vsock::VSOCK,
    hyperv::HYPERV,
    ioctl::IOCTL,
    kernel_control::KERNEL_CONTROL,
];

/// All string constants of the module: the documented exceptions, two addresses of Bluetooth, identifiers of Hyper-V.
pub(crate) const STRINGS: &[(&str, &str)] = &[
    ("error", "error"),
    ("gaierror", "gaierror"),
    ("herror", "herror"),
    ("timeout", "timeout"),
    #[cfg(not(any(apple, openbsd)))]
    ("BDADDR_ANY", "00:00:00:00:00:00"), // bluetooth/bluetooth.h
    #[cfg(not(any(apple, openbsd)))]
    ("BDADDR_LOCAL", "00:00:00:FF:FF:FF"), // bluetooth/bluetooth.h
    #[cfg(windows)]
    ("HV_GUID_BROADCAST", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"), // hvsocket.h
    #[cfg(windows)]
    ("HV_GUID_CHILDREN", "90DB8B89-0D35-4F79-8CE9-49EA0AC8B7CD"), // hvsocket.h
    #[cfg(windows)]
    ("HV_GUID_LOOPBACK", "E0E16197-DD56-4A10-9195-5EE7A155A838"), // hvsocket.h
    #[cfg(windows)]
    ("HV_GUID_PARENT", "A42E7CDA-D03F-480C-9CC2-A4DE20ABB878"), // hvsocket.h
    #[cfg(windows)]
    ("HV_GUID_WILDCARD", "00000000-0000-0000-0000-000000000000"), // hvsocket.h
    #[cfg(windows)]
    ("HV_GUID_ZERO", "00000000-0000-0000-0000-000000000000"), // hvsocket.h
];

/// The documented enumerations: the name of each, what the names of its members begin with, and the table that has them.
#[allow(clippy::type_complexity, reason = "a table whose last column is tables")]
pub(crate) const ENUMS: &[(&str, &str, &[(&str, i64)])] = &[
    ("AddressFamily", "AF_", family::FAMILIES),
    ("AddressInfo", "AI_", netdb::FLAGS),
    ("MsgFlag", "MSG_", socket::FLAGS),
    ("SocketKind", "SOCK_", socket::KINDS),
];

pub(crate) use errno::ERRNO;

/// The members of an enumeration: as documented, only names in capitals belong to it.
pub(crate) fn members(
    prefix: &str,
    table: &'static [(&'static str, i64)],
) -> impl DoubleEndedIterator<Item = &'static (&'static str, i64)> + Clone {
    table.iter().filter(move |(name, _)| name.starts_with(prefix) && !name.contains(char::is_lowercase))
}

/// The errors of the host database with their `h_errno`: codes, no constants of the module.
const HOST_ERRORS: &[(&str, i64)] = &[("HOST_NOT_FOUND", 1), ("TRY_AGAIN", 2), ("NO_RECOVERY", 3), ("NO_DATA", 4)];

/// The name of an error number.
pub(crate) fn errno_name(errno: i32) -> Option<&'static str> {
    name_of(ERRNO.iter(), errno.into())
}

/// The name of a resolver's error number.
pub(crate) fn resolver_name(error: i32) -> Option<&'static str> {
    name_of(netdb::RESOLVER_ERRORS.iter(), error.into())
}

/// The value of an integer constant.
pub(crate) fn value(name: &str) -> Option<i64> {
    INTEGERS.iter().copied().flatten().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

/// The name of an `h_errno` value.
pub(crate) fn host_error_name(error: i32) -> Option<&'static str> {
    name_of(HOST_ERRORS.iter(), error.into())
}

/// The name of a socket's family (`AF_`) or type (`SOCK_`).
pub(crate) fn name(prefix: &str, number: i64) -> Option<&'static str> {
    let (_, _, table) = ENUMS.iter().find(|(_, its_prefix, _)| *its_prefix == prefix)?;
    name_of(members(prefix, table), number)
}

/// The first name of a number.
fn name_of(mut names: impl Iterator<Item = &'static (&'static str, i64)>, number: i64) -> Option<&'static str> {
    names.find(|(_, value)| *value == number).map(|(name, _)| *name)
}
