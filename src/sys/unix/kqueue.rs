//! kqueue(2).

use std::time::Duration;

use libc::kevent;

use super::*;
use crate::sys::poller::{NO_TOKEN, milliseconds};

/// Descriptors that the kernel watches. It forgets a descriptor when that is closed. Reading and writing are watched
/// each for itself: a descriptor that is ready for both has two events.
pub(crate) struct Queue {
    fd: Owned,
    events: Box<[kevent]>,
    has_alarm: bool,
}

/// The two filters, and what each tells of.
const FILTERS: [(i64, Ready); 2] = [(libc::EVFILT_READ as i64, Ready::READ), (libc::EVFILT_WRITE as i64, Ready::WRITE)];

/// The numbers of the timers of an alarm.
const TIME: Descriptor = 0;
const NOW: Descriptor = 1;

impl Queue {
    /// What a selector over it is called.
    pub(crate) const NAME: &str = "KqueueSelector";

    /// kqueue(2), close-on-exec.
    pub(crate) fn new() -> Result<Self, Errno> {
        // SAFETY: plain call.
        let fd = check(unsafe { libc::kqueue() } as isize)?;
        // SAFETY: a descriptor that was just made.
        let fd = unsafe { Owned::from_raw_fd(fd as Descriptor) };
        set_inheritable(fd.as_raw_fd(), false)?;
        let events = vec![entry(0, FILTERS[0].0, 0, 0); BATCH].into_boxed_slice();
        Ok(Queue { fd, events, has_alarm: false })
    }

    /// Adds a descriptor.
    pub(crate) fn add(&mut self, fd: Descriptor, watch: Ready, token: usize) -> Result<(), Errno> {
        let set = self.change(fd, watch, token);
        if set.is_err() {
            self.remove(fd);
        }
        set
    }

    /// Changes how a descriptor is watched.
    pub(crate) fn change(&mut self, fd: Descriptor, watch: Ready, token: usize) -> Result<(), Errno> {
        let (watch, flags) = match watch {
            Ready::EDGE => (Ready::BOTH, libc::EV_ADD | libc::EV_CLEAR),
            watch => (watch, libc::EV_ADD),
        };
        for (filter, ready) in FILTERS {
            if watch.has(ready) {
                self.control(entry(fd, filter, flags, token))?;
            } else {
                // It may not be there.
                let _ = self.control(entry(fd, filter, libc::EV_DELETE, token));
            }
        }
        Ok(())
    }

    /// Removes a descriptor. One that was closed is there no more.
    pub(crate) fn remove(&mut self, fd: Descriptor) {
        for (filter, _) in FILTERS {
            let _ = self.control(entry(fd, filter, libc::EV_DELETE, 0));
        }
    }

    fn control(&self, change: kevent) -> Result<(), Errno> {
        let nowhere = std::ptr::null_mut();
        // SAFETY: one change, and no room for events.
        check(unsafe { libc::kevent(self.fd.as_raw_fd(), &change, 1, nowhere, 0, std::ptr::null()) } as isize).map(drop)
    }

    /// Waits until a descriptor is ready, at most as long as given, and tells how many events there are.
    pub(crate) fn wait(&mut self, time: Option<Duration>) -> Result<usize, Errno> {
        let time = time.map(|time| libc::timespec {
            tv_sec: time.as_secs().try_into().unwrap_or(libc::time_t::MAX),
            tv_nsec: time.subsec_nanos() as _,
        });
        let limit = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        let (fd, room) = (self.fd.as_raw_fd(), self.events.as_mut_ptr());
        // SAFETY: no changes, room for a batch, and a time or none.
        check(unsafe { libc::kevent(fd, std::ptr::null(), 0, room, BATCH as _, limit) } as isize)
    }

    /// An event of the last wait.
    pub(crate) fn event(&self, n: usize) -> (usize, Ready) {
        let event = self.events[n];
        let filter = FILTERS.iter().find(|(filter, _)| event.filter as i64 == *filter);
        let (end, failed) = (event.flags & libc::EV_EOF != 0, event.fflags != 0);
        let ready = filter
            .map_or(Ready::NONE, |(_, ready)| *ready)
            .with(Ready::READ_END, end && filter == Some(&FILTERS[0]))
            .with(Ready::ERROR, end && failed);
        (event.udata as usize, ready)
    }

    /// Begins again with these descriptors only: nothing else is ever left here.
    pub(crate) fn renew(&mut self, _: impl Iterator<Item = (Descriptor, Ready, usize)>) -> Result<(), Errno> {
        Ok(())
    }

    /// The descriptor of the queue itself, which is ready to read when there are events.
    pub(crate) fn fd(&self) -> Descriptor {
        self.fd.as_raw_fd()
    }

    /// From now on `set_alarm` and `ring` make the queue readable, by two timers of its own. The next wait takes their
    /// events.
    pub(crate) fn add_alarm(&mut self) -> Result<(), Errno> {
        self.has_alarm = true;
        Ok(())
    }

    pub(crate) fn has_alarm(&self) -> bool {
        self.has_alarm
    }

    /// Makes the queue readable after a time, in milliseconds, and not at the one that was set before.
    pub(crate) fn set_alarm(&self, time: Option<Duration>) {
        match time {
            Some(time) => self.set_timer(TIME, libc::EV_ADD | libc::EV_ONESHOT, milliseconds(Some(time)).max(1)),
            None => self.set_timer(TIME, libc::EV_DELETE, 0),
        }
    }

    /// Makes the queue readable now, or as soon as the shortest timer has run.
    pub(crate) fn ring(&self) {
        self.set_timer(NOW, libc::EV_ADD | libc::EV_ONESHOT, 1);
    }

    fn set_timer(&self, number: Descriptor, flags: impl TryInto<u32>, time: i32) {
        let mut change = entry(number, libc::EVFILT_TIMER as i64, flags, NO_TOKEN);
        change.data = time as _;
        // One that is to be deleted may not be there.
        let _ = self.control(change);
    }
}

fn entry(fd: Descriptor, filter: i64, flags: impl TryInto<u32>, token: usize) -> kevent {
    // SAFETY: all fields may be zero; some systems have more of them.
    let mut entry: kevent = unsafe { std::mem::zeroed() };
    (entry.ident, entry.filter, entry.udata) = (fd as _, filter as _, token as *mut _);
    entry.flags = flags.try_into().unwrap_or_default() as _;
    entry
}
