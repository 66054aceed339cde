//! Sharing a socket with another process (WSADuplicateSocket).

use windows_sys::Win32::Networking::WinSock::{FROM_PROTOCOL_INFO, WSADuplicateSocketW, WSAPROTOCOL_INFOW};

use super::descriptor::make;
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
    let data: &[u8; SHARE_SIZE] = data.try_into().map_err(|_| Errno::INVALID)?;
    // SAFETY: that many bytes, of any value.
    let info: WSAPROTOCOL_INFOW = unsafe { data.as_ptr().cast::<WSAPROTOCOL_INFOW>().read_unaligned() };
    let owned = make(FROM, FROM, FROM, Some(&info))?;
    Ok((owned, [info.iAddressFamily, info.iSocketType, info.iProtocol]))
}
