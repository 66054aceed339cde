//! Unix: Linux, macOS, the BSDs.

mod absent;
mod alg;
mod database;
mod descriptor;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod epoll;
mod error;
mod file;
mod fork;
#[cfg(any(target_os = "macos", test))]
mod kernel_control;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod kqueue;
mod message;
mod name;
mod option;
mod poll;
mod transfer;
mod vsock;
mod wait;

use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};

pub(crate) use libc as headers;

use super::{Filling, Readiness, Target};

pub(crate) use absent::*;
pub(crate) use alg::*;
pub(crate) use database::*;
pub(crate) use descriptor::*;
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use epoll::Queue;
pub(crate) use error::{Errno, ResolverError};
pub(crate) use file::{File, sendfile};
pub(crate) use fork::forks;
#[cfg(any(target_os = "macos", test))]
pub(crate) use kernel_control::control_id;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) use kqueue::Queue;
pub(crate) use message::*;
pub(crate) use name::*;
pub(crate) use option::*;
pub(crate) use poll::{poll, poll_entry};
pub(crate) use transfer::*;
pub(crate) use vsock::local_cid;
pub(crate) use wait::{has_ended, has_error, pause, wait};

/// Keeps the library in memory until the process ends: Lua 5.1 and LuaJIT unload it when they close a state, before the
/// finalizers of objects that are older than it, which may call it.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn start() {
    let own = start as fn() as *const libc::c_void;
    // SAFETY: `own` is an address of this library, and its name is a string of the loader's; nothing is loaded anew.
    unsafe {
        let mut found: libc::Dl_info = std::mem::zeroed();
        if libc::dladdr(own, &mut found) != 0 && !found.dli_fname.is_null() {
            libc::dlopen(found.dli_fname, libc::RTLD_NOW | libc::RTLD_NOLOAD | libc::RTLD_NODELETE);
        }
    }
}
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn start() {}

/// Whether the system was built with IPv6.
pub(crate) const HAS_IPV6: bool = true;

/// A socket as the system knows it.
pub(crate) type Descriptor = libc::c_int;

/// How many events one wait of a queue gives at most.
const BATCH: usize = 1024;

/// What stands for no descriptor.
pub(crate) const NO_DESCRIPTOR: Descriptor = -1;

/// Whether a number can be a descriptor.
#[inline(always)]
pub(crate) fn is_open(fd: Descriptor) -> bool {
    fd >= 0
}

/// Turns a descriptor into a number that no system call takes for one, and back. [`NO_DESCRIPTOR`] stays closed.
pub(crate) fn conceal(fd: Descriptor) -> Descriptor {
    if fd == NO_DESCRIPTOR { fd } else { -2 - fd }
}

/// Whether the type is that of a stream of bytes.
pub(crate) fn is_stream(kind: u16) -> bool {
    i32::from(kind) == libc::SOCK_STREAM
}

/// Whether it is TCP over either Internet protocol.
pub(crate) fn is_tcp(family: u16, kind: u16, proto: i32) -> bool {
    is_stream(kind)
        && matches!(i32::from(family), libc::AF_INET | libc::AF_INET6)
        && matches!(proto, 0 | libc::IPPROTO_TCP)
}

/// Whether the family is that of sockets of one machine.
pub(crate) fn is_local(family: u16) -> bool {
    i32::from(family) == libc::AF_UNIX
}

/// Whether the integers among the options of a family have 64 bits.
pub(crate) fn has_wide_options(family: u16) -> bool {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return i32::from(family) == libc::AF_VSOCK;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let _ = family;
        false
    }
}

/// The family of a pair when nothing is said.
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
