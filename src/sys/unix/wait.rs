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
    let milliseconds = match time {
        None => -1,
        Some(time) => i32::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX),
    };
    let mut entry = libc::pollfd { fd, events, revents: 0 };
    // SAFETY: one entry.
    let ready = check(unsafe { libc::poll(&mut entry, 1, milliseconds) } as isize)?;
    Ok(ready > 0)
}
