//! WSASendMsg and WSARecvMsg, and WSASendTo and WSARecvFrom where those do not work.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};

use windows_sys::Win32::Networking::WinSock::{
    CMSGHDR, LPFN_WSARECVMSG, MSG_CTRUNC, MSG_TRUNC, SIO_GET_EXTENSION_FUNCTION_POINTER, WSABUF, WSAID_WSARECVMSG,
    WSAIoctl, WSAMSG, WSARecvFrom, WSASendMsg, WSASendTo,
};

use super::descriptor::receive_address;
use super::*;
use crate::sys::{Address, Bytes, ControlBuffer};

/// A `WSABUF` of a `T`: `Bytes` to send from, cells to receive into.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct IoSlice<T> {
    buffer: WSABUF,
    given: PhantomData<T>,
}

impl<'a> IoSlice<Bytes<'a>> {
    pub(crate) fn new(bytes: Bytes<'a>) -> Self {
        IoSlice { buffer: buffer(bytes.as_ptr().cast_mut(), bytes.len()), given: PhantomData }
    }

    /// What `new` was given.
    pub(crate) fn bytes(self) -> Bytes<'a> {
        // SAFETY: what `new` was given.
        unsafe { Bytes::from_raw(NonNull::new_unchecked(self.buffer.buf), self.buffer.len as usize) }
    }
}

impl<'a> IoSlice<&'a [Cell<u8>]> {
    pub(crate) fn new(cells: &'a [Cell<u8>]) -> Self {
        IoSlice { buffer: buffer(cells.as_ptr().cast_mut().cast(), cells.len()), given: PhantomData }
    }

    /// What `new` was given.
    pub(crate) fn cells(self) -> &'a [Cell<u8>] {
        // SAFETY: what `new` was given.
        unsafe { std::slice::from_raw_parts(self.buffer.buf.cast(), self.buffer.len as usize) }
    }
}

/// Its length has 32 bits.
fn buffer(start: *mut u8, length: usize) -> WSABUF {
    WSABUF { len: u32::try_from(length).unwrap_or(u32::MAX), buf: start }
}

/// The level and the type of control messages with descriptors: there are none.
pub(crate) const RIGHTS: &[(i32, i32)] = &[];
pub(crate) const HOLDERS: &[(i32, i32)] = &[];

/// The most of them in one message.
pub(crate) const IOV_MAX: usize = 1024;

/// `WSA_CMSG_LEN`: the bytes of a control message with so much data, without padding after it.
pub(crate) fn cmsg_len(data: u32) -> usize {
    size_of::<CMSGHDR>() + data as usize
}

/// `WSA_CMSG_SPACE`: the bytes of a control message with so much data, with the padding after it.
pub(crate) fn cmsg_space(data: u32) -> usize {
    size_of::<CMSGHDR>() + (data as usize).next_multiple_of(align_of::<CMSGHDR>())
}

/// The largest argument of the two, so that lengths fit into an `int`.
pub(crate) const MAX_CMSG_DATA: u32 = i32::MAX as u32 - 64;

/// A `WSAMSG`, which points to what it is given; the pieces are `WSABUF`s.
fn message<T>(pieces: &[T], (buf, len): (*mut u8, usize), name: *mut u8, length: usize) -> WSAMSG {
    WSAMSG {
        name: name.cast(),
        namelen: length as i32,
        lpBuffers: pieces.as_ptr().cast_mut().cast(),
        dwBufferCount: pieces.len() as u32,
        Control: WSABUF { len: len as u32, buf },
        dwFlags: 0,
    }
}

/// WSASendMsg; without control messages WSASendTo, which also works for streams.
pub(crate) fn sendmsg(
    fd: Descriptor,
    pieces: &[IoSlice<Bytes>],
    control: &ControlBuffer,
    flags: i32,
    address: Option<&Address>,
) -> Result<usize, Errno> {
    let to = address.map_or(&[][..], Address::as_bytes);
    let start = if to.is_empty() { ptr::null_mut() } else { to.as_ptr().cast_mut() };
    let (mut sent, flags) = (0, flags as u32);
    // SAFETY: everything that is pointed to is valid, and only read.
    let returned = unsafe {
        if control.is_empty() {
            let (buffers, count) = (pieces.as_ptr().cast(), pieces.len() as u32);
            let to_length = to.len() as i32;
            WSASendTo(handle(fd), buffers, count, &mut sent, flags, start.cast(), to_length, ptr::null_mut(), None)
        } else {
            let message = message(pieces, control.raw(), start, to.len());
            WSASendMsg(handle(fd), &message, flags, &mut sent, ptr::null_mut(), None)
        }
    };
    check(fd, returned).map(|_| sent as usize)
}

/// A flag for received descriptors: Winsock carries none.
pub(crate) fn cmsg_cloexec_flag(_: u16) -> i32 {
    0
}

/// WSARecvMsg into several buffers, `control` and `address`; for streams, and without space for control messages,
/// WSARecvFrom. A truncated message has flags, as on Unix, and is no failure.
pub(crate) fn recvmsg_into(
    fd: Descriptor,
    pieces: &[IoSlice<&[Cell<u8>]>],
    control: &mut ControlBuffer,
    flags: i32,
    address: &mut Address,
) -> Result<(usize, i32), Errno> {
    let (mut received, mut told) = (0, flags as u32);
    let plain = control.is_empty() || socket_type(fd)? == WinSock::SOCK_STREAM;
    if plain {
        // SAFETY: no bytes.
        unsafe { control.set_received(0) };
        receive_address(address, |from, length| {
            let (buffers, count) = (pieces.as_ptr().cast(), pieces.len() as u32);
            // SAFETY: everything that is pointed to is valid and may be written.
            let returned = unsafe {
                let (received, told) = (&mut received, &mut told);
                WSARecvFrom(handle(fd), buffers, count, received, told, from, length, ptr::null_mut(), None)
            };
            match check(fd, returned) {
                Err(Errno::MESSAGE_SIZE) => told |= MSG_TRUNC,
                outcome => drop(outcome?),
            }
            Ok(())
        })?;
    } else {
        let call = receiver(fd)?.ok_or(Errno::NOT_SUPPORTED)?;
        receive_address(address, |from, length| {
            let mut message = message(pieces, control.raw_mut(), from.cast(), *length as usize);
            message.dwFlags = told;
            // SAFETY: as above; the function belongs to this socket.
            let returned = unsafe { call(handle(fd), &mut message, &mut received, ptr::null_mut(), None) };
            told = message.dwFlags;
            match check(fd, returned) {
                // The flags say whether data or control messages were truncated.
                Err(Errno::MESSAGE_SIZE) if told & MSG_CTRUNC == 0 => told |= MSG_TRUNC,
                Err(Errno::MESSAGE_SIZE) => {}
                outcome => drop(outcome?),
            }
            *length = message.namelen;
            // SAFETY: the call wrote them; there are no descriptors in them.
            unsafe { control.set_received(message.Control.len as usize) };
            Ok(())
        })?;
    }
    let room: usize = pieces.iter().map(|piece| piece.buffer.len as usize).sum();
    let count = if told & MSG_TRUNC != 0 { room } else { room.min(received as usize) };
    Ok((count, told as i32))
}

/// WSARecvMsg, a function that is looked up for each provider.
fn receiver(fd: Descriptor) -> Result<LPFN_WSARECVMSG, Errno> {
    let (mut call, mut answered): (LPFN_WSARECVMSG, u32) = (None, 0);
    let provider = WSAID_WSARECVMSG;
    // SAFETY: the identifier is only read; the room has the size of the pointer that is asked for.
    let returned = unsafe {
        WSAIoctl(
            handle(fd),
            SIO_GET_EXTENSION_FUNCTION_POINTER,
            (&raw const provider).cast(),
            size_of_val(&provider) as u32,
            (&raw mut call).cast(),
            size_of_val(&call) as u32,
            &mut answered,
            ptr::null_mut(),
            None,
        )
    };
    check(fd, returned).map(|_| call)
}

/// WSARecvMsg into one buffer.
pub(crate) fn recvmsg(
    fd: Descriptor,
    target: &mut ReceiveBuffer,
    control: &mut ControlBuffer,
    flags: i32,
    address: &mut Address,
) -> Result<(usize, i32), Errno> {
    let mut arrived = 0;
    let call = |start: *mut u8, length: usize| {
        let (count, flags) = recvmsg_into(
            fd,
            &[IoSlice { buffer: buffer(start, length), given: PhantomData }],
            control,
            flags,
            address,
        )?;
        arrived = flags;
        Ok::<usize, Errno>(count)
    };
    // SAFETY: the system writes within the piece, as many bytes as it returns.
    let count = unsafe { target.fill(call) }?;
    Ok((count, arrived))
}
