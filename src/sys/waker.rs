//! Waking a thread that waits for descriptors.

use super::{
    DEFAULT_TYPE, DONT_WAIT, Descriptor, Errno, Filling, Owned, PAIR_FAMILY, as_raw_fd, recv, send_at_once,
    set_nonblocking, socketpair,
};

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

    /// Wakes the thread; may be called in any thread. If the socket has no space, earlier bytes wake the thread.
    pub(crate) fn wake(&self) {
        let _ = send_at_once(as_raw_fd(&self.sender), b"\0"[..].into(), false);
    }

    /// Makes the descriptor unreadable again.
    pub(crate) fn settle(&self) {
        let mut room = [const { std::mem::MaybeUninit::uninit() }; 64];
        while recv(self.fd(), &mut Filling::new(&mut room), DONT_WAIT).is_ok_and(|count| count > 0) {}
    }
}
