//! Shares of the bytes that a Lua state may buffer.

use std::cell::Cell;
use std::rc::Rc;

/// Bytes that count among those that all streams hold. Dropping it subtracts them.
pub(crate) struct Share {
    among: Rc<Cell<usize>>,
    size: usize,
}

impl Share {
    pub(super) fn among(count: &Rc<Cell<usize>>, size: usize) -> Self {
        count.set(count.get() + size);
        Share { among: count.clone(), size }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.among.set(self.among.get().saturating_sub(self.size));
    }
}
