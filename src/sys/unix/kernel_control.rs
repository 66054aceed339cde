//! Kernel controls (PF_SYSTEM) of macOS.

use std::ffi::CStr;

use super::*;

// From `sys/socket.h`, `sys/sys_domain.h` and `sys/kern_control.h`, which other systems lack.
const PF_SYSTEM: i32 = 32;
const SYSPROTO_CONTROL: i32 = 2;
const CTLIOCGINFO: u32 = 0xc064_4e03;
const MAX_KCTL_NAME: usize = 96;

/// The id of the control with a name: ioctl(2) of a new socket.
pub(crate) fn control_id(name: &CStr) -> Result<u32, Errno> {
    let bytes = name.to_bytes_with_nul();
    // `struct ctl_info`: the id, and the name.
    let mut info = [0; 4 + MAX_KCTL_NAME];
    info[4..].get_mut(..bytes.len()).ok_or(Errno::NAME_TOO_LONG)?.copy_from_slice(bytes);
    let asked = socket(PF_SYSTEM, libc::SOCK_DGRAM, SYSPROTO_CONTROL)?;
    // SAFETY: the request reads and writes the structure, whose name is terminated.
    check(unsafe { libc::ioctl(asked.as_raw_fd(), CTLIOCGINFO as _, &raw mut info) } as isize)?;
    Ok(u32::from_ne_bytes([info[0], info[1], info[2], info[3]]))
}
