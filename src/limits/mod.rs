//! What a host lets the scripts of a Lua state use.

mod place;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

pub(crate) use place::Place;

use crate::error::{Error, Result};
use crate::sys::Errno;

/// The limits that a host sets; `None` where there is none.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub(crate) max_sockets: Option<usize>,
}

/// The limits of a Lua state, and what its scripts use of them.
#[derive(Default)]
pub(crate) struct Limits {
    max_sockets: Cell<Option<usize>>,
    /// How many descriptors belong to sockets that Lua does not have yet, and to selectors.
    places: RefCell<Option<Rc<Cell<usize>>>>,
}

impl Limits {
    /// Sets the limits of a Lua state that was just opened.
    pub(crate) fn set(&self, settings: &Settings) {
        self.max_sockets.set(settings.max_sockets);
        *self.places.borrow_mut() = settings.max_sockets.map(|_| Rc::default());
    }

    /// A place for one more socket or selector beside the `open` sockets. Fails with EMFILE when there are too many.
    pub(crate) fn place(&self, open: usize) -> Result<Place> {
        let Some(most) = self.max_sockets.get() else { return Ok(Place::default()) };
        let places = self.places.borrow();
        let held = places.as_ref().map_or(0, |places| places.get());
        if open + held >= most {
            return Err(Error::named(Errno::TOO_MANY_FILES, "more sockets than the host allows"));
        }
        Ok(Place::among(places.as_ref()))
    }

    /// The Lua state is being closed: gives back the memory.
    pub(crate) fn end(&self) {
        self.places.take();
    }
}
