//! Unix: Linux, macOS, the BSDs.

mod descriptor;
mod error;
mod resolver;
mod transfer;
mod wait;

use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};

use super::{Filling, Readiness, Target};

pub(crate) use descriptor::*;
pub(crate) use error::{Errno, ResolverError};
pub(crate) use resolver::{Found, look_up};
pub(crate) use transfer::*;
pub(crate) use wait::wait;

/// Whether the system was built with IPv6.
pub(crate) const HAS_IPV6: bool = true;

/// A socket as the system knows it.
pub(crate) type Descriptor = libc::c_int;

/// What stands for no descriptor.
pub(crate) const NO_DESCRIPTOR: Descriptor = -1;

/// What a socket is made of when nothing is said.
pub(crate) const DEFAULT_FAMILY: i32 = libc::AF_INET;
pub(crate) const DEFAULT_TYPE: i32 = libc::SOCK_STREAM;
pub(crate) const PAIR_FAMILY: i32 = libc::AF_UNIX;

/// How many connections wait to be accepted when nothing is said.
pub(crate) const DEFAULT_BACKLOG: i32 = if libc::SOMAXCONN < 128 { libc::SOMAXCONN } else { 128 };

/// A descriptor that closes when it is dropped.
pub(crate) type Owned = OwnedFd;

/// Turns what a system call returned into a count or an error number.
#[inline(always)]
fn check(returned: isize) -> Result<usize, Errno> {
    if returned >= 0 { Ok(returned as usize) } else { Err(Errno::last()) }
}
