//! The poller of selectors and tasks: it watches any number of descriptors.

use std::time::Duration;

use super::headers::{POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, pollfd};
use super::platform::{poll, poll_entry};
use super::{Descriptor, Errno, Queue};

/// What a descriptor is ready for, or what to watch it for: a set of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ready(pub(crate) u8);

impl Ready {
    pub(crate) const NONE: Ready = Ready(0);
    /// Data, a connection, or the end of the stream.
    pub(crate) const READ: Ready = Ready(1);
    /// Room to send, or the outcome of a connect.
    pub(crate) const WRITE: Ready = Ready(2);
    /// Urgent data, which only epoll tells.
    #[allow(dead_code, reason = "not every system tells it")]
    pub(crate) const URGENT: Ready = Ready(4);
    /// The peer sends nothing more; poll(2) does not tell.
    #[allow(dead_code, reason = "not every system tells it")]
    pub(crate) const READ_END: Ready = Ready(8);
    /// Nothing goes in either direction any more.
    pub(crate) const HANGUP: Ready = Ready(16);
    /// The next call fails.
    pub(crate) const ERROR: Ready = Ready(32);
    /// Reading and writing.
    pub(crate) const BOTH: Ready = Ready(3);

    /// How to watch a descriptor in a queue: edge-triggered, for all events, so that there is one event each time that it
    /// becomes ready. Without it every wait tells of it for as long as it is ready.
    pub(crate) const EDGE: Ready = Ready(64);

    /// Whether the two sets have a bit in common.
    pub(crate) fn has(self, other: Ready) -> bool {
        self.and(other) != Ready::NONE
    }

    /// This set without the bits of another one.
    pub(crate) fn without(self, other: Ready) -> Ready {
        Ready(self.0 & !other.0)
    }

    /// The bits of both sets.
    pub(crate) fn or(self, other: Ready) -> Ready {
        Ready(self.0 | other.0)
    }

    /// The bits that both sets have.
    pub(crate) fn and(self, other: Ready) -> Ready {
        Ready(self.0 & other.0)
    }

    /// This set and the bits of another one, where the condition holds.
    pub(crate) fn with(self, other: Ready, condition: bool) -> Ready {
        if condition { self.or(other) } else { self }
    }
}

/// Watches descriptors with the kernel's queue (epoll, kqueue), or with poll(2), which gets all of them at each wait.
/// Each has a token, a number that comes back with its events.
pub(crate) struct Poller {
    pub(crate) queue: Option<Queue>,
    entries: Vec<pollfd>,
    /// Of each entry the descriptor and the token.
    watched: Vec<(Descriptor, usize)>,
    events: Vec<(usize, Ready)>,
}

impl Poller {
    /// With a queue, unless the system has none.
    pub(crate) fn new() -> Result<Self, Errno> {
        match Queue::new() {
            Err(Errno::NOT_SUPPORTED) => Ok(Poller::over(None)),
            made => made.map(|queue| Poller::over(Some(queue))),
        }
    }

    /// With this queue, or without one.
    pub(crate) fn over(queue: Option<Queue>) -> Self {
        Poller { queue, entries: Vec::new(), watched: Vec::new(), events: Vec::new() }
    }

    /// Adds a descriptor that is not watched. Without a queue, only a wait sees whether it is open.
    pub(crate) fn add(&mut self, fd: Descriptor, watch: Ready, token: usize) -> Result<(), Errno> {
        if let Some(queue) = &mut self.queue {
            return queue.add(fd, watch, token);
        }
        let room = self.entries.try_reserve(1).and_then(|()| self.watched.try_reserve(1));
        room.and_then(|()| self.events.try_reserve(self.watched.len() + 1)).map_err(|_| Errno::NO_MEMORY)?;
        self.entries.push(poll_entry(fd, bits(watch)));
        self.watched.push((fd, token));
        Ok(())
    }

    /// Changes what a descriptor is watched for.
    pub(crate) fn change(&mut self, fd: Descriptor, watch: Ready, token: usize) -> Result<(), Errno> {
        if let Some(queue) = &mut self.queue {
            return queue.change(fd, watch, token);
        }
        let n = self.find(fd).ok_or(Errno::NOT_FOUND)?;
        self.entries[n].events = bits(watch);
        Ok(())
    }

    /// Removes a descriptor.
    pub(crate) fn remove(&mut self, fd: Descriptor) {
        if let Some(queue) = &mut self.queue {
            queue.remove(fd);
        } else if let Some(n) = self.find(fd) {
            self.entries.swap_remove(n);
            self.watched.swap_remove(n);
        }
    }

    fn find(&self, fd: Descriptor) -> Option<usize> {
        self.watched.iter().position(|(watched, _)| *watched == fd)
    }

    /// Waits until a descriptor is ready, at most as long as given, and tells how many events there are.
    pub(crate) fn wait(&mut self, time: Option<Duration>) -> Result<usize, Errno> {
        if let Some(queue) = &mut self.queue {
            return queue.wait(time);
        }
        self.events.clear();
        let mut left = poll(&mut self.entries, time)?;
        for (entry, (_, token)) in self.entries.iter().zip(&self.watched) {
            if left == 0 {
                break;
            }
            if entry.revents != 0 {
                left -= 1;
                self.events.push((*token, ready(entry.revents)));
            }
        }
        Ok(self.events.len())
    }

    /// An event of the last wait: the token of a descriptor, and what it is ready for.
    pub(crate) fn event(&self, n: usize) -> (usize, Ready) {
        match &self.queue {
            Some(queue) => queue.event(n),
            None => self.events[n],
        }
    }
}

/// What poll(2) is asked for.
pub(crate) fn bits(watch: Ready) -> i16 {
    (if watch.has(Ready::READ) { POLLIN } else { 0 }) | (if watch.has(Ready::WRITE) { POLLOUT } else { 0 })
}

fn ready(bits: i16) -> Ready {
    Ready::NONE
        .with(Ready::READ, bits & POLLIN != 0)
        .with(Ready::WRITE, bits & POLLOUT != 0)
        .with(Ready::HANGUP, bits & POLLHUP != 0)
        .with(Ready::ERROR, bits & (POLLERR | POLLNVAL) != 0)
}

/// The token of what only ends a wait.
#[cfg(unix)]
pub(super) const NO_TOKEN: usize = usize::MAX;

/// A time in milliseconds as poll(2) takes it, rounded up; -1 for no limit.
pub(super) fn milliseconds(time: Option<Duration>) -> i32 {
    match time {
        None => -1,
        Some(time) => i32::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX),
    }
}

#[cfg(all(test, linux_like))]
mod tests {
    use super::*;
    use crate::sys::{Owned, Queue, as_raw_fd, headers, send, shutdown, socketpair};

    fn pair() -> (Owned, Owned) {
        socketpair(headers::AF_UNIX, headers::SOCK_STREAM, 0).unwrap()
    }

    /// What a queue tells of within a millisecond: tokens and what they are ready for.
    fn told(queue: &mut Queue) -> Vec<(usize, Ready)> {
        let count = queue.wait(Some(Duration::from_micros(1500))).unwrap();
        (0..count).map(|n| queue.event(n)).collect()
    }

    #[test]
    #[cfg_attr(miri, ignore = "makes system calls")]
    fn an_edge_is_told_of_once() {
        let mut queue = Queue::new().unwrap();
        let pair = pair();
        let (one, other) = (as_raw_fd(&pair.0), as_raw_fd(&pair.1));
        let token = 7;
        queue.add(one, Ready::EDGE, token).unwrap();
        assert_eq!(told(&mut queue), [(token, Ready::WRITE)]);
        assert_eq!(told(&mut queue), []);
        send(other, b"x"[..].into(), 0).unwrap();
        assert_eq!(told(&mut queue), [(token, Ready::BOTH)]);
        assert_eq!(told(&mut queue), []);
        shutdown(other, headers::SHUT_WR).unwrap();
        assert_eq!(told(&mut queue), [(token, Ready::BOTH.or(Ready::READ_END))]);
        queue.remove(one);
        assert_eq!(told(&mut queue), []);
    }

    #[test]
    #[cfg_attr(miri, ignore = "makes system calls")]
    fn what_comes_back_under_its_number_has_the_new_token() {
        let mut queue = Queue::new().unwrap();
        let pair = pair();
        let one = as_raw_fd(&pair.0);
        queue.add(one, Ready::WRITE, 1).unwrap();
        queue.add(one, Ready::WRITE, 2).unwrap();
        assert_eq!(told(&mut queue), [(2, Ready::WRITE)]);
    }
}
