//! The number of this machine among virtual machines and their host.

use super::*;

/// Asks `/dev/vsock` for it (vsock(7)): the request belongs to the device, not to a socket.
pub(crate) fn local_cid() -> Result<u32, Errno> {
    const IOCTL_VM_SOCKETS_GET_LOCAL_CID: libc::Ioctl = libc::_IO(7, 0xb9);
    let device = std::fs::File::open("/dev/vsock")?;
    let mut cid = 0;
    // SAFETY: the request writes one integer of 32 bits.
    check(unsafe { libc::ioctl(device.as_raw_fd(), IOCTL_VM_SOCKETS_GET_LOCAL_CID, &raw mut cid) } as isize)?;
    Ok(cid)
}
