//! Waking a thread that waits for descriptors.

use std::time::Duration;

use super::platform::borrow;
use super::{
    DEFAULT_TYPE, Descriptor, Errno, Owned, PAIR_FAMILY, PollSet, Readiness, Ready, ReceiveBuffer, Token, as_raw_fd,
    recv, send_at_once, set_nonblocking, socketpair,
};

/// How often a thread is woken until it succeeds, and how long after one try the next is made.
const MOST_TRIES: usize = 1000;
const PAUSE: Duration = Duration::from_millis(1);

/// A pair of connected sockets, which every system has: a wait includes the receiver.
pub(crate) struct Waker {
    receiver: Owned,
    sender: Owned,
}

impl Waker {
    pub(crate) fn new() -> Result<Self, Errno> {
        let (receiver, sender) = socketpair(PAIR_FAMILY, DEFAULT_TYPE, 0)?;
        set_nonblocking(as_raw_fd(&receiver), true)?;
        set_nonblocking(as_raw_fd(&sender), true)?;
        Ok(Waker { receiver, sender })
    }

    /// The descriptor that is readable after `wake`.
    pub(crate) fn fd(&self) -> Descriptor {
        as_raw_fd(&self.receiver)
    }

    /// Wakes the thread; may be called in any thread. If the socket has no space, earlier bytes wake the thread. While
    /// the system has no memory for a byte, tries again.
    pub(crate) fn wake(&self) {
        for _ in 0..MOST_TRIES {
            match send_at_once(as_raw_fd(&self.sender), b"\0"[..].into(), false) {
                Ok(_) | Err(Errno::WOULD_BLOCK) => return,
                Err(_) => std::thread::sleep(PAUSE),
            }
        }
    }

    /// Makes the descriptor unreadable again.
    pub(crate) fn settle(&self) {
        let mut room = [const { std::mem::MaybeUninit::uninit() }; 64];
        while recv(self.fd(), &mut ReceiveBuffer::new(&mut room), super::DONT_WAIT).is_ok_and(|count| count > 0) {}
    }
}

/// What ended a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Ready,
    Woken,
    Time,
}

/// Waits until one of the descriptors is ready or the waker is used, at most for a time.
pub(crate) fn wait_or_wake(
    awaited: &[Descriptor],
    readiness: Readiness,
    waker: Option<Descriptor>,
    time: Option<Duration>,
) -> Result<Ended, Errno> {
    const SOCKET: usize = 0;
    const WAKER: usize = 1;
    let mut set = PollSet::new();
    let watch = match readiness {
        Readiness::Read => Ready::READ,
        Readiness::Write => Ready::WRITE,
    };
    for &fd in awaited {
        set.add(fd, watch, Token::new(SOCKET, 0))?;
    }
    if let Some(waker) = waker {
        set.add(waker, Ready::READ, Token::new(WAKER, 0))?;
    }
    let count = set.wait(time)?;
    let places = (0..count).map(|n| set.event(n).0.place());
    Ok(places.max().map_or(Ended::Time, |place| if place == WAKER { Ended::Woken } else { Ended::Ready }))
}

/// Has a close not wait for the peer (SO_LINGER), as it would where a time for that was set.
pub(crate) fn end_linger(fd: Descriptor) {
    let _ = borrow(fd, |socket| match socket.linger()? {
        Some(time) if !time.is_zero() => socket.set_linger(None),
        _ => Ok(()),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "makes system calls")]
    fn a_waker_is_heard_until_it_settles() {
        let waker = Waker::new().unwrap();
        let wait = || wait_or_wake(&[], Readiness::Read, Some(waker.fd()), Some(Duration::ZERO)).unwrap();
        assert_eq!(wait(), Ended::Time);
        (0..100_000).for_each(|_| waker.wake());
        assert_eq!((wait(), wait()), (Ended::Woken, Ended::Woken));
        waker.settle();
        assert_eq!(wait(), Ended::Time);
        let pair = socketpair(PAIR_FAMILY, DEFAULT_TYPE, 0).unwrap();
        let both =
            || wait_or_wake(&[as_raw_fd(&pair.0)], Readiness::Write, Some(waker.fd()), Some(Duration::ZERO)).unwrap();
        assert_eq!(both(), Ended::Ready);
        waker.wake();
        assert_eq!(both(), Ended::Woken);
    }
}
