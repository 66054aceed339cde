//! poll(2) of many descriptors.

use std::time::Duration;

use super::*;
use crate::sys::poller::milliseconds;

/// An entry for poll(2).
pub(crate) fn poll_entry(fd: Descriptor, events: i16) -> libc::pollfd {
    libc::pollfd { fd, events, revents: 0 }
}

/// poll(2): how many entries are ready. A time that is no whole number of milliseconds is rounded up.
pub(crate) fn poll(entries: &mut [libc::pollfd], time: Option<Duration>) -> Result<usize, Errno> {
    // SAFETY: that many entries.
    check(unsafe { libc::poll(entries.as_mut_ptr(), entries.len() as _, milliseconds(time)) } as isize)
}
