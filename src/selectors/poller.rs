//! The poller of a selector: level-triggered.

use crate::sys::{Descriptor, Errno, PollSet, Poller, Queue, Ready, Token};

impl Poller {
    pub(super) fn poll() -> Self {
        Poller::Poll(PollSet::new())
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Poller::Queue(_) => Queue::NAME,
            Poller::Poll(_) => "PollSelector",
        }
    }

    pub(super) fn add(&mut self, fd: Descriptor, watch: Ready, token: Token) -> Result<(), Errno> {
        match self {
            Poller::Queue(queue) => queue.add(fd, watch, token),
            Poller::Poll(set) => set.add(fd, watch, token),
        }
    }

    pub(super) fn change(&mut self, fd: Descriptor, watch: Ready, token: Token) -> Result<(), Errno> {
        match self {
            Poller::Queue(queue) => queue.change(fd, watch, token),
            Poller::Poll(set) => set.change(fd, watch),
        }
    }

    pub(super) fn remove(&mut self, fd: Descriptor) {
        match self {
            Poller::Queue(queue) => queue.remove(fd),
            Poller::Poll(set) => set.remove(fd),
        }
    }

    /// Creates a new queue with these descriptors only. A set for poll(2) never has others.
    pub(super) fn renew(&mut self, descriptors: impl Iterator<Item = (Descriptor, Ready, Token)>) -> Result<(), Errno> {
        match self {
            Poller::Queue(queue) => queue.renew(descriptors),
            Poller::Poll(_) => Ok(()),
        }
    }

    /// Whether each wait passes all descriptors to the system: closed ones must be removed before.
    pub(super) fn asks_each(&self) -> bool {
        matches!(self, Poller::Poll(_))
    }

    pub(super) fn fd(&self) -> Option<Descriptor> {
        match self {
            Poller::Queue(queue) => Some(queue.fd()),
            Poller::Poll(_) => None,
        }
    }
}
