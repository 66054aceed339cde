//! Windows: Winsock 2.

mod database;
mod descriptor;
mod error;
mod file;
pub(crate) mod headers;
mod interface;
mod ioctl;
mod message;
mod name;
mod option;
mod pair;
mod poll;
mod queue;
mod share;
mod thread;
mod transfer;
mod wait;

/// A descriptor that closes when it is dropped.
pub(crate) use std::os::windows::io::OwnedSocket as Owned;
use std::os::windows::io::{AsRawSocket, BorrowedSocket, FromRawSocket, IntoRawSocket};
use std::sync::Once;

use windows_sys::Win32::Networking::WinSock::{self, SOCKET};

use super::{Ready, ReceiveBuffer};

pub(crate) use database::*;
pub(crate) use descriptor::*;
pub(crate) use error::{Errno, ResolverError, write_host_error};
pub(crate) use file::{File, sendfile};
pub(crate) use interface::{INTERFACE_FLAGS, getifaddrs};
pub(crate) use ioctl::{CONTROLS, ioctl};
pub(crate) use message::*;
pub(crate) use name::*;
pub(crate) use option::*;
pub(crate) use pair::socketpair;
pub(crate) use poll::{poll, poll_entry};
pub(crate) use queue::Queue;
pub(crate) use share::{SHARE_SIZE, from_share, share};
#[cfg(feature = "lua55")]
pub(crate) use thread::stay_loaded;
pub(crate) use thread::{descriptor_limit, ignore_sigpipe, spawn};
pub(crate) use transfer::*;
pub(crate) use wait::{has_ended, has_error, pause, wait, wait_to_connect};

/// Initialises the socket library: WSAStartup, once in the process, without WSACleanup.
pub(crate) fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        // SAFETY: all fields may be zero; the structure is valid. After a failure every other call fails.
        unsafe {
            let mut data: WinSock::WSADATA = std::mem::zeroed();
            WinSock::WSAStartup(0x202, &mut data);
        }
    });
}

/// Whether the library was built with IPv6.
pub(crate) const HAS_IPV6: bool = true;

/// A `SOCKET`, all of which fit. Negative numbers are none.
pub(crate) type Descriptor = i64;

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

/// The descriptor as the calls take it; `INVALID_SOCKET` for what is none.
#[inline(always)]
fn handle(fd: Descriptor) -> SOCKET {
    if is_open(fd) { fd as SOCKET } else { WinSock::INVALID_SOCKET }
}

/// Whether the type is `SOCK_STREAM`.
pub(crate) fn is_stream(kind: u16) -> bool {
    i32::from(kind) == WinSock::SOCK_STREAM
}

/// Whether it is TCP, for hints from edge-triggered events, which Windows does not have.
pub(crate) fn is_tcp(_: u16, _: u16, _: i32) -> bool {
    false
}

/// The number of forks of the process: Windows has none.
pub(crate) fn forks() -> usize {
    0
}

/// Whether a path leads to something that is no socket: Windows says so itself.
pub(crate) fn is_other_file(_: &[u8]) -> bool {
    false
}

/// Whether the family is `AF_UNIX`.
pub(crate) fn is_local(family: u16) -> bool {
    i32::from(family) == headers::AF_UNIX
}

/// Whether the integer options of a family have 64 bits.
pub(crate) fn has_wide_options(_: u16) -> bool {
    false
}

/// The default family of `socketpair`.
pub(crate) const PAIR_FAMILY: i32 = headers::AF_INET;

/// The default backlog of `listen`.
pub(crate) const DEFAULT_BACKLOG: i32 = 128;

/// Turns what a call on a descriptor returned, a count or -1, into a count or an error number.
#[inline(always)]
fn check(fd: Descriptor, returned: i32) -> Result<usize, Errno> {
    if returned >= 0 { Ok(returned as usize) } else { Err(Errno::last_of(fd)) }
}
