//! The context id (CID) of this machine, for VSOCK.

use super::*;

/// ioctl(2) of `/dev/vsock` (vsock(7)); sockets do not know the request.
pub(crate) fn local_cid() -> Result<u32, Errno> {
    const IOCTL_VM_SOCKETS_GET_LOCAL_CID: libc::Ioctl = libc::_IO(7, 0xb9);
    let device = std::fs::File::open("/dev/vsock")?;
    let mut cid = 0;
    // SAFETY: the request writes one integer of 32 bits.
    check(unsafe { libc::ioctl(device.as_raw_fd(), IOCTL_VM_SOCKETS_GET_LOCAL_CID, &raw mut cid) } as isize)?;
    Ok(cid)
}
