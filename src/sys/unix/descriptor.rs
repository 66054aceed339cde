//! Descriptors: their making, their state and their end.

use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Socket, Type};

use super::*;
use crate::address::Address;

/// Lends a descriptor to socket2.
fn borrow<T>(fd: Descriptor, act: impl FnOnce(SockRef<'_>) -> std::io::Result<T>) -> Result<T, Errno> {
    if fd < 0 {
        return Err(Errno::BAD_DESCRIPTOR);
    }
    // SAFETY: not negative. Whether it is open is for the system to say.
    let fd = unsafe { BorrowedFd::borrow_raw(fd) };
    act(SockRef::from(&fd)).map_err(Errno::from)
}

/// socket(2), close-on-exec.
pub(crate) fn socket(family: i32, kind: i32, proto: i32) -> Result<Owned, Errno> {
    let socket = Socket::new(Domain::from(family), Type::from(kind), Some(Protocol::from(proto)))?;
    Ok(socket.into())
}

/// socketpair(2), close-on-exec.
pub(crate) fn socketpair(family: i32, kind: i32, proto: i32) -> Result<(Owned, Owned), Errno> {
    let (one, other) = Socket::pair(Domain::from(family), Type::from(kind), Some(Protocol::from(proto)))?;
    Ok((one.into(), other.into()))
}

/// Takes over a descriptor.
pub(crate) fn adopt(fd: Descriptor) -> Owned {
    // SAFETY: the caller checked that it is a socket; from here on it is ours.
    unsafe { Owned::from_raw_fd(fd) }
}

/// Gives up a descriptor without closing it.
pub(crate) fn release(owned: Owned) -> Descriptor {
    owned.into_raw_fd()
}

/// The number of a descriptor.
pub(crate) fn number(owned: &Owned) -> Descriptor {
    owned.as_raw_fd()
}

/// Splits what `socket` takes as the type: the type proper, and whether `SOCK_NONBLOCK` was with it.
pub(crate) fn split_type(kind: i32) -> (i32, bool) {
    #[cfg(not(any(target_os = "macos", target_os = "ios")))]
    let (nonblocking, flags) = (libc::SOCK_NONBLOCK, libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC);
    #[cfg(any(target_os = "macos", target_os = "ios"))]
    let (nonblocking, flags) = (0, 0);
    (kind & !flags, kind & nonblocking != 0)
}

/// close(2). Never to be retried: the descriptor is gone, whatever it returns.
pub(crate) fn close(fd: Descriptor) -> Result<(), Errno> {
    // SAFETY: plain call.
    check(unsafe { libc::close(fd) } as isize).map(drop)
}

/// A duplicate, close-on-exec.
pub(crate) fn duplicate(fd: Descriptor) -> Result<Owned, Errno> {
    // SAFETY: plain call.
    let duplicate = check(unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) } as isize)?;
    // SAFETY: a descriptor that was just made.
    Ok(unsafe { Owned::from_raw_fd(duplicate as Descriptor) })
}

/// Whether a program that this one starts gets the descriptor.
pub(crate) fn get_inheritable(fd: Descriptor) -> Result<bool, Errno> {
    // SAFETY: plain call.
    let flags = check(unsafe { libc::fcntl(fd, libc::F_GETFD) } as isize)?;
    Ok(flags as i32 & libc::FD_CLOEXEC == 0)
}

/// Sets whether a program that this one starts gets the descriptor.
pub(crate) fn set_inheritable(fd: Descriptor, inheritable: bool) -> Result<(), Errno> {
    let flags = if inheritable { 0 } else { libc::FD_CLOEXEC };
    // SAFETY: plain call.
    check(unsafe { libc::fcntl(fd, libc::F_SETFD, flags) } as isize).map(drop)
}

/// bind(2).
pub(crate) fn bind(fd: Descriptor, address: &Address) -> Result<(), Errno> {
    let bytes = address.as_bytes();
    // SAFETY: `bytes` is a sockaddr of that length.
    check(unsafe { libc::bind(fd, bytes.as_ptr().cast(), bytes.len() as _) } as isize).map(drop)
}

/// connect(2).
pub(crate) fn connect(fd: Descriptor, address: &Address) -> Result<(), Errno> {
    let bytes = address.as_bytes();
    // SAFETY: `bytes` is a sockaddr of that length.
    check(unsafe { libc::connect(fd, bytes.as_ptr().cast(), bytes.len() as _) } as isize).map(drop)
}

/// listen(2).
pub(crate) fn listen(fd: Descriptor, backlog: i32) -> Result<(), Errno> {
    borrow(fd, |socket| socket.listen(backlog))
}

/// shutdown(2).
pub(crate) fn shutdown(fd: Descriptor, how: i32) -> Result<(), Errno> {
    // SAFETY: plain call.
    check(unsafe { libc::shutdown(fd, how) } as isize).map(drop)
}

/// accept(2), close-on-exec, blocking or not as asked.
pub(crate) fn accept(fd: Descriptor, nonblocking: bool, family: u16) -> Result<(Owned, Address), Errno> {
    let mut address = Address::blank(0);
    let accepted = if is_alg(family) {
        // The kernel's cryptography has no addresses, and fails when it is asked for one.
        // SAFETY: no address is asked for.
        check(unsafe { accept_close_on_exec(fd, std::ptr::null_mut(), std::ptr::null_mut(), nonblocking) } as isize)?
    } else {
        receive_address(&mut address, |room, length| {
            // SAFETY: `room` has `*length` bytes.
            check(unsafe { accept_close_on_exec(fd, room, length, nonblocking) } as isize)
        })?
    };
    // SAFETY: a descriptor that was just made.
    let owned = unsafe { Owned::from_raw_fd(accepted as Descriptor) };
    if !ACCEPTS_FLAGS {
        let fd = owned.as_raw_fd();
        // SAFETY: plain call.
        check(unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) } as isize)?;
        set_nonblocking(fd, nonblocking)?;
    }
    Ok((owned, address))
}

/// Whether accept(2) can set a descriptor's flags itself.
const ACCEPTS_FLAGS: bool = !cfg!(any(target_os = "macos", target_os = "ios"));

#[cfg(not(any(target_os = "macos", target_os = "ios")))]
unsafe fn accept_close_on_exec(
    fd: Descriptor,
    room: *mut libc::sockaddr,
    length: *mut libc::socklen_t,
    nonblocking: bool,
) -> Descriptor {
    let flags = libc::SOCK_CLOEXEC | if nonblocking { libc::SOCK_NONBLOCK } else { 0 };
    // SAFETY: the caller's promise.
    unsafe { libc::accept4(fd, room, length, flags) }
}

#[cfg(any(target_os = "macos", target_os = "ios"))]
unsafe fn accept_close_on_exec(
    fd: Descriptor,
    room: *mut libc::sockaddr,
    length: *mut libc::socklen_t,
    _nonblocking: bool,
) -> Descriptor {
    // SAFETY: the caller's promise.
    unsafe { libc::accept(fd, room, length) }
}

/// getsockname(2).
pub(crate) fn getsockname(fd: Descriptor) -> Result<Address, Errno> {
    let mut address = Address::blank(0);
    receive_address(&mut address, |room, length| {
        // SAFETY: `room` has `*length` bytes.
        check(unsafe { libc::getsockname(fd, room, length) } as isize)
    })?;
    Ok(address)
}

/// getpeername(2).
pub(crate) fn getpeername(fd: Descriptor) -> Result<Address, Errno> {
    let mut address = Address::blank(0);
    receive_address(&mut address, |room, length| {
        // SAFETY: `room` has `*length` bytes.
        check(unsafe { libc::getpeername(fd, room, length) } as isize)
    })?;
    Ok(address)
}

/// Lets a call write an address, and takes over the length that it tells.
#[inline(always)]
pub(super) fn receive_address<T>(
    address: &mut Address,
    call: impl FnOnce(*mut libc::sockaddr, *mut libc::socklen_t) -> Result<T, Errno>,
) -> Result<T, Errno> {
    let mut length = Address::SIZE as libc::socklen_t;
    let result = call(address.room().as_mut_ptr().cast(), &mut length)?;
    address.set_length(length as usize);
    Ok(result)
}

/// Sets or clears `O_NONBLOCK`.
pub(crate) fn set_nonblocking(fd: Descriptor, nonblocking: bool) -> Result<(), Errno> {
    borrow(fd, |socket| socket.set_nonblocking(nonblocking))
}

/// getsockopt(2) of an integer.
#[inline(always)]
pub(crate) fn getsockopt(fd: Descriptor, level: i32, name: i32) -> Result<i32, Errno> {
    getsockopt_value(fd, level, name, 0)
}

/// getsockopt(2) of an integer of 64 bits.
pub(crate) fn getsockopt_wide(fd: Descriptor, level: i32, name: i32) -> Result<i64, Errno> {
    getsockopt_value(fd, level, name, 0)
}

#[inline(always)]
fn getsockopt_value<T: Copy>(fd: Descriptor, level: i32, name: i32, mut value: T) -> Result<T, Errno> {
    let mut length = size_of::<T>() as libc::socklen_t;
    // SAFETY: `value`, an integer, has `length` bytes.
    check(unsafe { libc::getsockopt(fd, level, name, (&raw mut value).cast(), &mut length) } as isize)?;
    Ok(value)
}

/// getsockopt(2) into memory; what it holds afterwards is what the system told.
pub(crate) fn getsockopt_bytes(fd: Descriptor, level: i32, name: i32, value: &mut Filling) -> Result<(), Errno> {
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
pub(crate) fn setsockopt(fd: Descriptor, level: i32, name: i32, value: &[std::cell::Cell<u8>]) -> Result<(), Errno> {
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

fn setsockopt_value<T>(fd: Descriptor, level: i32, name: i32, value: T) -> Result<(), Errno> {
    let length = size_of::<T>() as libc::socklen_t;
    // SAFETY: `value`, an integer, has `length` bytes.
    check(unsafe { libc::setsockopt(fd, level, name, (&raw const value).cast(), length) } as isize).map(drop)
}

/// setsockopt(2) of no bytes, only a length.
pub(crate) fn setsockopt_length(fd: Descriptor, level: i32, name: i32, length: u32) -> Result<(), Errno> {
    // SAFETY: no memory is passed.
    check(unsafe { libc::setsockopt(fd, level, name, std::ptr::null(), length) } as isize).map(drop)
}

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
pub(crate) fn only_ipv6(fd: Descriptor, only: bool) -> Result<(), Errno> {
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
pub(crate) fn listens(fd: Descriptor) -> bool {
    getsockopt(fd, libc::SOL_SOCKET, libc::SO_ACCEPTCONN).is_ok_and(|value| value != 0)
}

/// `SO_TYPE`.
pub(crate) fn socket_type(fd: Descriptor) -> Result<i32, Errno> {
    getsockopt(fd, libc::SOL_SOCKET, libc::SO_TYPE)
}

/// The family: `SO_DOMAIN` where there is such, for some families have no address to tell it by, else the address's.
pub(crate) fn socket_family(fd: Descriptor) -> Result<i32, Errno> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return getsockopt(fd, libc::SOL_SOCKET, libc::SO_DOMAIN);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    return getsockname(fd).map(|address| address.family().into());
}

/// `SO_PROTOCOL`; 0 where the system cannot tell.
pub(crate) fn socket_protocol(fd: Descriptor) -> Result<i32, Errno> {
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    return getsockopt(fd, libc::SOL_SOCKET, libc::SO_PROTOCOL);
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    return socket_type(fd).map(|_| 0);
}

/// The timeout that the system itself puts on receiving (`SO_RCVTIMEO`) or sending (`SO_SNDTIMEO`).
pub(crate) fn system_timeout(fd: Descriptor, readiness: Readiness) -> Option<Duration> {
    let timeout = borrow(fd, |socket| match readiness {
        Readiness::Read => socket.read_timeout(),
        Readiness::Write => socket.write_timeout(),
    });
    timeout.ok().flatten()
}
