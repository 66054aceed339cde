//! What the pollers have in common. A poller watches any number of descriptors: [`Queue`] is the one that
//! the kernel keeps (epoll, kqueue), [`PollSet`] hands all of its descriptors to poll(2) at each wait.

use std::ops::{BitAnd, BitOr};
use std::time::Duration;

use super::{Errno, PollSet, Queue};

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

    /// How to watch a descriptor in a queue: edge-triggered, for all events, so that there is one event each time that it
    /// becomes ready. Without it every wait tells of it for as long as it is ready.
    pub(crate) const EDGE: Ready = Ready(64);

    /// It is no open descriptor, which only poll(2) tells.
    pub(crate) const CLOSED: Ready = Ready(128);

    /// Whether the two sets have a bit in common.
    pub(crate) fn has(self, other: Ready) -> bool {
        self & other != Ready::NONE
    }

    /// This set where the condition holds, else the empty one.
    pub(crate) fn when(self, condition: bool) -> Ready {
        if condition { self } else { Ready::NONE }
    }
}

impl BitOr for Ready {
    type Output = Ready;

    fn bitor(self, other: Ready) -> Ready {
        Ready(self.0 | other.0)
    }
}

impl BitAnd for Ready {
    type Output = Ready;

    fn bitand(self, other: Ready) -> Ready {
        Ready(self.0 & other.0)
    }
}

/// What a selector, or the scheduler of tasks, waits with: the kernel's queue where there is one, or poll(2).
pub(crate) enum Poller {
    Queue(Queue),
    Poll(PollSet),
}

impl Poller {
    /// A queue, unless the system has none.
    pub(crate) fn new() -> Result<Self, Errno> {
        match Queue::new() {
            Err(Errno::NOT_SUPPORTED) => Ok(Poller::Poll(PollSet::new())),
            made => made.map(Poller::Queue),
        }
    }

    /// Waits until a descriptor is ready, at most as long as given, and tells how many events there are.
    pub(crate) fn wait(&mut self, time: Option<Duration>) -> Result<usize, Errno> {
        match self {
            Poller::Queue(queue) => queue.wait(time),
            Poller::Poll(set) => set.wait(time),
        }
    }

    /// An event of the last wait: the token of a descriptor, and what it is ready for.
    pub(crate) fn event(&self, n: usize) -> (Token, Ready) {
        match self {
            Poller::Queue(queue) => queue.event(n),
            Poller::Poll(set) => set.event(n),
        }
    }
}

/// What comes back with an event: the place of the descriptor among its owner's, and the generation of that place. Both
/// fit into a pointer, for kqueue keeps no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token(pub(super) usize);

impl Token {
    const HALF: u32 = usize::BITS / 2;

    /// How many places there can be.
    pub(crate) const PLACES: usize = 1 << Self::HALF;

    /// What has no place: it only ends the wait.
    #[cfg(unix)]
    pub(super) const NONE: Token = Token(usize::MAX);

    /// Of the generation as many bits are kept as there are.
    pub(crate) fn new(place: usize, generation: usize) -> Self {
        Token(place | generation << Self::HALF)
    }

    pub(crate) fn place(self) -> usize {
        self.0 & (Self::PLACES - 1)
    }
}

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
    fn told(queue: &mut Queue) -> Vec<(Token, Ready)> {
        let count = queue.wait(Some(Duration::from_micros(1500))).unwrap();
        (0..count).map(|n| queue.event(n)).collect()
    }

    #[test]
    #[cfg_attr(miri, ignore = "makes system calls")]
    fn an_edge_is_told_of_once() {
        let mut queue = Queue::new().unwrap();
        let pair = pair();
        let (one, other) = (as_raw_fd(&pair.0), as_raw_fd(&pair.1));
        let token = Token::new(7, 1_000_000);
        queue.add(one, Ready::EDGE, token).unwrap();
        assert_eq!(told(&mut queue), [(token, Ready::WRITE)]);
        assert_eq!(told(&mut queue), []);
        send(other, b"x"[..].into(), 0).unwrap();
        assert_eq!(told(&mut queue), [(token, Ready::READ | Ready::WRITE)]);
        assert_eq!(told(&mut queue), []);
        shutdown(other, headers::SHUT_WR).unwrap();
        assert_eq!(told(&mut queue), [(token, Ready::READ | Ready::WRITE | Ready::READ_END)]);
        queue.remove(one);
        assert_eq!((token.place(), told(&mut queue)), (7, vec![]));
    }

    #[test]
    #[cfg_attr(miri, ignore = "makes system calls")]
    fn what_comes_back_under_its_number_has_the_new_token() {
        let mut queue = Queue::new().unwrap();
        let pair = pair();
        let one = as_raw_fd(&pair.0);
        queue.add(one, Ready::WRITE, Token::new(1, 0)).unwrap();
        queue.add(one, Ready::WRITE, Token::new(2, 1)).unwrap();
        assert_eq!(told(&mut queue), [(Token::new(2, 1), Ready::WRITE)]);
    }
}
