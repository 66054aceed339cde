//! What only the other kind of system has.

use super::*;

/// Documented functions and methods that Lua does not find here.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) const ABSENT: &[&str] = &["KqueueSelector", "fromshare", "ioctl", "share"];
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) const ABSENT: &[&str] = &["EpollSelector", "fromshare", "get_local_cid", "ioctl", "sendmsg_afalg", "share"];

/// How many bytes a shared socket has.
pub(crate) const SHARE_SIZE: usize = 0;

/// WSADuplicateSocket.
pub(crate) fn share(_: Descriptor, _: u32) -> Result<Vec<u8>, Errno> {
    Err(Errno::NOT_SUPPORTED)
}

/// WSASocket of what WSADuplicateSocket gave, and its family, type and protocol.
pub(crate) fn from_share(_: &[u8]) -> Result<(Owned, [i32; 3]), Errno> {
    Err(Errno::NOT_SUPPORTED)
}

/// What WSAIoctl takes, and how many numbers each.
pub(crate) const CONTROLS: &[(u32, usize)] = &[];

/// WSAIoctl.
pub(crate) fn ioctl(_: Descriptor, _: u32, _: &[u32]) -> Result<u32, Errno> {
    Err(Errno::NOT_SUPPORTED)
}
