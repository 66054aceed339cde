//! getsockopt(2), setsockopt(2), and what single options answer.

use std::time::Duration;

use super::descriptor::borrow;
use super::*;

/// getsockopt(2) of an integer.
#[inline(always)]
pub(crate) fn getsockopt(fd: Descriptor, level: i32, name: i32) -> Result<i32, Errno> {
    // SAFETY: an integer.
    unsafe { getsockopt_value(fd, level, name, 0) }
}

/// getsockopt(2) of an integer of 64 bits.
pub(crate) fn getsockopt_wide(fd: Descriptor, level: i32, name: i32) -> Result<i64, Errno> {
    // SAFETY: an integer.
    unsafe { getsockopt_value(fd, level, name, 0) }
}

/// getsockopt(2) of a value.
///
/// # Safety
/// Any bytes are a `T`.
#[inline(always)]
unsafe fn getsockopt_value<T: Copy>(fd: Descriptor, level: i32, name: i32, mut value: T) -> Result<T, Errno> {
    let mut length = size_of::<T>() as libc::socklen_t;
    // SAFETY: `value`, of which any bytes are one, has `length` bytes.
    check(unsafe { libc::getsockopt(fd, level, name, (&raw mut value).cast(), &mut length) } as isize)?;
    Ok(value)
}

/// getsockopt(2) into memory; what it holds afterwards is what the system told.
pub(crate) fn getsockopt_bytes(fd: Descriptor, level: i32, name: i32, value: &mut ReceiveBuffer) -> Result<(), Errno> {
    let call = |start: *mut u8, room: usize| {
        let mut length = room as libc::socklen_t;
        // SAFETY: `start` has `length` bytes, which are set first, for not every option fills what it tells.
        unsafe {
            start.write_bytes(0, room);
            check(libc::getsockopt(fd, level, name, start.cast(), &mut length) as isize)?;
        }
        Ok(room.min(length as usize))
    };
    // SAFETY: all of it is initialised above.
    unsafe { value.fill(call) }.map(drop)
}

/// setsockopt(2) of bytes.
pub(crate) fn setsockopt(fd: Descriptor, level: i32, name: i32, value: crate::sys::Bytes) -> Result<(), Errno> {
    // SAFETY: `value` is only read.
    check(unsafe { libc::setsockopt(fd, level, name, value.as_ptr().cast(), value.len() as _) } as isize).map(drop)
}

/// setsockopt(2) of an integer.
pub(crate) fn setsockopt_integer(fd: Descriptor, level: i32, name: i32, value: i32) -> Result<(), Errno> {
    setsockopt_value(fd, level, name, value)
}

/// setsockopt(2) of an integer of 64 bits.
pub(crate) fn setsockopt_wide(fd: Descriptor, level: i32, name: i32, value: i64) -> Result<(), Errno> {
    setsockopt_value(fd, level, name, value)
}

fn setsockopt_value<T: Into<i64>>(fd: Descriptor, level: i32, name: i32, value: T) -> Result<(), Errno> {
    let length = size_of::<T>() as libc::socklen_t;
    // SAFETY: `value`, an integer, has `length` bytes.
    check(unsafe { libc::setsockopt(fd, level, name, (&raw const value).cast(), length) } as isize).map(drop)
}

/// setsockopt(2) of no bytes, only a length.
pub(crate) fn setsockopt_length(fd: Descriptor, level: i32, name: i32, length: u32) -> Result<(), Errno> {
    // SAFETY: no memory is passed.
    check(unsafe { libc::setsockopt(fd, level, name, std::ptr::null(), length) } as isize).map(drop)
}

/// The level and the name of options whose value is a descriptor: getsockopt(2) of one of the first three makes it, and
/// setsockopt(2) of the others takes it.
#[cfg(linux_like)]
pub(crate) const DESCRIPTOR_OPTIONS: &[(i32, i32)] = &[
    (libc::SOL_SOCKET, SO_PEERPIDFD),
    (libc::IPPROTO_SCTP, SCTP_SOCKOPT_PEELOFF),
    (libc::IPPROTO_SCTP, SCTP_SOCKOPT_PEELOFF_FLAGS),
    (libc::SOL_SOCKET, SO_ATTACH_BPF),
    (libc::SOL_SOCKET, libc::SO_ATTACH_REUSEPORT_EBPF),
];
#[cfg(linux)]
use libc::{SO_ATTACH_BPF, SO_PEERPIDFD};
// What the libc crate lacks for Android, from `asm-generic/socket.h`, and everywhere, from `linux/sctp.h`.
#[cfg(android)]
const SO_ATTACH_BPF: i32 = 50;
#[cfg(android)]
const SO_PEERPIDFD: i32 = 77;
#[cfg(linux_like)]
const SCTP_SOCKOPT_PEELOFF: i32 = 102;
#[cfg(linux_like)]
const SCTP_SOCKOPT_PEELOFF_FLAGS: i32 = 122;
#[cfg(not(linux_like))]
pub(crate) const DESCRIPTOR_OPTIONS: &[(i32, i32)] = &[];

/// Whether several sockets can share an address for the system to choose among.
pub(crate) const HAS_REUSE_PORT: bool = true;

/// `SO_REUSEADDR`: an address is free again as soon as its last server is gone.
pub(crate) fn reuse_address(fd: Descriptor) -> Result<(), Errno> {
    setsockopt_integer(fd, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1)
}

/// `SO_REUSEPORT`.
pub(crate) fn reuse_port(fd: Descriptor) -> Result<(), Errno> {
    setsockopt_integer(fd, libc::SOL_SOCKET, libc::SO_REUSEPORT, 1)
}

/// `IPV6_V6ONLY`.
pub(crate) fn set_ipv6_only(fd: Descriptor, only: bool) -> Result<(), Errno> {
    setsockopt_integer(fd, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, only.into())
}

/// The outcome of a connect that was waited for: `SO_ERROR`, which the call also clears.
pub(crate) fn take_error(fd: Descriptor) -> Result<(), Errno> {
    match getsockopt(fd, libc::SOL_SOCKET, libc::SO_ERROR)? {
        0 => Ok(()),
        number => Err(Errno(number)),
    }
}

/// `SO_ACCEPTCONN`: whether the socket waits for connections.
pub(crate) fn is_listening(fd: Descriptor) -> bool {
    getsockopt(fd, libc::SOL_SOCKET, libc::SO_ACCEPTCONN).is_ok_and(|value| value != 0)
}

/// `SO_TYPE`.
pub(crate) fn socket_type(fd: Descriptor) -> Result<i32, Errno> {
    getsockopt(fd, libc::SOL_SOCKET, libc::SO_TYPE)
}

/// The family: `SO_DOMAIN` where there is such, for some families have no address to tell it by, else the address's.
pub(crate) fn socket_family(fd: Descriptor) -> Result<i32, Errno> {
    #[cfg(any(linux_like, freebsd, openbsd))]
    return getsockopt(fd, libc::SOL_SOCKET, libc::SO_DOMAIN);
    #[cfg(not(any(linux_like, freebsd, openbsd)))]
    return getsockname(fd).map(|address| address.family().into());
}

/// `SO_PROTOCOL`; 0 where the system cannot tell.
pub(crate) fn socket_protocol(fd: Descriptor) -> Result<i32, Errno> {
    #[cfg(any(linux_like, freebsd, openbsd))]
    return getsockopt(fd, libc::SOL_SOCKET, libc::SO_PROTOCOL);
    #[cfg(not(any(linux_like, freebsd, openbsd)))]
    return socket_type(fd).map(|_| 0);
}

/// The timeout that the system itself puts on receiving (`SO_RCVTIMEO`) or sending (`SO_SNDTIMEO`).
pub(crate) fn system_timeout(fd: Descriptor, readiness: Ready) -> Result<Option<Duration>, Errno> {
    borrow(fd, |socket| match readiness {
        Ready::READ => socket.read_timeout(),
        _ => socket.write_timeout(),
    })
}

/// Sets a timeout of the system's own on sending and connecting, too long to ever end, or removes it. On Linux a signal
/// interrupts the calls of a socket that has one and never has them restarted (signal(7)); fails elsewhere.
pub(crate) fn set_interruptible(fd: Descriptor, interruptible: bool) -> Result<(), Errno> {
    const LONG: Duration = Duration::from_secs(1_000_000);
    if !cfg!(linux_like) {
        return Err(Errno::NOT_SUPPORTED);
    }
    borrow(fd, |socket| socket.set_write_timeout(interruptible.then_some(LONG)))
}

/// The options that set the kernel's own timeouts.
pub(crate) const SYSTEM_TIMEOUTS: &[(i32, i32)] =
    &[(libc::SOL_SOCKET, libc::SO_RCVTIMEO), (libc::SOL_SOCKET, libc::SO_SNDTIMEO)];

/// The options that add a protocol above the socket, such as TLS.
#[cfg(linux_like)]
pub(crate) const LAYERS: &[(i32, i32)] = &[(libc::IPPROTO_TCP, libc::TCP_ULP)];
#[cfg(not(linux_like))]
pub(crate) const LAYERS: &[(i32, i32)] = &[];
