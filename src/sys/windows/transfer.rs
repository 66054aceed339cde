//! send, sendto, recv, recvfrom.

use super::descriptor::receive_address;
use super::*;
use crate::sys::{Address, Bytes};

/// Do not wait in this call: Winsock has no such flag.
pub(crate) const DONT_WAIT: i32 = 0;

/// Wait until the buffer is full.
pub(crate) const WAIT_ALL: i32 = WinSock::MSG_WAITALL;

/// Leave the bytes to be received again.
pub(crate) const PEEK: i32 = WinSock::MSG_PEEK;

/// Winsock has no such flags.
pub(crate) const ERROR_QUEUE: i32 = 0;
pub(crate) const ZERO_COPY: i32 = 0;

/// A length as the calls take it.
#[inline(always)]
fn length(bytes: usize) -> i32 {
    bytes.min(i32::MAX as usize) as i32
}

/// send.
#[inline(always)]
pub(crate) fn send(fd: Descriptor, data: Bytes, flags: i32) -> Result<usize, Errno> {
    // SAFETY: `data` is only read.
    check(fd, unsafe { WinSock::send(handle(fd), data.as_ptr().cast(), length(data.len()), flags) })
}

/// send that does not wait, on a blocking or a non-blocking socket.
pub(crate) fn send_at_once(fd: Descriptor, data: Bytes, blocks: bool) -> Result<usize, Errno> {
    if blocks {
        set_nonblocking(fd, true)?;
    }
    let sent = send(fd, data, 0);
    if blocks {
        set_nonblocking(fd, false)?;
    }
    sent
}

/// sendto.
#[inline(always)]
pub(crate) fn sendto(fd: Descriptor, data: Bytes, flags: i32, address: &Address) -> Result<usize, Errno> {
    let (start, to) = (data.as_ptr().cast(), address.as_bytes());
    // SAFETY: `data` is only read; `to` is a sockaddr of that length.
    let returned =
        unsafe { WinSock::sendto(handle(fd), start, length(data.len()), flags, to.as_ptr().cast(), to.len() as i32) };
    check(fd, returned)
}

/// recv.
#[inline(always)]
pub(crate) fn recv<const INITIALISED: bool>(
    fd: Descriptor,
    target: &mut ReceiveBuffer<'_, INITIALISED>,
    flags: i32,
) -> Result<usize, Errno> {
    // SAFETY: the system writes within the bytes, as many as it returns.
    unsafe { target.fill(|start, room| check(fd, WinSock::recv(handle(fd), start, length(room), flags))) }
}

/// recvfrom.
#[inline(always)]
pub(crate) fn recvfrom<const INITIALISED: bool>(
    fd: Descriptor,
    target: &mut ReceiveBuffer<'_, INITIALISED>,
    flags: i32,
    address: &mut Address,
) -> Result<usize, Errno> {
    let call = |start: *mut u8, room: usize| {
        // SAFETY: the system writes within both.
        receive_address(address, |from, size| unsafe {
            check(fd, WinSock::recvfrom(handle(fd), start, length(room), flags, from, size))
        })
    };
    // SAFETY: the system initialises as many bytes as it returns.
    unsafe { target.fill(call) }
}
