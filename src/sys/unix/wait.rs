//! Waiting for one descriptor.

use std::time::Duration;

use super::*;

/// poll(2) of one descriptor, which has no limit on its number. True when it is ready (or broken, as the next call on it
/// will tell), false when the time is over. A time that is no whole number of milliseconds is rounded up.
pub(crate) fn wait(fd: Descriptor, readiness: Readiness, time: Option<Duration>) -> Result<bool, Errno> {
    let events = match readiness {
        Readiness::Read => libc::POLLIN,
        Readiness::Write => libc::POLLOUT,
    };
    Ok(poll(&mut [poll_entry(fd, events)], time)? > 0)
}
