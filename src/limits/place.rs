//! Places of descriptors among those that a Lua state may have.

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
