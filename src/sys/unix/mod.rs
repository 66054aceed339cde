//! Unix: Linux, macOS, the BSDs.

#[cfg(linux_like)]
mod alg;
mod database;
mod descriptor;
#[cfg(linux_like)]
mod epoll;
mod error;
mod file;
mod fork;
mod interface;
#[cfg(any(macos, test))]
mod kernel_control;
#[cfg(not(linux_like))]
mod kqueue;
mod message;
mod name;
mod option;
mod poll;
#[cfg(feature = "testkit")]
mod program;
mod thread;
mod transfer;
#[cfg(linux_like)]
mod vsock;
mod wait;

/// A descriptor that closes when it is dropped.
pub(crate) use std::os::fd::OwnedFd as Owned;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, IntoRawFd};

pub(crate) use libc as headers;

use super::{Ready, ReceiveBuffer};

#[cfg(linux_like)]
pub(crate) use alg::*;
pub(crate) use database::*;
pub(crate) use descriptor::*;
#[cfg(linux_like)]
pub(crate) use epoll::Queue;
pub(crate) use error::{Errno, ResolverError};
pub(crate) use file::{File, is_other_file, sendfile};
pub(crate) use fork::forks;
pub(crate) use interface::{INTERFACE_FLAGS, getifaddrs};
#[cfg(any(macos, test))]
pub(crate) use kernel_control::control_id;
#[cfg(not(linux_like))]
pub(crate) use kqueue::Queue;
pub(crate) use message::*;
pub(crate) use name::*;
pub(crate) use option::*;
pub(crate) use poll::{poll, poll_entry};
#[cfg(feature = "testkit")]
pub(crate) use program::Process;
#[cfg(feature = "lua55")]
pub(crate) use thread::stay_loaded;
pub(crate) use thread::{descriptor_limit, ignore_sigpipe, spawn};
pub(crate) use transfer::*;
#[cfg(linux_like)]
pub(crate) use vsock::local_cid;
pub(crate) use wait::{has_ended, has_error, pause, wait, wait_to_connect};

/// Initialises the socket library: keeps it loaded until the process ends. Lua 5.1 and LuaJIT unload it when they close a
/// state, before finalizers of older objects run, which may call it.
#[cfg(linux_like)]
pub(crate) fn start() {
    let own = start as fn() as *const libc::c_void;
    // SAFETY: `own` is an address in this library; the loader owns the name; with RTLD_NOLOAD nothing is loaded.
    unsafe {
        let mut found: libc::Dl_info = std::mem::zeroed();
        if libc::dladdr(own, &mut found) != 0 && !found.dli_fname.is_null() {
            libc::dlopen(found.dli_fname, libc::RTLD_NOW | libc::RTLD_NOLOAD | libc::RTLD_NODELETE);
        }
    }
}
/// Initialises the socket library: nothing to do.
#[cfg(not(linux_like))]
pub(crate) fn start() {}

/// Whether the library was built with IPv6.
pub(crate) const HAS_IPV6: bool = true;

/// A file descriptor.
pub(crate) type Descriptor = libc::c_int;

/// The most events that one wait for a queue returns.
const BATCH: usize = 1024;

/// No descriptor.
pub(crate) const NO_DESCRIPTOR: Descriptor = -1;

/// Whether a number can be a descriptor: one that is not negative.
#[inline(always)]
pub(crate) fn is_open(fd: Descriptor) -> bool {
    fd >= 0
}

/// Turns a descriptor into a negative number, which no system call accepts, and back. [`NO_DESCRIPTOR`] stays itself.
pub(crate) fn negate(fd: Descriptor) -> Descriptor {
    if fd == NO_DESCRIPTOR { fd } else { -2 - fd }
}

/// Whether the type is `SOCK_STREAM`.
pub(crate) fn is_stream(kind: u16) -> bool {
    i32::from(kind) == libc::SOCK_STREAM
}

/// Whether it is TCP over either Internet protocol.
pub(crate) fn is_tcp(family: u16, kind: u16, proto: i32) -> bool {
    is_stream(kind)
        && matches!(i32::from(family), libc::AF_INET | libc::AF_INET6)
        && matches!(proto, 0 | libc::IPPROTO_TCP)
}

/// Whether the family is `AF_UNIX`.
pub(crate) fn is_local(family: u16) -> bool {
    i32::from(family) == libc::AF_UNIX
}

/// Whether the integer options of a family have 64 bits.
pub(crate) fn has_wide_options(family: u16) -> bool {
    #[cfg(linux_like)]
    return i32::from(family) == libc::AF_VSOCK;
    #[cfg(not(linux_like))]
    {
        let _ = family;
        false
    }
}

/// The default family of `socketpair`.
pub(crate) const PAIR_FAMILY: i32 = libc::AF_UNIX;

/// The default backlog of `listen`.
pub(crate) const DEFAULT_BACKLOG: i32 = if libc::SOMAXCONN < 128 { libc::SOMAXCONN } else { 128 };

/// Turns what a system call returned into a count or an error number.
#[inline(always)]
fn check(returned: isize) -> Result<usize, Errno> {
    if returned >= 0 { Ok(returned as usize) } else { Err(Errno::last()) }
}
