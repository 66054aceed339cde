//! Waiting for one descriptor.

use std::time::Duration;

use windows_sys::Win32::Networking::WinSock::{FD_SET, POLLRDNORM, POLLWRNORM, TIMEVAL, WSAPOLLFD, WSAPoll, select};

use super::*;
use crate::sys::poller::milliseconds;

/// WSAPoll of one descriptor. True when it is ready (or broken, as the next call on it will tell), false when the time is
/// over. A time that is no whole number of milliseconds is rounded up.
pub(crate) fn wait(fd: Descriptor, readiness: Readiness, time: Option<Duration>) -> Result<bool, Errno> {
    let milliseconds = milliseconds(time);
    let events = match readiness {
        Readiness::Read => POLLRDNORM,
        Readiness::Write if matches!(getpeername(fd), Err(Errno(headers::ENOTCONN))) => {
            return wait_for_connect(fd, milliseconds);
        }
        Readiness::Write => POLLWRNORM,
    };
    let mut entry = WSAPOLLFD { fd: handle(fd), events, revents: 0 };
    // SAFETY: one entry.
    Ok(check(fd, unsafe { WSAPoll(&mut entry, 1, milliseconds) })? > 0)
}

/// The same for a socket that is not connected. Before Windows 10, version 2004, WSAPoll said nothing of a connect that
/// failed; select always did. A set here is a list, in which a descriptor may have any number.
fn wait_for_connect(fd: Descriptor, milliseconds: i32) -> Result<bool, Errno> {
    let mut fd_array = [0; 64];
    fd_array[0] = handle(fd);
    let (mut connected, mut failed) = (FD_SET { fd_count: 1, fd_array }, FD_SET { fd_count: 1, fd_array });
    let time = TIMEVAL { tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000 };
    let limit = if milliseconds < 0 { std::ptr::null() } else { &raw const time };
    // SAFETY: both sets and the time are valid.
    Ok(check(fd, unsafe { select(0, std::ptr::null_mut(), &mut connected, &mut failed, limit) })? > 0)
}

/// Only asked where a call that waits is made of several ones, which it is not here.
pub(crate) fn has_error(_: Descriptor) -> bool {
    false
}

/// The same.
pub(crate) fn has_ended(_: Descriptor) -> Option<bool> {
    None
}

/// Lets time pass.
pub(crate) fn pause(time: Duration) -> Result<(), Errno> {
    std::thread::sleep(time);
    Ok(())
}
