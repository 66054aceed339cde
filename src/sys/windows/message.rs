//! WSASendMsg and WSARecvMsg, and what does their work where they do not go.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr;

use windows_sys::Win32::Networking::WinSock::{
    CMSGHDR, LPFN_WSARECVMSG, MSG_CTRUNC, MSG_TRUNC, SIO_GET_EXTENSION_FUNCTION_POINTER, WSABUF, WSAID_WSARECVMSG,
    WSAIoctl, WSAMSG, WSARecvFrom, WSASendMsg, WSASendTo,
};

use super::descriptor::receive_address;
use super::*;
use crate::address::Address;
use crate::sys::ControlBuffer;

/// One of the pieces of memory that a message is gathered from or scattered into.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct IoSlice<'a> {
    buffer: WSABUF,
    lifetime: PhantomData<&'a [Cell<u8>]>,
}

impl<'a> IoSlice<'a> {
    pub(crate) fn new(bytes: &'a [Cell<u8>]) -> Self {
        IoSlice::of(bytes.as_ptr().cast_mut().cast(), bytes.len())
    }

    fn of(start: *mut u8, length: usize) -> Self {
        let buffer = WSABUF { len: u32::try_from(length).unwrap_or(u32::MAX), buf: start };
        IoSlice { buffer, lifetime: PhantomData }
    }

    /// The memory.
    pub(crate) fn cells(self) -> &'a [Cell<u8>] {
        // SAFETY: what `new` was given.
        unsafe { std::slice::from_raw_parts(self.buffer.buf.cast(), self.buffer.len as usize) }
    }
}

/// The most pieces that a message may have.
pub(crate) const IOV_MAX: usize = 1024;

/// The bytes that an item of so much data takes, without the padding after it (`WSA_CMSG_LEN`).
pub(crate) fn cmsg_len(data: u32) -> usize {
    size_of::<CMSGHDR>() + data as usize
}

/// The bytes that an item of so much data takes, with the padding after it (`WSA_CMSG_SPACE`).
pub(crate) fn cmsg_space(data: u32) -> usize {
    size_of::<CMSGHDR>() + (data as usize).next_multiple_of(align_of::<CMSGHDR>())
}

/// The largest argument of the two: no item may be longer than the system can say.
pub(crate) const MAX_CMSG_DATA: u32 = i32::MAX as u32 - 64;

/// A message as the two calls take it. What it points to stays the caller's.
fn message(pieces: &[IoSlice], control: &ControlBuffer, name: *mut u8, length: usize) -> WSAMSG {
    let buf = if control.length > 0 { control.words.as_ptr().cast_mut().cast() } else { ptr::null_mut() };
    WSAMSG {
        name: name.cast(),
        namelen: length as i32,
        lpBuffers: pieces.as_ptr().cast_mut().cast(),
        dwBufferCount: pieces.len() as u32,
        ControlBuffer: WSABUF { len: control.length as u32, buf },
        dwFlags: 0,
    }
}

/// WSASendMsg; without ancillary data WSASendTo, which goes for streams too.
pub(crate) fn sendmsg(
    fd: Descriptor,
    pieces: &[IoSlice],
    control: &ControlBuffer,
    flags: i32,
    address: Option<&Address>,
) -> Result<usize, Errno> {
    let to = address.map_or(&[][..], Address::as_bytes);
    let start = if to.is_empty() { ptr::null_mut() } else { to.as_ptr().cast_mut() };
    let (mut sent, flags) = (0, flags as u32);
    // SAFETY: everything that is pointed to is valid, and only read.
    let returned = unsafe {
        if control.length == 0 {
            let (buffers, count) = (pieces.as_ptr().cast(), pieces.len() as u32);
            let to_length = to.len() as i32;
            WSASendTo(handle(fd), buffers, count, &mut sent, flags, start.cast(), to_length, ptr::null_mut(), None)
        } else {
            let message = message(pieces, control, start, to.len());
            WSASendMsg(handle(fd), &message, flags, &mut sent, ptr::null_mut(), None)
        }
    };
    check(fd, returned).map(|_| sent as usize)
}

/// A flag for received descriptors, of which there are none.
pub(crate) fn guard(_: u16) -> i32 {
    0
}

/// What a message came with.
pub(crate) struct RecvMsg {
    pub(crate) count: usize,
    pub(crate) flags: i32,
}

/// WSARecvMsg into pieces of memory, `control` and `address`; without room for ancillary data, and for streams, which have
/// none, WSARecvFrom. That a message was cut is told by its flags, as elsewhere, not by a failure.
pub(crate) fn recvmsg_into(
    fd: Descriptor,
    pieces: &[IoSlice],
    control: &mut ControlBuffer,
    flags: i32,
    address: &mut Address,
) -> Result<RecvMsg, Errno> {
    let (mut received, mut told) = (0, flags as u32);
    let plain = control.length == 0 || socket_type(fd)? == WinSock::SOCK_STREAM;
    if plain {
        control.length = 0;
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
            let mut message = message(pieces, control, from.cast(), *length as usize);
            message.dwFlags = told;
            // SAFETY: as above; the function is the one that the system told for this socket.
            let returned = unsafe { call(handle(fd), &mut message, &mut received, ptr::null_mut(), None) };
            told = message.dwFlags;
            match check(fd, returned) {
                // Its flags tell whether it was the message or the ancillary data that did not fit.
                Err(Errno::MESSAGE_SIZE) if told & MSG_CTRUNC == 0 => told |= MSG_TRUNC,
                Err(Errno::MESSAGE_SIZE) => {}
                outcome => drop(outcome?),
            }
            *length = message.namelen;
            control.length = control.length.min(message.ControlBuffer.len as usize);
            Ok(())
        })?;
    }
    let room: usize = pieces.iter().map(|piece| piece.buffer.len as usize).sum();
    let count = if told & MSG_TRUNC != 0 { room } else { room.min(received as usize) };
    Ok(RecvMsg { count, flags: told as i32 })
}

/// WSARecvMsg, which has no name in the library: each provider tells its own.
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

/// WSARecvMsg into one piece of memory.
pub(crate) fn recvmsg(
    fd: Descriptor,
    target: &mut Filling,
    control: &mut ControlBuffer,
    flags: i32,
    address: &mut Address,
) -> Result<RecvMsg, Errno> {
    let mut arrived = 0;
    let call = |start: *mut u8, length: usize| {
        let arrival = recvmsg_into(fd, &[IoSlice::of(start, length)], control, flags, address)?;
        arrived = arrival.flags;
        Ok::<usize, Errno>(arrival.count)
    };
    // SAFETY: the system writes within the piece, as many bytes as it returns.
    let count = unsafe { target.fill(call) }?;
    Ok(RecvMsg { count, flags: arrived })
}
