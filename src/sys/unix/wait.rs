//! Waiting for one descriptor.

use std::time::Duration;

use super::*;

/// poll_one(2) of one descriptor, which has no limit on its number. True when it is ready (or broken, as the next call on it
/// will tell), false when the time is over. A time that is no whole number of milliseconds is rounded up.
pub(crate) fn wait(fd: Descriptor, readiness: Readiness, time: Option<Duration>) -> Result<bool, Errno> {
    let events = match readiness {
        Readiness::Read => libc::POLLIN,
        Readiness::Write => libc::POLLOUT,
    };
    poll_one(fd, events, time).map(|events| events != 0)
}

/// Whether the next call on a socket is going to fail, by what poll_one(2) tells of it.
pub(crate) fn has_error(fd: Descriptor) -> bool {
    poll_one(fd, 0, Some(Duration::ZERO)).is_ok_and(|events| events & libc::POLLERR != 0)
}

/// Whether nothing more will come to a socket than has come. `None` where the system does not tell.
pub(crate) fn has_ended(fd: Descriptor) -> Option<bool> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return poll_one(fd, libc::POLLRDHUP, Some(Duration::ZERO)).ok().map(|events| events != 0);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    return Some(fd).and(None);
}

/// Lets time pass, less when a signal arrives.
pub(crate) fn pause(time: Duration) -> Result<(), Errno> {
    // A negative number is no descriptor, and not looked at.
    poll_one(-1, 0, Some(time)).map(drop)
}

/// The events of one descriptor, none when the time is over.
fn poll_one(fd: Descriptor, events: i16, time: Option<Duration>) -> Result<i16, Errno> {
    let mut entry = poll_entry(fd, events);
    poll(std::slice::from_mut(&mut entry), time)?;
    Ok(entry.revents)
}
