//! Sockets on their way to another process.

use windows_sys::Win32::Networking::WinSock::{
    FROM_PROTOCOL_INFO, INVALID_SOCKET, WSA_FLAG_NO_HANDLE_INHERIT, WSA_FLAG_OVERLAPPED, WSADuplicateSocketW,
    WSAPROTOCOL_INFOW, WSASocketW,
};

use super::*;

/// How many bytes a shared socket has.
pub(crate) const SHARE_SIZE: usize = size_of::<WSAPROTOCOL_INFOW>();

/// WSADuplicateSocket: the bytes of its answer.
pub(crate) fn share(fd: Descriptor, process: u32) -> Result<Vec<u8>, Errno> {
    // SAFETY: all fields may be zero, padding included; the room is valid.
    unsafe {
        let mut info: WSAPROTOCOL_INFOW = std::mem::zeroed();
        check(fd, WSADuplicateSocketW(handle(fd), process, &mut info))?;
        Ok(std::slice::from_raw_parts((&raw const info).cast(), SHARE_SIZE).to_vec())
    }
}

/// WSASocket of what WSADuplicateSocket gave, not inheritable; and its family, type and protocol.
pub(crate) fn from_share(data: &[u8]) -> Result<(Owned, [i32; 3]), Errno> {
    const FROM: i32 = FROM_PROTOCOL_INFO;
    const FLAGS: u32 = WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT;
    let data: &[u8; SHARE_SIZE] = data.try_into().map_err(|_| Errno::INVALID)?;
    // SAFETY: that many bytes, of any value.
    let info: WSAPROTOCOL_INFOW = unsafe { data.as_ptr().cast::<WSAPROTOCOL_INFOW>().read_unaligned() };
    // SAFETY: a valid structure; whether it means a socket is for the system to say.
    match unsafe { WSASocketW(FROM, FROM, FROM, &info, 0, FLAGS) } {
        INVALID_SOCKET => Err(Errno::last()),
        socket => {
            // Some versions forget the flag.
            let owned = adopt(socket as Descriptor);
            set_inheritable(number(&owned), false)?;
            Ok((owned, [info.iAddressFamily, info.iSocketType, info.iProtocol]))
        }
    }
}
