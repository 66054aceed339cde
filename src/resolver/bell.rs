//! Telling a thread that waits for descriptors which of its look-ups are done.

use std::sync::{Arc, Mutex, PoisonError};

use crate::sys::{Descriptor, Errno, Waker};

/// Who waits for an answer, as the owner of the bell names it.
pub(crate) type Listener = (u32, i64);

/// A descriptor to wait for, and whose answers came since. Look-ups that go on own it too, so that they never write to a
/// number that another descriptor has meanwhile.
pub(crate) struct Bell {
    waker: Waker,
    rung: Mutex<Vec<Listener>>,
}

impl Bell {
    pub(crate) fn new() -> Result<Arc<Self>, Errno> {
        Ok(Arc::new(Bell { waker: Waker::new()?, rung: Mutex::default() }))
    }

    /// Ready to read when an answer has come.
    pub(crate) fn fd(&self) -> Descriptor {
        self.waker.fd()
    }

    /// Tells that a listener's answer has come.
    pub(super) fn ring(&self, listener: Listener) {
        self.rung.lock().unwrap_or_else(PoisonError::into_inner).push(listener);
        self.waker.wake();
    }

    /// Those whose answers have come since the last call.
    pub(crate) fn take(&self) -> Vec<Listener> {
        self.waker.settle();
        std::mem::take(&mut *self.rung.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
