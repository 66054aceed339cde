//! Windows: Winsock 2.

mod absent;
mod database;
mod descriptor;
mod error;
mod file;
pub(crate) mod headers;
mod ioctl;
mod message;
mod name;
mod option;
mod pair;
mod poll;
mod share;
mod transfer;
mod wait;

use std::os::windows::io::{AsRawSocket, BorrowedSocket, FromRawSocket, IntoRawSocket, OwnedSocket};
use std::sync::Once;

use windows_sys::Win32::Networking::WinSock::{self, SOCKET};

use super::{Filling, Readiness, Target};

pub(crate) use absent::*;
pub(crate) use database::*;
pub(crate) use descriptor::*;
pub(crate) use error::{Errno, HostError, ResolverError};
pub(crate) use file::{File, sendfile};
pub(crate) use ioctl::{CONTROLS, ioctl};
pub(crate) use message::*;
pub(crate) use name::*;
pub(crate) use option::*;
pub(crate) use pair::socketpair;
pub(crate) use poll::{poll, poll_entry};
pub(crate) use share::{SHARE_SIZE, from_share, share};
pub(crate) use transfer::*;
pub(crate) use wait::{has_ended, has_error, pause, wait};

/// Makes the system ready: WSAStartup, once for the process, which never gives it up.
pub(crate) fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        // SAFETY: all fields may be zero; the room is valid. A failure shows in every call that follows.
        unsafe {
            let mut data: WinSock::WSADATA = std::mem::zeroed();
            WinSock::WSAStartup(0x202, &mut data);
        }
    });
}

/// Whether the system was built with IPv6.
pub(crate) const HAS_IPV6: bool = true;

/// A socket as the system knows it: a `SOCKET`, of which no number is larger. Negative numbers are none.
pub(crate) type Descriptor = i64;

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

/// The descriptor as the calls take it; `INVALID_SOCKET` for what is none.
#[inline(always)]
fn handle(fd: Descriptor) -> SOCKET {
    if is_open(fd) { fd as SOCKET } else { WinSock::INVALID_SOCKET }
}

/// Whether the type is that of a stream of bytes.
pub(crate) fn is_stream(kind: u16) -> bool {
    i32::from(kind) == WinSock::SOCK_STREAM
}

/// Only asked for what no event tells here.
pub(crate) fn is_tcp(_: u16, _: u16, _: i32) -> bool {
    false
}

/// Whether the family is that of sockets of one machine.
pub(crate) fn is_local(family: u16) -> bool {
    i32::from(family) == headers::AF_UNIX
}

/// Whether the integers among the options of a family have 64 bits.
pub(crate) fn has_wide_options(_: u16) -> bool {
    false
}

/// The family of a pair when nothing is said.
pub(crate) const PAIR_FAMILY: i32 = headers::AF_INET;

/// How many connections wait to be accepted when nothing is said.
pub(crate) const DEFAULT_BACKLOG: i32 = 128;

/// A descriptor that closes when it is dropped.
pub(crate) type Owned = OwnedSocket;

/// Turns what a call on a descriptor returned, a count or -1, into a count or an error number.
#[inline(always)]
fn check(fd: Descriptor, returned: i32) -> Result<usize, Errno> {
    if returned >= 0 { Ok(returned as usize) } else { Err(Errno::last_of(fd)) }
}
