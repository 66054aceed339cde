//! Waking a thread that waits for descriptors.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::platform::borrow;
use super::{
    DEFAULT_TYPE, Descriptor, Errno, Owned, PAIR_FAMILY, Ready, ReceiveBuffer, as_raw_fd, bits, poll, poll_entry, recv,
    send_at_once, set_nonblocking, socketpair,
};

/// How often a thread is woken until it succeeds, and how long after one try the next is made.
const MOST_TRIES: usize = 1000;
const PAUSE: Duration = Duration::from_millis(1);

/// A pair of connected sockets, which every system has: a wait includes the receiver.
pub(crate) struct Waker {
    receiver: Owned,
    sender: Owned,
    /// For whom it was used since the last `settle`.
    listeners: Mutex<Vec<u64>>,
}

impl Waker {
    pub(crate) fn new() -> Result<Self, Errno> {
        let (receiver, sender) = socketpair(PAIR_FAMILY, DEFAULT_TYPE, 0)?;
        set_nonblocking(as_raw_fd(&receiver), true)?;
        set_nonblocking(as_raw_fd(&sender), true)?;
        Ok(Waker { receiver, sender, listeners: Mutex::default() })
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

    /// Wakes the thread for one of its listeners, whose numbers the thread has chosen.
    pub(crate) fn wake_for(&self, listener: u64) {
        self.listeners().push(listener);
        self.wake();
    }

    fn listeners(&self) -> MutexGuard<'_, Vec<u64>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the descriptor unreadable again. Returns the listeners since the last call.
    pub(crate) fn settle(&self) -> Vec<u64> {
        let mut room = [const { std::mem::MaybeUninit::uninit() }; 64];
        while recv(self.fd(), &mut ReceiveBuffer::new(&mut room), super::DONT_WAIT).is_ok_and(|count| count > 0) {}
        std::mem::take(&mut *self.listeners())
    }
}

/// Waits until one of the descriptors is ready, at most for a time: false when it is over. Fails with ECANCELED when
/// the waker is used.
pub(crate) fn wait_or_wake(
    awaited: &[Descriptor],
    readiness: Ready,
    waker: Option<Descriptor>,
    time: Option<Duration>,
) -> Result<bool, Errno> {
    let mut entries = Vec::new();
    entries.try_reserve_exact(awaited.len() + 1).map_err(|_| Errno::NO_MEMORY)?;
    entries.extend(awaited.iter().map(|fd| poll_entry(*fd, bits(readiness))));
    entries.extend(waker.map(|waker| poll_entry(waker, bits(Ready::READ))));
    let count = poll(&mut entries, time)?;
    let is_woken = waker.is_some() && entries.last().is_some_and(|entry| entry.revents != 0);
    if is_woken { Err(Errno::CANCELED) } else { Ok(count > 0) }
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
        let wait = || wait_or_wake(&[], Ready::READ, Some(waker.fd()), Some(Duration::ZERO));
        assert_eq!(wait(), Ok(false));
        (0..100_000).for_each(|_| waker.wake());
        waker.wake_for(7);
        assert_eq!((wait(), wait()), (Err(Errno::CANCELED), Err(Errno::CANCELED)));
        assert_eq!((waker.settle(), waker.settle()), (vec![7], vec![]));
        assert_eq!(wait(), Ok(false));
        let pair = socketpair(PAIR_FAMILY, DEFAULT_TYPE, 0).unwrap();
        let both = || wait_or_wake(&[as_raw_fd(&pair.0)], Ready::WRITE, Some(waker.fd()), Some(Duration::ZERO));
        assert_eq!(both(), Ok(true));
        waker.wake();
        assert_eq!(both(), Err(Errno::CANCELED));
    }
}
