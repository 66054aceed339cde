//! The sockets and streams of one Lua state: finalizers that run while it is closed make some that are never
//! finalized, and these too end with the state.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::mem;

use super::results::Nothing;
use super::trampoline::{Context, Function, function};
use crate::error::Result;
use crate::socket::{Socket, end_socket};
use crate::stream::{Stream, end_stream};
use crate::tasks::Scheduler;

/// What a Lua state has open. An object is here from the time it is pushed until it lets go of what it owns, which its
/// `__gc` sees to at the latest: the addresses are those of objects that Lua has not freed.
#[derive(Default)]
pub(crate) struct Held {
    sockets: Addresses<Socket>,
    streams: Addresses<Stream>,
    ended: Cell<bool>,
    /// The tasks, which wait for what is open.
    pub(crate) scheduler: Scheduler,
}

impl Held {
    /// Whether the state has come to its end: nothing is to be opened any more.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.get()
    }

    /// The sockets that have a descriptor.
    pub(crate) fn sockets(&self) -> &Addresses<Socket> {
        &self.sockets
    }

    /// The streams that are open.
    pub(crate) fn streams(&self) -> &Addresses<Stream> {
        &self.streams
    }
}

/// A set of objects.
pub(crate) struct Addresses<T>(RefCell<HashSet<*const T, BuildHasherDefault<AddressHasher>>>);

impl<T> Default for Addresses<T> {
    fn default() -> Self {
        Addresses(RefCell::default())
    }
}

impl<T> Addresses<T> {
    /// Makes room for one more; false when there is no memory.
    #[inline(always)]
    pub(super) fn reserve(&self) -> bool {
        self.0.borrow_mut().try_reserve(1).is_ok()
    }

    /// Adds an object, for which there is room. It belongs to a userdata whose `__gc` removes it.
    #[inline(always)]
    pub(super) fn add(&self, object: &T) {
        self.0.borrow_mut().insert(object);
    }

    /// Removes an object, if it is there.
    #[inline(always)]
    pub(crate) fn remove(&self, object: &T) {
        self.0.borrow_mut().remove(&std::ptr::from_ref(object));
    }

    /// Removes all objects, and does something with each.
    fn end(&self, act: impl Fn(&T)) {
        for object in mem::take(&mut *self.0.borrow_mut()) {
            // SAFETY: an object that is here has not been freed (see `Held`), and `act` runs no Lua.
            act(unsafe { &*object });
        }
    }
}

/// Spreads addresses, whose lowest bits are all the same.
#[derive(Default)]
pub(crate) struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_usize(byte.into()));
    }

    #[inline(always)]
    fn write_usize(&mut self, word: usize) {
        self.0 = (self.0 ^ word as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
    }

    #[inline(always)]
    fn finish(&self) -> u64 {
        self.0
    }
}

/// What Lua calls on the state's own userdata. It is the library's first with a finalizer, so that its turn comes after
/// all of the library's others when the state is closed.
pub(super) static METAMETHODS: &[Function] = &[function("__gc", end)];

/// Ends what is still open. Streams first: they send what they can.
fn end(context: Context) -> Result<Nothing> {
    let held = &context.caller.shared().held;
    held.ended.set(true);
    held.scheduler.end();
    held.streams.end(end_stream);
    held.sockets.end(end_socket);
    Ok(Nothing)
}
