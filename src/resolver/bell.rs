//! Wakes a thread that waits for descriptors when one of its look-ups is done.

use std::sync::{Arc, Mutex, PoisonError};

use crate::sys::{Descriptor, Errno, Waker};

/// A descriptor to wait for, and the listeners whose answers have come: numbers that the owner of the bell has chosen.
/// Look-ups that are running own it too: it is not closed before they have written to it.
pub(crate) struct Bell {
    waker: Waker,
    rung: Mutex<Vec<u64>>,
}

impl Bell {
    pub(crate) fn new() -> Result<Arc<Self>, Errno> {
        Ok(Arc::new(Bell { waker: Waker::new()?, rung: Mutex::default() }))
    }

    /// The descriptor, which is readable when an answer has come.
    pub(crate) fn fd(&self) -> Descriptor {
        self.waker.fd()
    }

    /// Called when the answer of a listener has come.
    pub(super) fn ring(&self, listener: u64) {
        self.rung.lock().unwrap_or_else(PoisonError::into_inner).push(listener);
        self.waker.wake();
    }

    /// The listeners whose answers have come since the last call.
    pub(crate) fn take(&self) -> Vec<u64> {
        self.waker.settle();
        std::mem::take(&mut *self.rung.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
