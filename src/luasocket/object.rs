//! The userdata of LuaSocket's classes.

use std::cell::{Cell, RefCell};

use crate::lua::Caller;
use crate::socket::{NewSocket, Socket};
use crate::stream::Incoming;
use crate::sys;

/// An object of LuaSocket's interface: a socket that may have no descriptor yet, its class and its buffer.
/// Its `__gc` frees what it owns.
pub(crate) struct Object {
    pub(crate) socket: Socket,
    /// One of the bits of `class`.
    pub(crate) class: Cell<u16>,
    /// The timeouts as they were set, in seconds: for each wait, and for a whole call.
    pub(super) block: Cell<f64>,
    pub(super) total: Cell<f64>,
    /// What was received and not read. Borrowed only where no Lua code runs.
    pub(crate) incoming: RefCell<Incoming>,
    /// How many bytes the buffer has that are counted, where the host limits them.
    pub(super) held: Cell<usize>,
    /// The family that addresses must have; AF_UNSPEC before it is decided.
    pub(super) family: Cell<i32>,
    /// For `getstats`.
    pub(super) received: Cell<f64>,
    pub(super) sent: Cell<f64>,
    pub(super) born: Cell<f64>,
}

impl Object {
    /// An object of a new socket, which keeps no descriptor.
    pub(crate) fn new(class: u16, new: &mut NewSocket) -> Self {
        let family = Cell::new(new.socket.family().into());
        Object {
            socket: std::mem::replace(&mut new.socket, Socket::nothing()),
            class: Cell::new(class),
            block: Cell::new(-1.0),
            total: Cell::new(-1.0),
            incoming: RefCell::default(),
            held: Cell::new(0),
            family,
            received: Cell::new(0.0),
            sent: Cell::new(0.0),
            born: Cell::new(sys::monotonic()),
        }
    }

    /// Frees the buffer.
    pub(super) fn drop_buffer(&self, caller: Caller) {
        self.incoming.take();
        self.settle(caller);
    }

    /// Counts what the buffer holds after a call, where the host limits it.
    pub(super) fn settle(&self, caller: Caller) {
        let now = self.incoming.borrow().size();
        caller.shared().limits.buffer(self.held.replace(now), now);
    }
}
