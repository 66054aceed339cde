//! The open sockets and streams of a Lua state. Finalizers that run while the state is being closed may make objects
//! that are never finalized; these are closed with the state.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasherDefault;

use super::records::Record;
use crate::memory::NumberHasher;
use crate::socket::{Socket, end_socket};
use crate::stream::{Stream, end_stream};
use crate::sys::{Address, Errno};
use crate::tasks::Scheduler;

/// The open sockets and streams of a Lua state. An object is added when it is pushed and removed when it is closed, by
/// its `__gc` at the latest: Lua has not freed the objects in the sets.
#[derive(Default)]
pub(crate) struct OpenObjects {
    sockets: RefCell<HashSet<*const Socket, BuildHasherDefault<NumberHasher>>>,
    streams: RefCell<HashSet<*const Stream, BuildHasherDefault<NumberHasher>>>,
    /// What each socket has moved, where it is counted.
    pub(super) keeps_records: Cell<bool>,
    pub(super) records: RefCell<HashMap<*const Socket, Record, BuildHasherDefault<NumberHasher>>>,
    /// What the host was not told yet of sockets that it has closed: the peer of each, and its record.
    pub(super) closed: RefCell<Vec<(Option<Address>, Option<Record>)>>,
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
        drain(&self.streams, end_stream);
        self.end_records();
        drain(&self.sockets, |socket| end_socket(socket, self));
    }

    /// Closes all sockets, those with open streams too, and wakes who waits for them.
    pub(super) fn close_sockets(&self) {
        self.records.borrow_mut().clear();
        drain(&self.sockets, |socket| {
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
        self.sockets.borrow_mut().try_reserve(1).is_ok() && self.reserve_record()
    }

    /// Adds a socket that has a descriptor. [`OpenObjects::reserve_socket`] was called for it.
    #[inline(always)]
    pub(super) fn add_socket(&self, socket: &Socket) {
        self.sockets.borrow_mut().insert(socket);
        self.add_record(socket);
    }

    /// Removes a socket, if it is there.
    #[inline(always)]
    pub(crate) fn remove_socket(&self, socket: &Socket) {
        self.sockets.borrow_mut().remove(&std::ptr::from_ref(socket));
        self.remove_record(socket);
    }

    /// How many sockets have a descriptor.
    pub(crate) fn count_sockets(&self) -> usize {
        self.sockets.borrow().len()
    }

    /// Calls `act`, which does not use Lua, with each socket that has a descriptor, until it fails.
    pub(super) fn each_socket(&self, mut act: impl FnMut(&Socket) -> Result<(), Errno>) -> Result<(), Errno> {
        // SAFETY: an object that is here has not been freed (see `OpenObjects`), and `act` runs no Lua.
        self.sockets.borrow().iter().try_for_each(|&socket| act(unsafe { &*socket }))
    }

    /// Reserves memory for one more stream; false when there is none.
    pub(super) fn reserve_stream(&self) -> bool {
        self.streams.borrow_mut().try_reserve(1).is_ok()
    }

    /// Adds a stream. [`OpenObjects::reserve_stream`] was called for it.
    pub(super) fn add_stream(&self, stream: &Stream) {
        self.streams.borrow_mut().insert(stream);
    }

    /// Removes a stream, if it is there.
    pub(crate) fn remove_stream(&self, stream: &Stream) {
        self.streams.borrow_mut().remove(&std::ptr::from_ref(stream));
    }
}

/// Removes all objects and calls `act` with each.
fn drain<T>(objects: &RefCell<impl IntoIterator<Item = *const T> + Default>, act: impl Fn(&T)) {
    for object in objects.take() {
        // SAFETY: an object that is here has not been freed (see `OpenObjects`), and `act` runs no Lua.
        act(unsafe { &*object });
    }
}
