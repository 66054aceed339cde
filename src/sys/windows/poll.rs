//! WSAPoll of many sockets.

use std::thread::sleep;
use std::time::Duration;

use windows_sys::Win32::Networking::WinSock::{INVALID_SOCKET, WSAPOLLFD, WSAPoll};

use super::*;
use crate::sys::poller::milliseconds;

/// How long a wait for no socket at all takes at most: WSAPoll refuses to wait for none.
const STEP: Duration = Duration::from_millis(100);

/// An entry for WSAPoll.
pub(crate) fn poll_entry(fd: Descriptor, events: i16) -> WSAPOLLFD {
    WSAPOLLFD { fd: handle(fd), events, revents: 0 }
}

/// WSAPoll: how many entries are ready. A time that is no whole number of milliseconds is rounded up; without entries
/// the wait may end before it. As with poll(2), an entry without a descriptor is never ready.
pub(crate) fn poll(entries: &mut [WSAPOLLFD], time: Option<Duration>) -> Result<usize, Errno> {
    if !entries.iter().all(has_descriptor) {
        return poll_some(entries, time);
    }
    if entries.is_empty() {
        sleep(time.map_or(STEP, |time| time.min(STEP)));
        return Ok(0);
    }
    // SAFETY: that many entries.
    let ready = unsafe { WSAPoll(entries.as_mut_ptr(), entries.len() as u32, milliseconds(time)) };
    if ready >= 0 { Ok(ready as usize) } else { Err(Errno::last()) }
}

fn has_descriptor(entry: &WSAPOLLFD) -> bool {
    entry.fd != INVALID_SOCKET
}

/// The same for the entries that have a descriptor: WSAPoll tells the others as invalid, at once.
#[cold]
fn poll_some(entries: &mut [WSAPOLLFD], time: Option<Duration>) -> Result<usize, Errno> {
    let mut some = Vec::new();
    some.try_reserve_exact(entries.len()).map_err(|_| Errno::NO_MEMORY)?;
    some.extend(entries.iter().copied().filter(has_descriptor));
    let ready = poll(&mut some, time)?;
    let mut told = some.iter().map(|entry| entry.revents);
    for entry in entries {
        entry.revents = if has_descriptor(entry) { told.next().unwrap_or(0) } else { 0 };
    }
    Ok(ready)
}
