//! poll(2) of one descriptor.

use std::time::Duration;

use super::*;

/// Waits until a descriptor is ready or has an error, which the next call on it returns. False after `time`, which is
/// rounded up to milliseconds.
pub(crate) fn wait(fd: Descriptor, readiness: Readiness, time: Option<Duration>) -> Result<bool, Errno> {
    let events = match readiness {
        Readiness::Read => libc::POLLIN,
        Readiness::Write => libc::POLLOUT,
    };
    poll(fd, events, time).map(|events| events != 0)
}

/// Whether poll(2) reports an error, which the next call on the socket returns.
pub(crate) fn has_error(fd: Descriptor) -> bool {
    poll(fd, 0, Some(Duration::ZERO)).is_ok_and(|events| events & libc::POLLERR != 0)
}

/// Whether the peer has shut down sending. `None` where poll(2) cannot tell.
pub(crate) fn has_ended(fd: Descriptor) -> Option<bool> {
    #[cfg(linux_like)]
    return poll(fd, libc::POLLRDHUP, Some(Duration::ZERO)).ok().map(|events| events != 0);
    #[cfg(not(linux_like))]
    return Some(fd).and(None);
}

/// Sleeps, less when a signal arrives.
pub(crate) fn pause(time: Duration) -> Result<(), Errno> {
    // poll(2) ignores negative descriptors.
    poll(-1, 0, Some(time)).map(drop)
}

/// poll(2) of one descriptor: its events, none after the time.
fn poll(fd: Descriptor, events: i16, time: Option<Duration>) -> Result<i16, Errno> {
    let milliseconds = match time {
        None => -1,
        Some(time) => i32::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX),
    };
    let mut entry = libc::pollfd { fd, events, revents: 0 };
    // SAFETY: one entry.
    check(unsafe { libc::poll(&mut entry, 1, milliseconds) } as isize)?;
    Ok(entry.revents)
}
