//! sendmsg(2) and recvmsg(2).

use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr::NonNull;

use super::transfer::{prepare, with_nosignal};
use super::*;
use crate::sys::{Address, Bytes, ControlBuffer};

/// An `iovec` of a `T`: `Bytes` to send from, cells to receive into.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct IoSlice<T> {
    vector: libc::iovec,
    given: PhantomData<T>,
}

impl<'a> IoSlice<Bytes<'a>> {
    pub(crate) fn new(bytes: Bytes<'a>) -> Self {
        let vector = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
        IoSlice { vector, given: PhantomData }
    }

    /// What `new` was given.
    pub(crate) fn bytes(self) -> Bytes<'a> {
        // SAFETY: what `new` was given.
        unsafe { Bytes::from_raw(NonNull::new_unchecked(self.vector.iov_base.cast()), self.vector.iov_len) }
    }
}

impl<'a> IoSlice<&'a [Cell<u8>]> {
    pub(crate) fn new(cells: &'a [Cell<u8>]) -> Self {
        let vector = libc::iovec { iov_base: cells.as_ptr().cast_mut().cast(), iov_len: cells.len() };
        IoSlice { vector, given: PhantomData }
    }

    /// What `new` was given.
    pub(crate) fn cells(self) -> &'a [Cell<u8>] {
        // SAFETY: what `new` was given.
        unsafe { std::slice::from_raw_parts(self.vector.iov_base.cast(), self.vector.iov_len) }
    }
}

/// The most of them in one message.
#[cfg(linux_like)]
pub(crate) const IOV_MAX: usize = libc::UIO_MAXIOV as usize;
#[cfg(not(linux_like))]
pub(crate) const IOV_MAX: usize = libc::IOV_MAX as usize;

/// The level and the type of control messages with descriptors that another process sent.
pub(crate) const RIGHTS: &[(i32, i32)] = &[(libc::SOL_SOCKET, libc::SCM_RIGHTS)];

/// The level and the type of all control messages with descriptors, `RIGHTS` first. With `SO_PASSPIDFD` Linux adds
/// `SCM_PIDFD`, a descriptor of the process that sent.
#[cfg(linux_like)]
pub(crate) const HOLDERS: &[(i32, i32)] = &[RIGHTS[0], (libc::SOL_SOCKET, SCM_PIDFD)];
/// From `linux/socket.h`; the libc crate lacks it.
#[cfg(linux_like)]
const SCM_PIDFD: i32 = 4;
#[cfg(not(linux_like))]
pub(crate) const HOLDERS: &[(i32, i32)] = RIGHTS;

/// `CMSG_LEN`: the bytes of a control message with so much data, without padding after it.
pub(crate) fn cmsg_len(data: u32) -> usize {
    // SAFETY: plain arithmetic.
    unsafe { libc::CMSG_LEN(0) as usize + data as usize }
}

/// `CMSG_SPACE`: the bytes of a control message with so much data, with the padding after it.
pub(crate) fn cmsg_space(data: u32) -> usize {
    // SAFETY: plain arithmetic; the padding goes to a multiple of what one byte takes beyond none.
    let padding = unsafe { (libc::CMSG_SPACE(1) - libc::CMSG_SPACE(0)) as usize };
    cmsg_len(0) + (data as usize).next_multiple_of(padding)
}

/// The largest argument of the two, so that lengths fit into an `int`.
pub(crate) const MAX_CMSG_DATA: u32 = i32::MAX as u32 - 64;

/// sendmsg(2).
pub(crate) fn sendmsg(
    fd: Descriptor,
    pieces: &[IoSlice<Bytes>],
    control: &ControlBuffer,
    flags: i32,
    address: Option<&Address>,
) -> Result<usize, Errno> {
    // SAFETY: all fields may be zero.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = pieces.as_ptr().cast_mut().cast();
    message.msg_iovlen = pieces.len() as _;
    let (start, length) = control.raw();
    (message.msg_control, message.msg_controllen) = (start.cast(), length as _);
    if let Some(address) = address {
        message.msg_name = address.as_bytes().as_ptr().cast_mut().cast();
        message.msg_namelen = address.as_bytes().len() as _;
    }
    // SAFETY: everything that the message points to is valid, and only read.
    with_nosignal(fd, flags, |flags| unsafe { libc::sendmsg(fd, &message, flags) })
}

/// Received descriptors are close-on-exec. macOS has no such flag.
#[cfg(not(apple))]
const CLOSE_ON_EXEC: i32 = libc::MSG_CMSG_CLOEXEC;
#[cfg(apple)]
const CLOSE_ON_EXEC: i32 = 0;

/// `MSG_CMSG_CLOEXEC` for Unix sockets. Others carry no descriptors, and some families reject unknown flags.
pub(crate) fn cmsg_cloexec_flag(family: u16) -> i32 {
    if i32::from(family) == libc::AF_UNIX { CLOSE_ON_EXEC } else { 0 }
}

/// recvmsg(2) into several buffers, `control` and `address`: the number of bytes, and the flags.
#[allow(clippy::bad_bit_mask, reason = "some systems have no such flag")]
pub(crate) fn recvmsg_into(
    fd: Descriptor,
    pieces: &[IoSlice<&[Cell<u8>]>],
    control: &mut ControlBuffer,
    flags: i32,
    address: &mut Address,
) -> Result<(usize, i32), Errno> {
    // SAFETY: all fields may be zero.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = pieces.as_ptr().cast_mut().cast();
    message.msg_iovlen = pieces.len() as _;
    message.msg_name = address.room().as_mut_ptr().cast();
    message.msg_namelen = Address::SIZE as _;
    let (start, length) = control.raw_mut();
    (message.msg_control, message.msg_controllen) = (start.cast(), length as _);
    // SAFETY: everything that the message points to is valid and may be written.
    let count = check(unsafe { libc::recvmsg(fd, &mut message, flags) })?;
    #[allow(clippy::unnecessary_cast, reason = "the length has 32 bits on some systems")]
    // SAFETY: the call wrote them, and made the descriptors.
    unsafe {
        control.set_received(message.msg_controllen as usize)
    };
    if flags & CLOSE_ON_EXEC == 0 {
        for fd in control.descriptors(HOLDERS) {
            set_inheritable(fd, false)?;
        }
    }
    address.set_length(message.msg_namelen as usize);
    // Some systems return the flag, which was not the caller's.
    Ok((count, message.msg_flags & !CLOSE_ON_EXEC))
}

/// recvmsg(2) into one buffer.
pub(crate) fn recvmsg(
    fd: Descriptor,
    target: &mut ReceiveBuffer,
    control: &mut ControlBuffer,
    flags: i32,
    address: &mut Address,
) -> Result<(usize, i32), Errno> {
    prepare(target, flags);
    let mut arrived = 0;
    let call = |start: *mut u8, length: usize| {
        let vector = libc::iovec { iov_base: start.cast(), iov_len: length };
        let (count, flags) = recvmsg_into(fd, &[IoSlice { vector, given: PhantomData }], control, flags, address)?;
        arrived = flags;
        Ok::<usize, Errno>(count)
    };
    // SAFETY: the system writes within the piece, as many bytes as it returns where they are not cleared.
    let count = unsafe { target.fill(call) }?;
    Ok((count, arrived))
}
