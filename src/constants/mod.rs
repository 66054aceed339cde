//! The documented names and their values, one table a header group. A constant is one line.

mod errno;
mod inet;
mod netdb;
mod socket;

/// A documented name and its value.
pub(crate) type Constant = (&'static str, i64);

/// Makes a table of names that libc has.
macro_rules! constants {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name as i64)),*] };
}
use constants;

/// All integer constants of the module.
pub(crate) const INTEGERS: &[&[Constant]] = &[socket::SOCKET, inet::INET, netdb::NETDB, netdb::RESOLVER_ERRORS];

/// All string constants of the module: the documented exceptions.
pub(crate) const STRINGS: &[(&str, &str)] =
    &[("error", "error"), ("gaierror", "gaierror"), ("herror", "herror"), ("timeout", "timeout")];

pub(crate) use errno::ERRNO;

/// The name of an error number.
pub(crate) fn errno_name(errno: i32) -> Option<&'static str> {
    name_of(ERRNO, errno.into())
}

/// The name of a resolver's error number.
pub(crate) fn resolver_name(error: i32) -> Option<&'static str> {
    name_of(netdb::RESOLVER_ERRORS, error.into())
}

/// The name of a socket's family (`AF_`) or type (`SOCK_`).
pub(crate) fn name(prefix: &str, number: i64) -> Option<&'static str> {
    let has_prefix = |&&(name, value): &&Constant| value == number && name.starts_with(prefix);
    socket::SOCKET.iter().find(has_prefix).map(|(name, _)| *name)
}

/// The first name of a number, which is the one it is known by.
fn name_of(names: &'static [Constant], number: i64) -> Option<&'static str> {
    names.iter().find(|(_, value)| *value == number).map(|(name, _)| *name)
}
