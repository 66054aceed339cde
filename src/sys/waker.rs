//! Waking a thread that waits for descriptors.

use super::{
    DEFAULT_TYPE, DONT_WAIT, Descriptor, Errno, Filling, Owned, PAIR_FAMILY, as_raw_fd, recv, send_at_once,
    set_nonblocking, socketpair,
};

/// A pair of sockets, of which a wait watches one: every system has it.
pub(crate) struct Waker {
    heard: Owned,
    told: Owned,
}

impl Waker {
    pub(crate) fn new() -> Result<Self, Errno> {
        let (heard, told) = socketpair(PAIR_FAMILY, DEFAULT_TYPE, 0)?;
        set_nonblocking(as_raw_fd(&heard), true)?;
        set_nonblocking(as_raw_fd(&told), true)?;
        Ok(Waker { heard, told })
    }

    /// The descriptor that is ready to read once somebody woke the thread.
    pub(crate) fn fd(&self) -> Descriptor {
        as_raw_fd(&self.heard)
    }

    /// Wakes the thread, from any thread. Where there is no room for the byte others wait to be read.
    pub(crate) fn wake(&self) {
        let _ = send_at_once(as_raw_fd(&self.told), b"\0"[..].into(), false);
    }

    /// Forgets that the thread was woken.
    pub(crate) fn settle(&self) {
        let mut room = [const { std::mem::MaybeUninit::uninit() }; 64];
        while recv(self.fd(), &mut Filling::new(&mut room), DONT_WAIT).is_ok_and(|count| count > 0) {}
    }
}
