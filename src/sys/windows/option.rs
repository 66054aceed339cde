//! getsockopt, setsockopt, and what single options answer.

use std::time::Duration;

use windows_sys::Win32::Networking::WinSock::{
    IPPROTO_IPV6, IPV6_V6ONLY, SO_ACCEPTCONN, SO_ERROR, SO_PROTOCOL_INFOW, SO_TYPE, SO_UPDATE_ACCEPT_CONTEXT,
    SOL_SOCKET, WSAPROTOCOL_INFOW,
};

use super::descriptor::borrow;
use super::*;

/// getsockopt of an integer.
#[inline(always)]
pub(crate) fn getsockopt(fd: Descriptor, level: i32, name: i32) -> Result<i32, Errno> {
    // SAFETY: an integer.
    unsafe { getsockopt_value(fd, level, name, 0) }
}

/// getsockopt of an integer of 64 bits.
pub(crate) fn getsockopt_wide(fd: Descriptor, level: i32, name: i32) -> Result<i64, Errno> {
    // SAFETY: an integer.
    unsafe { getsockopt_value(fd, level, name, 0) }
}

/// getsockopt of a value.
///
/// # Safety
/// Any bytes are a `T`.
unsafe fn getsockopt_value<T: Copy>(fd: Descriptor, level: i32, name: i32, mut value: T) -> Result<T, Errno> {
    let mut length = size_of::<T>() as i32;
    // SAFETY: `value`, of which any bytes are one, has `length` bytes.
    check(fd, unsafe { WinSock::getsockopt(handle(fd), level, name, (&raw mut value).cast(), &mut length) })?;
    Ok(value)
}

/// getsockopt into memory; what it holds afterwards is what the system told.
pub(crate) fn getsockopt_bytes(fd: Descriptor, level: i32, name: i32, value: &mut ReceiveBuffer) -> Result<(), Errno> {
    let call = |start: *mut u8, room: usize| {
        let mut length = room as i32;
        // SAFETY: `start` has `length` bytes, which are set first, for not every option fills what it tells.
        unsafe {
            start.write_bytes(0, room);
            check(fd, WinSock::getsockopt(handle(fd), level, name, start, &mut length))?;
        }
        Ok(room.min(length as usize))
    };
    // SAFETY: all of it is initialised above.
    unsafe { value.fill(call) }.map(drop)
}

/// setsockopt of bytes.
pub(crate) fn setsockopt(fd: Descriptor, level: i32, name: i32, value: crate::sys::Bytes) -> Result<(), Errno> {
    // SAFETY: that many bytes.
    unsafe { set(fd, level, name, value.as_ptr().cast(), value.len()) }
}

/// setsockopt of an integer.
pub(crate) fn setsockopt_integer(fd: Descriptor, level: i32, name: i32, value: i32) -> Result<(), Errno> {
    // SAFETY: that many bytes.
    unsafe { set(fd, level, name, (&raw const value).cast(), size_of_val(&value)) }
}

/// setsockopt of an integer of 64 bits.
pub(crate) fn setsockopt_wide(fd: Descriptor, level: i32, name: i32, value: i64) -> Result<(), Errno> {
    // SAFETY: that many bytes.
    unsafe { set(fd, level, name, (&raw const value).cast(), size_of_val(&value)) }
}

/// setsockopt of no bytes, only a length.
pub(crate) fn setsockopt_length(fd: Descriptor, level: i32, name: i32, length: u32) -> Result<(), Errno> {
    // SAFETY: no bytes are passed.
    unsafe { set(fd, level, name, std::ptr::null(), length as usize) }
}

/// setsockopt.
///
/// # Safety
/// `value` has that many bytes, or is null.
unsafe fn set(fd: Descriptor, level: i32, name: i32, value: *const u8, length: usize) -> Result<(), Errno> {
    // SAFETY: the caller's promise.
    check(fd, unsafe { WinSock::setsockopt(handle(fd), level, name, value, length as i32) }).map(drop)
}

/// The level and the name of options whose value is a descriptor: there is one that takes it.
pub(crate) const DESCRIPTOR_OPTIONS: &[(i32, i32)] = &[(SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT)];

/// Whether several sockets can share an address for the system to choose among.
pub(crate) const HAS_REUSE_PORT: bool = false;

/// An address is free again at once anyway. `SO_REUSEADDR` would let a stranger take it while it is in use.
pub(crate) fn reuse_address(_: Descriptor) -> Result<(), Errno> {
    Ok(())
}

/// `SO_REUSEPORT`.
pub(crate) fn reuse_port(_: Descriptor) -> Result<(), Errno> {
    Err(Errno::NOT_SUPPORTED)
}

/// `IPV6_V6ONLY`.
pub(crate) fn set_ipv6_only(fd: Descriptor, only: bool) -> Result<(), Errno> {
    setsockopt_integer(fd, IPPROTO_IPV6, IPV6_V6ONLY, only.into())
}

/// The outcome of a connect that was waited for: `SO_ERROR`.
pub(crate) fn take_error(fd: Descriptor) -> Result<(), Errno> {
    match getsockopt(fd, SOL_SOCKET, SO_ERROR)? {
        0 => Ok(()),
        number => Err(std::io::Error::from_raw_os_error(number).into()),
    }
}

/// `SO_ACCEPTCONN`: whether the socket waits for connections.
pub(crate) fn is_listening(fd: Descriptor) -> bool {
    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN).is_ok_and(|value| value != 0)
}

/// `SO_TYPE`.
pub(crate) fn socket_type(fd: Descriptor) -> Result<i32, Errno> {
    getsockopt(fd, SOL_SOCKET, SO_TYPE)
}

/// The family, of `SO_PROTOCOL_INFO`.
pub(crate) fn socket_family(fd: Descriptor) -> Result<i32, Errno> {
    protocol_info(fd).map(|info| info.iAddressFamily)
}

/// The protocol, of `SO_PROTOCOL_INFO`.
pub(crate) fn socket_protocol(fd: Descriptor) -> Result<i32, Errno> {
    protocol_info(fd).map(|info| info.iProtocol)
}

fn protocol_info(fd: Descriptor) -> Result<WSAPROTOCOL_INFOW, Errno> {
    // SAFETY: integers, which may have any bytes.
    unsafe { getsockopt_value(fd, SOL_SOCKET, SO_PROTOCOL_INFOW, std::mem::zeroed()) }
}

/// The timeout that the system itself puts on receiving (`SO_RCVTIMEO`) or sending (`SO_SNDTIMEO`).
pub(crate) fn system_timeout(fd: Descriptor, readiness: Ready) -> Result<Option<Duration>, Errno> {
    borrow(fd, |socket| match readiness {
        Ready::READ => socket.read_timeout(),
        _ => socket.write_timeout(),
    })
}

/// Fails: no signal interrupts a call.
pub(crate) fn set_interruptible(_: Descriptor, _: bool) -> Result<(), Errno> {
    Err(Errno::NOT_SUPPORTED)
}

/// The options that set the system's own timeouts.
pub(crate) const SYSTEM_TIMEOUTS: &[(i32, i32)] =
    &[(headers::SOL_SOCKET, headers::SO_RCVTIMEO), (headers::SOL_SOCKET, headers::SO_SNDTIMEO)];

/// The options that add a protocol above the socket: none.
pub(crate) const LAYERS: &[(i32, i32)] = &[];
