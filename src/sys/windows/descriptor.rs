//! WSASocket, bind, connect, accept and other calls on a descriptor itself.

use socket2::SockRef;
use windows_sys::Win32::Foundation::{GetHandleInformation, HANDLE, HANDLE_FLAG_INHERIT, SetHandleInformation};
use windows_sys::Win32::Networking::WinSock::{
    INVALID_SOCKET, WSA_FLAG_NO_HANDLE_INHERIT, WSA_FLAG_OVERLAPPED, WSAPROTOCOL_INFOW, WSASocketW,
};
use windows_sys::Win32::System::Threading::GetCurrentProcessId;

use super::*;
use crate::sys::Address;

/// Borrows the descriptor as a `SockRef`.
pub(in crate::sys) fn borrow<T>(
    fd: Descriptor,
    act: impl FnOnce(SockRef<'_>) -> std::io::Result<T>,
) -> Result<T, Errno> {
    if !is_open(fd) {
        return Err(Errno::BAD_DESCRIPTOR);
    }
    // SAFETY: not INVALID_SOCKET. Whether it is open is for the system to say.
    let socket = unsafe { BorrowedSocket::borrow_raw(fd as _) };
    act(SockRef::from(&socket)).map_err(Errno::from)
}

/// WSASocket, not inheritable.
pub(crate) fn socket(family: i32, kind: i32, proto: i32) -> Result<Owned, Errno> {
    make(family, kind, proto, None)
}

/// WSASocket, of these or of what WSADuplicateSocket returned in another process.
pub(super) fn make(family: i32, kind: i32, proto: i32, info: Option<&WSAPROTOCOL_INFOW>) -> Result<Owned, Errno> {
    let info = info.map_or(std::ptr::null(), std::ptr::from_ref);
    const FLAGS: u32 = WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT;
    // SAFETY: no information, or a whole structure, of which it is for the system to say whether it means a socket.
    match unsafe { WSASocketW(family, kind, proto, info, 0, FLAGS) } {
        INVALID_SOCKET => Err(Errno::last()),
        socket => {
            // SAFETY: a socket that was just made.
            let owned = unsafe { from_raw_fd(socket as Descriptor) };
            // The flag is for new sockets only.
            set_inheritable(as_raw_fd(&owned), false)?;
            Ok(owned)
        }
    }
}

/// Takes ownership of a descriptor.
///
/// # Safety
/// `fd` is open, and nobody else closes it.
pub(crate) unsafe fn from_raw_fd(fd: Descriptor) -> Owned {
    // SAFETY: the caller's promise.
    unsafe { Owned::from_raw_socket(fd as _) }
}

/// Gives up ownership of a descriptor, which stays open.
pub(crate) fn into_raw_fd(owned: Owned) -> Descriptor {
    owned.into_raw_socket() as Descriptor
}

/// The number of a descriptor.
pub(crate) fn as_raw_fd(owned: &Owned) -> Descriptor {
    owned.as_raw_socket() as Descriptor
}

/// Splits what `socket` takes as the type: the type proper, and whether a flag for non-blocking was with it. There is
/// none here.
pub(crate) fn split_type(kind: i32) -> (i32, bool) {
    (kind, false)
}

/// closesocket.
pub(crate) fn close(fd: Descriptor) -> Result<(), Errno> {
    // SAFETY: plain call.
    check(fd, unsafe { WinSock::closesocket(handle(fd)) }).map(drop)
}

/// A duplicate, not inheritable.
pub(crate) fn duplicate(fd: Descriptor) -> Result<Owned, Errno> {
    // SAFETY: plain call.
    let this_process = unsafe { GetCurrentProcessId() };
    from_share(&share(fd, this_process)?).map(|(owned, _)| owned)
}

/// Whether a program that this one starts gets the descriptor.
pub(crate) fn get_inheritable(fd: Descriptor) -> Result<bool, Errno> {
    let mut flags = 0;
    // SAFETY: the room is valid.
    let done = is_open(fd) && unsafe { GetHandleInformation(fd as HANDLE, &mut flags) } != 0;
    if done { Ok(flags & HANDLE_FLAG_INHERIT != 0) } else { Err(Errno::last_of(fd)) }
}

/// Sets whether a program that this one starts gets the descriptor.
pub(crate) fn set_inheritable(fd: Descriptor, inheritable: bool) -> Result<(), Errno> {
    let flags = if inheritable { HANDLE_FLAG_INHERIT } else { 0 };
    // SAFETY: plain call.
    let done = is_open(fd) && unsafe { SetHandleInformation(fd as HANDLE, HANDLE_FLAG_INHERIT, flags) } != 0;
    if done { Ok(()) } else { Err(Errno::last_of(fd)) }
}

/// bind.
pub(crate) fn bind(fd: Descriptor, address: &Address) -> Result<(), Errno> {
    let bytes = address.as_bytes();
    // SAFETY: `bytes` is a sockaddr of that length.
    check(fd, unsafe { WinSock::bind(handle(fd), bytes.as_ptr().cast(), bytes.len() as i32) }).map(drop)
}

/// connect. A connect that goes on fails with EINPROGRESS, as on Unix.
pub(crate) fn connect(fd: Descriptor, address: &Address) -> Result<(), Errno> {
    let bytes = address.as_bytes();
    // SAFETY: `bytes` is a sockaddr of that length.
    let returned = unsafe { WinSock::connect(handle(fd), bytes.as_ptr().cast(), bytes.len() as i32) };
    match check(fd, returned) {
        Err(Errno::WOULD_BLOCK) => Err(Errno::IN_PROGRESS),
        returned => returned.map(drop),
    }
}

/// connect to an address of zeros: the socket has no peer any more.
pub(crate) fn disconnect(fd: Descriptor, family: u16) -> Result<(), Errno> {
    let mut address = Address::blank(0);
    address.begin(family.into(), Address::SIZE);
    connect(fd, &address)
}

/// listen.
pub(crate) fn listen(fd: Descriptor, backlog: i32) -> Result<(), Errno> {
    // SAFETY: plain call.
    check(fd, unsafe { WinSock::listen(handle(fd), backlog) }).map(drop)
}

/// shutdown.
pub(crate) fn shutdown(fd: Descriptor, how: i32) -> Result<(), Errno> {
    // SAFETY: plain call.
    check(fd, unsafe { WinSock::shutdown(handle(fd), how) }).map(drop)
}

/// accept, not inheritable, blocking or not as asked.
pub(crate) fn accept(fd: Descriptor, nonblocking: bool, _: u16) -> Result<(Owned, Address), Errno> {
    let mut address = Address::blank(0);
    let accepted = receive_address(&mut address, |room, length| {
        // SAFETY: `room` has `*length` bytes.
        match unsafe { WinSock::accept(handle(fd), room, length) } {
            INVALID_SOCKET => Err(Errno::last_of(fd)),
            accepted => Ok(accepted as Descriptor),
        }
    })?;
    // SAFETY: a socket that was just made.
    let owned = unsafe { from_raw_fd(accepted) };
    set_inheritable(accepted, false)?;
    // It has the listener's mode so far.
    set_nonblocking(accepted, nonblocking)?;
    Ok((owned, address))
}

/// getsockname.
pub(crate) fn getsockname(fd: Descriptor) -> Result<Address, Errno> {
    let mut address = Address::blank(0);
    receive_address(&mut address, |room, length| {
        // SAFETY: `room` has `*length` bytes.
        check(fd, unsafe { WinSock::getsockname(handle(fd), room, length) })
    })?;
    Ok(address)
}

/// getpeername.
pub(crate) fn getpeername(fd: Descriptor) -> Result<Address, Errno> {
    let mut address = Address::blank(0);
    receive_address(&mut address, |room, length| {
        // SAFETY: `room` has `*length` bytes.
        check(fd, unsafe { WinSock::getpeername(handle(fd), room, length) })
    })?;
    Ok(address)
}

/// Passes an address to a call that writes it, and keeps the length that the call returns. A call without an address
/// leaves the bytes as they are, without a family.
pub(super) fn receive_address<T>(
    address: &mut Address,
    call: impl FnOnce(*mut headers::sockaddr, &mut i32) -> Result<T, Errno>,
) -> Result<T, Errno> {
    let mut length = Address::SIZE as i32;
    let result = call(address.room().as_mut_ptr().cast(), &mut length)?;
    address.set_length(length as usize);
    if address.family() == 0 {
        address.set_length(0);
    }
    Ok(result)
}

/// Sets or clears the mode in which nothing blocks.
pub(crate) fn set_nonblocking(fd: Descriptor, nonblocking: bool) -> Result<(), Errno> {
    borrow(fd, |socket| socket.set_nonblocking(nonblocking))
}

/// Makes a call on a socket that was made non-blocking.
pub(crate) fn without_blocking<T>(
    _: Descriptor,
    call: impl FnOnce() -> Result<T, Errno>,
) -> Result<(Result<T, Errno>, bool), Errno> {
    Ok((call(), false))
}

/// Winsock cannot tell. It is only asked of sockets that were made non-blocking.
pub(crate) fn is_nonblocking(_: Descriptor) -> Result<bool, Errno> {
    Ok(true)
}
