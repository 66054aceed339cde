//! poll(2) of one descriptor.

use std::time::Duration;

use super::*;
use crate::sys::poller::bits;

/// Waits until a descriptor is ready or has an error, which the next call on it returns. False after `time`, which is
/// rounded up to milliseconds.
pub(crate) fn wait(fd: Descriptor, readiness: Ready, time: Option<Duration>) -> Result<bool, Errno> {
    poll_one(fd, bits(readiness), time).map(|events| events != 0)
}

/// Waits until one of several connects has succeeded or failed, or the time is over.
pub(crate) fn wait_to_connect(descriptors: &[Descriptor], time: Option<Duration>) -> Result<(), Errno> {
    let mut entries = descriptors.iter().map(|fd| poll_entry(*fd, libc::POLLOUT)).collect::<Vec<_>>();
    poll(&mut entries, time).map(drop)
}

/// Whether poll(2) reports an error, which the next call on the socket returns.
pub(crate) fn has_error(fd: Descriptor) -> bool {
    poll_one(fd, 0, Some(Duration::ZERO)).is_ok_and(|events| events & libc::POLLERR != 0)
}

/// Whether the peer has shut down sending. `None` where poll(2) cannot tell.
pub(crate) fn has_ended(fd: Descriptor) -> Option<bool> {
    #[cfg(linux_like)]
    return poll_one(fd, libc::POLLRDHUP, Some(Duration::ZERO)).ok().map(|events| events != 0);
    #[cfg(not(linux_like))]
    return Some(fd).and(None);
}

/// Sleeps, less when a signal arrives.
pub(crate) fn pause(time: Duration) -> Result<(), Errno> {
    // poll(2) ignores negative descriptors.
    poll_one(-1, 0, Some(time)).map(drop)
}

/// The events of one descriptor, none when the time is over.
fn poll_one(fd: Descriptor, events: i16, time: Option<Duration>) -> Result<i16, Errno> {
    let mut entry = poll_entry(fd, events);
    poll(std::slice::from_mut(&mut entry), time)?;
    Ok(entry.revents)
}
