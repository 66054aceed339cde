//! Sending and receiving.

use std::cell::Cell;

use super::descriptor::receive_address;
use super::*;
use crate::address::Address;

/// Keeps SIGPIPE from the process: a send to a peer that is gone fails with EPIPE.
#[cfg(not(any(target_os = "macos", target_os = "ios")))]
pub(super) const QUIET: i32 = libc::MSG_NOSIGNAL;
#[cfg(any(target_os = "macos", target_os = "ios"))]
pub(super) const QUIET: i32 = 0; // SO_NOSIGPIPE is set on every socket instead.

/// Makes a single call of a blocking socket return instead of wait.
pub(crate) const DONT_WAIT: i32 = libc::MSG_DONTWAIT;

/// Makes a receive wait until all that was asked for is there.
pub(crate) const WAIT_ALL: i32 = libc::MSG_WAITALL;

/// send(2).
#[inline(always)]
pub(crate) fn send(fd: Descriptor, data: &[Cell<u8>], flags: i32) -> Result<usize, Errno> {
    // SAFETY: `data` is only read.
    check(unsafe { libc::send(fd, data.as_ptr().cast(), data.len(), flags | QUIET) })
}

/// sendto(2).
#[inline(always)]
pub(crate) fn sendto(fd: Descriptor, data: &[Cell<u8>], flags: i32, address: &Address) -> Result<usize, Errno> {
    let to = address.as_bytes();
    // SAFETY: `data` is only read; `to` is a sockaddr of that length.
    check(unsafe {
        libc::sendto(fd, data.as_ptr().cast(), data.len(), flags | QUIET, to.as_ptr().cast(), to.len() as _)
    })
}

/// recv(2).
#[inline(always)]
pub(crate) fn recv(fd: Descriptor, target: &mut impl Target, flags: i32) -> Result<usize, Errno> {
    // SAFETY: the system writes within the bytes, as many as it returns.
    unsafe { target.fill(|start, length| check(libc::recv(fd, start.cast(), length, flags))) }
}

/// recvfrom(2).
#[inline(always)]
pub(crate) fn recvfrom(
    fd: Descriptor,
    target: &mut impl Target,
    flags: i32,
    address: &mut Address,
) -> Result<usize, Errno> {
    let call = |start: *mut u8, room: usize| {
        // SAFETY: the system writes within both.
        receive_address(address, |from, length| unsafe {
            check(libc::recvfrom(fd, start.cast(), room, flags, from, length))
        })
    };
    // SAFETY: the system initialises as many bytes as it returns.
    unsafe { target.fill(call) }
}
