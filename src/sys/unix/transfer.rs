//! Sending and receiving.

use std::cell::Cell;

use super::descriptor::receive_address;
use super::*;
use crate::address::Address;

/// Keeps SIGPIPE from the process: a send to a peer that is gone fails with EPIPE.
#[cfg(not(any(target_os = "macos", target_os = "ios")))]
pub(super) const NOSIGNAL: i32 = libc::MSG_NOSIGNAL;
#[cfg(any(target_os = "macos", target_os = "ios"))]
pub(super) const NOSIGNAL: i32 = 0;

/// Where there is no such flag, a socket that was not made here is told. socket2 tells those that it makes.
pub(super) fn set_nosigpipe(socket: Owned) -> Owned {
    #[cfg(any(target_os = "macos", target_os = "ios"))]
    let _ = setsockopt_integer(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_NOSIGPIPE, 1);
    socket
}

/// Makes a call that sends, with `NOSIGNAL` among its flags. Two families refuse a flag that they do not know, before they
/// send anything, and never raise the signal: for them the call is made again without it.
#[inline(always)]
pub(super) fn with_nosignal(fd: Descriptor, flags: i32, call: impl Fn(i32) -> isize) -> Result<usize, Errno> {
    let result = check(call(flags | NOSIGNAL));
    match result {
        Err(errno) if refuses_flags(fd, errno) => check(call(flags)),
        _ => result,
    }
}

/// Whether a call failed for a flag of ours: by RDS and QIPCRTR.
#[cold]
#[cfg(any(target_os = "linux", target_os = "android"))]
fn refuses_flags(fd: Descriptor, errno: Errno) -> bool {
    [libc::EINVAL, libc::EOPNOTSUPP].contains(&errno.0)
        && socket_family(fd).is_ok_and(|family| [libc::AF_RDS, crate::address::AF_QIPCRTR].contains(&family))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn refuses_flags(_: Descriptor, _: Errno) -> bool {
    false
}

/// Makes a single call of a blocking socket return instead of wait.
pub(crate) const DONT_WAIT: i32 = libc::MSG_DONTWAIT;

/// Makes a receive wait until all that was asked for is there.
pub(crate) const WAIT_ALL: i32 = libc::MSG_WAITALL;

/// Makes a receive leave the bytes to be received again.
pub(crate) const PEEK: i32 = libc::MSG_PEEK;

/// Makes a receive take from the queue of errors, for which no call ever waits.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) const ERROR_QUEUE: i32 = libc::MSG_ERRQUEUE;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) const ERROR_QUEUE: i32 = 0;

/// Has the system read the bytes after the call has returned, when Lua may have freed them.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) const ZERO_COPY: i32 = libc::MSG_ZEROCOPY;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) const ZERO_COPY: i32 = 0;

/// Flags with which a receive writes all bytes that it counts. With `MSG_TRUNC` TCP counts bytes and writes none.
#[cfg(any(target_os = "linux", target_os = "android"))]
const WRITES: i32 = libc::MSG_DONTWAIT
    | libc::MSG_WAITALL
    | libc::MSG_PEEK
    | libc::MSG_OOB
    | libc::MSG_ERRQUEUE
    | libc::MSG_CMSG_CLOEXEC
    | libc::MSG_NOSIGNAL;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const WRITES: i32 = libc::MSG_DONTWAIT | libc::MSG_WAITALL | libc::MSG_PEEK | libc::MSG_OOB;

/// Initialises what a receive with these flags may count without writing it.
#[inline(always)]
pub(super) fn prepare(target: &mut impl Target, flags: i32) {
    if flags & !WRITES != 0 {
        target.clear();
    }
}

/// send(2).
#[inline(always)]
pub(crate) fn send(fd: Descriptor, data: &[Cell<u8>], flags: i32) -> Result<usize, Errno> {
    // SAFETY: `data` is only read.
    with_nosignal(fd, flags, |flags| unsafe { libc::send(fd, data.as_ptr().cast(), data.len(), flags) })
}

/// send(2) that does not wait, on a socket that otherwise blocks or not.
pub(crate) fn send_at_once(fd: Descriptor, data: &[Cell<u8>], _: bool) -> Result<usize, Errno> {
    send(fd, data, DONT_WAIT)
}

/// sendto(2).
#[inline(always)]
pub(crate) fn sendto(fd: Descriptor, data: &[Cell<u8>], flags: i32, address: &Address) -> Result<usize, Errno> {
    let to = address.as_bytes();
    // SAFETY: `data` is only read; `to` is a sockaddr of that length.
    with_nosignal(fd, flags, |flags| unsafe {
        libc::sendto(fd, data.as_ptr().cast(), data.len(), flags, to.as_ptr().cast(), to.len() as _)
    })
}

/// recv(2).
#[inline(always)]
pub(crate) fn recv(fd: Descriptor, target: &mut impl Target, flags: i32) -> Result<usize, Errno> {
    prepare(target, flags);
    // SAFETY: the system writes within the bytes, as many as it returns where they are not cleared.
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
    prepare(target, flags);
    let call = |start: *mut u8, room: usize| {
        // SAFETY: the system writes within both.
        receive_address(address, |from, length| unsafe {
            check(libc::recvfrom(fd, start.cast(), room, flags, from, length))
        })
    };
    // SAFETY: the system initialises as many bytes as it returns where they are not cleared.
    unsafe { target.fill(call) }
}
