//! The open sockets and streams of a Lua state. Finalizers that run while the state is being closed may make objects
//! that are never finalized; these are closed with the state.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::mem;

use super::records::Records;
use crate::memory::NumberHasher;
use crate::socket::{Socket, end_socket};
use crate::stream::{Stream, end_stream};
use crate::sys::Errno;
use crate::tasks::Scheduler;

/// The open sockets and streams of a Lua state. An object is added when it is pushed and removed when it is closed, by
/// its `__gc` at the latest: Lua has not freed the objects in the sets.
#[derive(Default)]
pub(crate) struct OpenObjects {
    sockets: ObjectSet<Socket>,
    streams: ObjectSet<Stream>,
    /// What each socket has moved, where it is counted.
    pub(crate) records: Records,
    ended: Cell<bool>,
    hurries: Cell<bool>,
    /// The tasks. A socket that is closed wakes those that wait for it.
    pub(crate) scheduler: Scheduler,
}

impl OpenObjects {
    /// Whether the Lua state is closed: nothing may be opened any more.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.get()
    }

    /// Closes what is still open: first streams, which send their buffered data if the socket takes it.
    pub(super) fn close_all(&self) {
        self.ended.set(true);
        self.scheduler.end();
        self.streams.drain(end_stream);
        self.records.end();
        self.sockets.drain(|socket| end_socket(socket, self));
    }

    /// Closes all sockets, those with open streams too, and wakes who waits for them.
    pub(super) fn close_sockets(&self) {
        self.records.clear();
        self.sockets.drain(|socket| {
            self.scheduler.forget(socket.lent_fd());
            end_socket(socket, self);
        });
    }

    /// Has sockets closed without a wait for their peers.
    pub(super) fn hurry(&self) {
        self.hurries.set(true);
    }

    /// Whether a close must not wait.
    pub(crate) fn hurries(&self) -> bool {
        self.hurries.get()
    }

    /// Reserves memory for one more socket; false when there is none.
    #[inline(always)]
    pub(super) fn reserve_socket(&self) -> bool {
        self.sockets.reserve() && self.records.reserve()
    }

    /// Adds a socket that has a descriptor. [`OpenObjects::reserve_socket`] was called for it.
    #[inline(always)]
    pub(super) fn add_socket(&self, socket: &Socket) {
        self.sockets.add(socket);
        self.records.add(socket);
    }

    /// Removes a socket, if it is there.
    #[inline(always)]
    pub(crate) fn remove_socket(&self, socket: &Socket) {
        self.sockets.remove(socket);
        self.records.remove(socket);
    }

    /// How many sockets have a descriptor.
    pub(crate) fn count_sockets(&self) -> usize {
        self.sockets.0.borrow().len()
    }

    /// Calls `act`, which does not use Lua, with each socket that has a descriptor, until it fails.
    pub(super) fn each_socket(&self, mut act: impl FnMut(&Socket) -> Result<(), Errno>) -> Result<(), Errno> {
        // SAFETY: an object that is here has not been freed (see `OpenObjects`), and `act` runs no Lua.
        self.sockets.0.borrow().iter().try_for_each(|&socket| act(unsafe { &*socket }))
    }

    /// The streams that are open.
    pub(crate) fn streams(&self) -> &ObjectSet<Stream> {
        &self.streams
    }
}

/// A set of objects.
pub(crate) struct ObjectSet<T>(RefCell<HashSet<*const T, NumberHasher>>);

impl<T> Default for ObjectSet<T> {
    fn default() -> Self {
        ObjectSet(RefCell::default())
    }
}

impl<T> ObjectSet<T> {
    /// Reserves memory for one more object; false when there is none.
    #[inline(always)]
    pub(super) fn reserve(&self) -> bool {
        self.0.borrow_mut().try_reserve(1).is_ok()
    }

    /// Adds an object of a userdata whose `__gc` removes it. [`ObjectSet::reserve`] was called for it.
    #[inline(always)]
    pub(super) fn add(&self, object: &T) {
        self.0.borrow_mut().insert(object);
    }

    /// Removes an object, if it is there.
    #[inline(always)]
    pub(crate) fn remove(&self, object: &T) {
        self.0.borrow_mut().remove(&std::ptr::from_ref(object));
    }

    /// Removes all objects and calls `act` with each.
    fn drain(&self, act: impl Fn(&T)) {
        for object in mem::take(&mut *self.0.borrow_mut()) {
            // SAFETY: an object that is here has not been freed (see `OpenObjects`), and `act` runs no Lua.
            act(unsafe { &*object });
        }
    }
}
