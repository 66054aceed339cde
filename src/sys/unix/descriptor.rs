//! socket(2), bind(2), connect(2), accept(2) and other calls on a descriptor itself.

use socket2::{Domain, Protocol, SockRef, Socket, Type};

use super::*;
use crate::sys::Address;

/// Borrows the descriptor as a `SockRef`.
pub(in crate::sys) fn borrow<T>(
    fd: Descriptor,
    act: impl FnOnce(SockRef<'_>) -> std::io::Result<T>,
) -> Result<T, Errno> {
    if fd < 0 {
        return Err(Errno::BAD_DESCRIPTOR);
    }
    // SAFETY: not negative. Whether it is open is for the system to say.
    let fd = unsafe { BorrowedFd::borrow_raw(fd) };
    act(SockRef::from(&fd)).map_err(Errno::from)
}

/// Sets SO_NOSIGPIPE on a socket that was not made by socket2, which sets it on its own: macOS has no MSG_NOSIGNAL.
fn set_nosigpipe(socket: Owned) -> Owned {
    #[cfg(any(macos, target_os = "ios"))]
    let _ = setsockopt_integer(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_NOSIGPIPE, 1);
    socket
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

/// Takes ownership of a descriptor.
///
/// # Safety
/// `fd` is open, and nobody else closes it.
pub(crate) unsafe fn from_raw_fd(fd: Descriptor) -> Owned {
    // SAFETY: the caller's promise.
    set_nosigpipe(unsafe { Owned::from_raw_fd(fd) })
}

/// Gives up ownership of a descriptor, which stays open.
pub(crate) fn into_raw_fd(owned: Owned) -> Descriptor {
    owned.into_raw_fd()
}

/// The number of a descriptor.
pub(crate) fn as_raw_fd(owned: &Owned) -> Descriptor {
    owned.as_raw_fd()
}

/// Splits what `socket` takes as the type: the type proper, and whether `SOCK_NONBLOCK` was with it.
pub(crate) fn split_type(kind: i32) -> (i32, bool) {
    #[cfg(not(apple))]
    let (nonblocking, flags) = (libc::SOCK_NONBLOCK, libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC);
    #[cfg(apple)]
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
    Ok(unsafe { from_raw_fd(duplicate as Descriptor) })
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

/// connect(2) to an address of AF_UNSPEC: the socket has no peer any more.
pub(crate) fn disconnect(fd: Descriptor, _: u16) -> Result<(), Errno> {
    let mut address = Address::blank(0);
    address.begin(libc::AF_UNSPEC, size_of::<libc::sockaddr>());
    match connect(fd, &address) {
        // macOS and the BSDs fail after they have done it.
        Err(Errno(libc::EAFNOSUPPORT)) if matches!(getpeername(fd), Err(Errno(libc::ENOTCONN))) => Ok(()),
        done => done,
    }
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
    let accepted = if has_no_addresses(family) {
        // SAFETY: no address is asked for.
        check(unsafe { accept_close_on_exec(fd, std::ptr::null_mut(), std::ptr::null_mut(), nonblocking) } as isize)?
    } else {
        receive_address(&mut address, |room, length| {
            // SAFETY: `room` has `*length` bytes.
            check(unsafe { accept_close_on_exec(fd, room, length, nonblocking) } as isize)
        })?
    };
    // SAFETY: a descriptor that was just made.
    let owned = unsafe { from_raw_fd(accepted as Descriptor) };
    if !ACCEPTS_FLAGS {
        let fd = owned.as_raw_fd();
        // SAFETY: plain call.
        check(unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) } as isize)?;
        set_nonblocking(fd, nonblocking)?;
    }
    Ok((owned, address))
}

/// Whether accept(2) fails when it is asked for an address: that of `AF_ALG` does.
fn has_no_addresses(family: u16) -> bool {
    #[cfg(linux_like)]
    return is_alg(family);
    #[cfg(not(linux_like))]
    return Some(family).is_none();
}

/// Whether accept(2) can set a descriptor's flags itself.
const ACCEPTS_FLAGS: bool = !cfg!(apple);

/// accept4(2), close-on-exec.
///
/// # Safety
/// `room` has `*length` bytes, or both are null.
#[cfg(not(apple))]
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

/// accept(2). The flags are set afterwards.
///
/// # Safety
/// `room` has `*length` bytes, or both are null.
#[cfg(apple)]
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

/// Passes an address to a call that writes it, and keeps the length that the call returns.
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

/// Whether `O_NONBLOCK` is set, which all owners of the same open file description share.
pub(crate) fn is_nonblocking(fd: Descriptor) -> Result<bool, Errno> {
    Ok(status_flags(fd)? & libc::O_NONBLOCK != 0)
}

/// Makes a call while `O_NONBLOCK` is set; also returns whether it was not set before.
pub(crate) fn without_blocking<T>(
    fd: Descriptor,
    call: impl FnOnce() -> Result<T, Errno>,
) -> Result<(Result<T, Errno>, bool), Errno> {
    let flags = status_flags(fd)?;
    if flags & libc::O_NONBLOCK != 0 {
        return Ok((call(), false));
    }
    set_status_flags(fd, flags | libc::O_NONBLOCK)?;
    let outcome = call();
    set_status_flags(fd, flags)?;
    Ok((outcome, true))
}

fn status_flags(fd: Descriptor) -> Result<i32, Errno> {
    // SAFETY: plain call.
    check(unsafe { libc::fcntl(fd, libc::F_GETFL) } as isize).map(|flags| flags as i32)
}

fn set_status_flags(fd: Descriptor, flags: i32) -> Result<(), Errno> {
    // SAFETY: plain call.
    check(unsafe { libc::fcntl(fd, libc::F_SETFL, flags) } as isize).map(drop)
}
