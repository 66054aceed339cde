//! WSAPoll of one descriptor.

use std::time::Duration;

use windows_sys::Win32::Networking::WinSock::{FD_SET, POLLRDNORM, POLLWRNORM, TIMEVAL, WSAPOLLFD, WSAPoll, select};

use super::*;
use crate::sys::poller::milliseconds;

/// Waits until a descriptor is ready or has an error, which the next call on it returns. False after `time`, which is
/// rounded up to milliseconds.
pub(crate) fn wait(fd: Descriptor, readiness: Ready, time: Option<Duration>) -> Result<bool, Errno> {
    let milliseconds = milliseconds(time);
    let events = match readiness {
        Ready::READ => POLLRDNORM,
        _ if matches!(getpeername(fd), Err(Errno(headers::ENOTCONN))) => {
            return select_connected(&[fd], milliseconds);
        }
        _ => POLLWRNORM,
    };
    let mut entry = WSAPOLLFD { fd: handle(fd), events, revents: 0 };
    // SAFETY: one entry.
    Ok(check(fd, unsafe { WSAPoll(&mut entry, 1, milliseconds) })? > 0)
}

/// Waits until one of several connects has succeeded or failed, or the time is over.
pub(crate) fn wait_to_connect(descriptors: &[Descriptor], time: Option<Duration>) -> Result<(), Errno> {
    select_connected(descriptors, milliseconds(time)).map(drop)
}

/// The same by select, and whether it was in time: before Windows 10, version 2004, WSAPoll did not report a
/// connect that failed. An `fd_set` of Winsock is an array, so there is no limit on descriptor numbers; it has room for
/// the first 64.
fn select_connected(descriptors: &[Descriptor], milliseconds: i32) -> Result<bool, Errno> {
    let mut fd_array = [0; 64];
    for (place, fd) in fd_array.iter_mut().zip(descriptors) {
        *place = handle(*fd);
    }
    let fd_count = descriptors.len().min(fd_array.len()) as u32;
    let (mut connected, mut failed) = (FD_SET { fd_count, fd_array }, FD_SET { fd_count, fd_array });
    let time = TIMEVAL { tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000 };
    let limit = if milliseconds < 0 { std::ptr::null() } else { &raw const time };
    // SAFETY: both sets and the time are valid.
    Ok(check(descriptors[0], unsafe { select(0, std::ptr::null_mut(), &mut connected, &mut failed, limit) })? > 0)
}

/// Only needed where one call is made of several; not here.
pub(crate) fn has_error(_: Descriptor) -> bool {
    false
}

/// Only needed where one call is made of several; not here.
pub(crate) fn has_ended(_: Descriptor) -> Option<bool> {
    None
}

/// Sleeps.
pub(crate) fn pause(time: Duration) -> Result<(), Errno> {
    std::thread::sleep(time);
    Ok(())
}
