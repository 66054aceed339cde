//! ioctl requests.

use std::ptr;

use windows_sys::Win32::Networking::WinSock::{SIO_KEEPALIVE_VALS, SIO_LOOPBACK_FAST_PATH, SIO_RCVALL, WSAIoctl};

use super::*;

/// What WSAIoctl is let take, and how many numbers each: of keep-alive whether, after how long, and how often.
pub(crate) const CONTROLS: &[(u32, usize)] = &[(SIO_RCVALL, 1), (SIO_KEEPALIVE_VALS, 3), (SIO_LOOPBACK_FAST_PATH, 1)];

/// WSAIoctl: how many bytes the system answered.
pub(crate) fn ioctl(fd: Descriptor, control: u32, option: &[u32]) -> Result<u32, Errno> {
    let mut answered = 0;
    // SAFETY: the numbers are only read; there is no room for an answer.
    let returned = unsafe {
        WSAIoctl(
            handle(fd),
            control,
            option.as_ptr().cast(),
            size_of_val(option) as u32,
            ptr::null_mut(),
            0,
            &mut answered,
            ptr::null_mut(),
            None,
        )
    };
    check(fd, returned).map(|_| answered)
}
