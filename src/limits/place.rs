//! Places of descriptors, and shares of bytes, among those that a Lua state may have.

use std::cell::Cell;
use std::rc::Rc;

/// The place of a socket that is being made, or of a selector. Dropping it gives it back.
#[derive(Default)]
pub(crate) struct Place(Option<Rc<Cell<usize>>>);

impl Place {
    /// One more among those that are counted.
    pub(super) fn among(count: Option<&Rc<Cell<usize>>>) -> Self {
        count.inspect(|count| count.set(count.get() + 1));
        Place(count.cloned())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(count) = &self.0 {
            count.set(count.get() - 1);
        }
    }
}

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
