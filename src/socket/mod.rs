//! The socket object.

mod call;
mod connection;
mod create;
mod lifetime;
mod methods;
mod option;
mod timeout;
mod transfer;

use std::cell::Cell;

pub(crate) use create::{NewSocket, pair, socket};
pub(crate) use methods::{METAMETHODS, METHODS};
pub(crate) use timeout::{getdefaulttimeout, setdefaulttimeout};

use crate::address::{self, Layout};
use crate::sys::{self, Descriptor, NO_DESCRIPTOR, Readiness};

/// A socket: its descriptor and what the system does not remember. All state is behind cells, for a method may be
/// entered again, by another coroutine, while one runs.
pub(crate) struct Socket {
    fd: Cell<Descriptor>,
    pub(crate) proto: i32,
    pub(crate) family: u16,
    /// The documented `type`.
    pub(crate) kind: u16,
    /// What the last call that would have blocked was waiting for.
    waits_for: Cell<Readiness>,
    /// In seconds; negative for none.
    pub(crate) timeout: Cell<f64>,
}

impl Socket {
    /// A socket that has no descriptor.
    pub(crate) fn nothing() -> Self {
        Socket {
            fd: Cell::new(NO_DESCRIPTOR),
            proto: 0,
            family: 0,
            kind: 0,
            waits_for: Cell::new(Readiness::Read),
            timeout: Cell::new(-1.0),
        }
    }

    /// The descriptor, or [`NO_DESCRIPTOR`] when the socket is closed.
    #[inline(always)]
    pub(crate) fn fd(&self) -> Descriptor {
        self.fd.get()
    }

    /// The descriptor of a socket that must be open.
    pub(crate) fn open_fd(&self) -> Result<Descriptor, sys::Errno> {
        match self.fd.get() {
            NO_DESCRIPTOR => Err(sys::Errno::BAD_DESCRIPTOR),
            fd => Ok(fd),
        }
    }

    /// Takes the descriptor out: the socket is closed from now on.
    pub(crate) fn take_fd(&self) -> Option<Descriptor> {
        match self.fd.replace(NO_DESCRIPTOR) {
            NO_DESCRIPTOR => None,
            fd => Some(fd),
        }
    }

    /// How the addresses of the socket's family look.
    #[inline(always)]
    pub(crate) fn layout(&self) -> &'static Layout {
        address::layout(self.family)
    }

    /// The timeout in seconds, when there is one.
    #[inline(always)]
    pub(crate) fn timeout(&self) -> Option<f64> {
        Some(self.timeout.get()).filter(|&seconds| seconds >= 0.0)
    }

    /// True when calls wait for as long as it takes.
    #[inline(always)]
    fn blocks(&self) -> bool {
        self.timeout.get() < 0.0
    }
}
