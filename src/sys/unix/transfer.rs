//! send(2), sendto(2), recv(2), recvfrom(2).

use super::descriptor::receive_address;
use super::*;
use crate::sys::{Address, Bytes};

/// Raise no SIGPIPE: a send to a peer that has closed fails with EPIPE.
#[cfg(not(apple))]
pub(super) const NOSIGNAL: i32 = libc::MSG_NOSIGNAL;
#[cfg(apple)]
pub(super) const NOSIGNAL: i32 = 0;

/// Makes a call that sends, with `NOSIGNAL`. RDS and QIPCRTR reject unknown flags before they send anything, and raise
/// no SIGPIPE: for them the call is repeated without it.
#[inline(always)]
pub(super) fn with_nosignal(fd: Descriptor, flags: i32, call: impl Fn(i32) -> isize) -> Result<usize, Errno> {
    let result = check(call(flags | NOSIGNAL));
    match result {
        Err(errno) if refuses_flags(fd, errno) => check(call(flags)),
        _ => result,
    }
}

/// Whether a call failed because of `NOSIGNAL`.
#[cold]
#[cfg(linux_like)]
fn refuses_flags(fd: Descriptor, errno: Errno) -> bool {
    [libc::EINVAL, libc::EOPNOTSUPP].contains(&errno.0)
        && socket_family(fd).is_ok_and(|family| [libc::AF_RDS, crate::sys::AF_QIPCRTR].contains(&family))
}

#[cfg(not(linux_like))]
fn refuses_flags(_: Descriptor, _: Errno) -> bool {
    false
}

/// Do not wait in this call.
pub(crate) const DONT_WAIT: i32 = libc::MSG_DONTWAIT;

/// Wait until the buffer is full.
pub(crate) const WAIT_ALL: i32 = libc::MSG_WAITALL;

/// Leave the bytes to be received again.
pub(crate) const PEEK: i32 = libc::MSG_PEEK;

/// Receive from the error queue, which never waits.
#[cfg(linux_like)]
pub(crate) const ERROR_QUEUE: i32 = libc::MSG_ERRQUEUE;
#[cfg(not(linux_like))]
pub(crate) const ERROR_QUEUE: i32 = 0;

/// Send without copying: the system reads the bytes after the call, when Lua may have freed them.
#[cfg(linux)]
pub(crate) const ZERO_COPY: i32 = libc::MSG_ZEROCOPY;
#[cfg(android)]
pub(crate) const ZERO_COPY: i32 = 0x0400_0000; // linux/socket.h
#[cfg(not(linux_like))]
pub(crate) const ZERO_COPY: i32 = 0;

/// Flags with which a receive writes all bytes that it counts. With `MSG_TRUNC` TCP counts bytes without writing them.
#[cfg(linux_like)]
const WRITES: i32 = libc::MSG_DONTWAIT
    | libc::MSG_WAITALL
    | libc::MSG_PEEK
    | libc::MSG_OOB
    | libc::MSG_ERRQUEUE
    | libc::MSG_CMSG_CLOEXEC
    | libc::MSG_NOSIGNAL;
#[cfg(not(linux_like))]
const WRITES: i32 = libc::MSG_DONTWAIT | libc::MSG_WAITALL | libc::MSG_PEEK | libc::MSG_OOB;

/// Initialises what a receive with these flags may count without writing it.
#[inline(always)]
pub(super) fn prepare<const INITIALISED: bool>(target: &mut ReceiveBuffer<'_, INITIALISED>, flags: i32) {
    if flags & !WRITES != 0 {
        target.clear();
    }
}

/// send(2).
#[inline(always)]
pub(crate) fn send(fd: Descriptor, data: Bytes, flags: i32) -> Result<usize, Errno> {
    // SAFETY: `data` is only read.
    with_nosignal(fd, flags, |flags| unsafe { libc::send(fd, data.as_ptr().cast(), data.len(), flags) })
}

/// send(2) that does not wait, on a blocking or a non-blocking socket.
pub(crate) fn send_at_once(fd: Descriptor, data: Bytes, _: bool) -> Result<usize, Errno> {
    send(fd, data, DONT_WAIT)
}

/// sendto(2).
#[inline(always)]
pub(crate) fn sendto(fd: Descriptor, data: Bytes, flags: i32, address: &Address) -> Result<usize, Errno> {
    let to = address.as_bytes();
    // SAFETY: `data` is only read; `to` is a sockaddr of that length.
    with_nosignal(fd, flags, |flags| unsafe {
        libc::sendto(fd, data.as_ptr().cast(), data.len(), flags, to.as_ptr().cast(), to.len() as _)
    })
}

/// recv(2).
#[inline(always)]
pub(crate) fn recv<const INITIALISED: bool>(
    fd: Descriptor,
    target: &mut ReceiveBuffer<'_, INITIALISED>,
    flags: i32,
) -> Result<usize, Errno> {
    prepare(target, flags);
    // SAFETY: the system writes within the bytes, as many as it returns where they are not cleared.
    unsafe { target.fill(|start, length| check(libc::recv(fd, start.cast(), length, flags))) }
}

/// recvfrom(2).
#[inline(always)]
pub(crate) fn recvfrom<const INITIALISED: bool>(
    fd: Descriptor,
    target: &mut ReceiveBuffer<'_, INITIALISED>,
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
