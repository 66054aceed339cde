//! Descriptors for poll(2), or WSAPoll.

use std::time::Duration;

use super::headers::{POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, pollfd};
use super::platform::{poll, poll_entry};
use super::{Descriptor, Errno, Ready, Token};

/// Descriptors that each wait hands to the system, all of them.
pub(crate) struct PollSet {
    entries: Vec<pollfd>,
    /// Of each entry the descriptor and the token.
    watched: Vec<(Descriptor, Token)>,
    events: Vec<(Token, Ready)>,
}

impl PollSet {
    pub(crate) fn new() -> Self {
        PollSet { entries: Vec::new(), watched: Vec::new(), events: Vec::new() }
    }

    /// Adds a descriptor that is not in the set. Whether it is open is only seen at a wait.
    pub(crate) fn add(&mut self, fd: Descriptor, watch: Ready, token: Token) -> Result<(), Errno> {
        let room = self.entries.try_reserve(1).and_then(|()| self.watched.try_reserve(1));
        room.and_then(|()| self.events.try_reserve(self.watched.len() + 1)).map_err(|_| Errno::NO_MEMORY)?;
        self.entries.push(poll_entry(fd, bits(watch)));
        self.watched.push((fd, token));
        Ok(())
    }

    /// Changes what a descriptor is watched for.
    pub(crate) fn change(&mut self, fd: Descriptor, watch: Ready) -> Result<(), Errno> {
        let n = self.find(fd).ok_or(Errno::NOT_FOUND)?;
        self.entries[n].events = bits(watch);
        Ok(())
    }

    /// Removes a descriptor.
    pub(crate) fn remove(&mut self, fd: Descriptor) {
        if let Some(n) = self.find(fd) {
            self.entries.swap_remove(n);
            self.watched.swap_remove(n);
        }
    }

    fn find(&self, fd: Descriptor) -> Option<usize> {
        self.watched.iter().position(|(watched, _)| *watched == fd)
    }

    /// Waits until a descriptor is ready, at most as long as given, and tells how many events there are.
    pub(crate) fn wait(&mut self, time: Option<Duration>) -> Result<usize, Errno> {
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

    /// An event of the last wait.
    pub(crate) fn event(&self, n: usize) -> (Token, Ready) {
        self.events[n]
    }
}

fn bits(watch: Ready) -> i16 {
    (if watch.has(Ready::READ) { POLLIN } else { 0 }) | (if watch.has(Ready::WRITE) { POLLOUT } else { 0 })
}

fn ready(bits: i16) -> Ready {
    Ready::READ.when(bits & POLLIN != 0)
        | Ready::WRITE.when(bits & POLLOUT != 0)
        | Ready::HANGUP.when(bits & POLLHUP != 0)
        | Ready::ERROR.when(bits & (POLLERR | POLLNVAL) != 0)
}
