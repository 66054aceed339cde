//! The socket object.

mod call;
mod connection;
mod create;
mod create_connection;
mod create_server;
mod interop;
mod ioctl;
mod lifetime;
mod message;
mod methods;
mod option;
mod park;
mod sendfile;
mod sendmsg_afalg;
mod share;
mod timeout;
mod transfer;
mod wait_all;

use std::cell::Cell;

pub(crate) use call::{Call, Deadline};
pub(crate) use create::{NewSocket, fromfd, give, pair, socket, take};
pub(crate) use create_connection::{Attempts, create_connection};
pub(crate) use create_server::{create_server, has_dualstack_ipv6};
pub(crate) use lifetime::{close_descriptor, dup_descriptor, end_socket, give_back, type_of};
pub(crate) use message::{cmsg_len, cmsg_space, recv_fds, send_fds};
pub(crate) use methods::{METAMETHODS, METHODS};
pub(crate) use share::fromshare;
pub(crate) use timeout::{getdefaulttimeout, setdefaulttimeout};
pub(crate) use transfer::send_by;

use crate::address::{self, Layout};
use crate::lua::Held;
use crate::sys::{self, Descriptor, Errno, NO_DESCRIPTOR, Readiness};

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
    /// What is known of the descriptor: a bit for each [`Trait`].
    traits: Cell<u8>,
    /// How many streams use the descriptor.
    streams: Cell<u16>,
    /// In seconds; negative for none.
    pub(crate) timeout: Cell<f64>,
}

/// What is known of a descriptor.
#[derive(Clone, Copy)]
pub(crate) enum Trait {
    /// The library made it, or accepted it, as a TCP socket with nothing in between.
    Plain = 1,
    /// Tasks made it not block, though the socket does.
    Unblocked = 2,
    /// It may have a timeout of the system's own.
    SystemTimeout = 4,
}

impl Socket {
    #[inline(always)]
    pub(crate) fn has(&self, what: Trait) -> bool {
        self.traits.get() & what as u8 != 0
    }

    pub(crate) fn set(&self, what: Trait, value: bool) {
        let rest = self.traits.get() & !(what as u8);
        self.traits.set(if value { rest | what as u8 } else { rest });
    }

    /// A socket that has no descriptor.
    pub(crate) fn nothing() -> Self {
        Socket {
            fd: Cell::new(NO_DESCRIPTOR),
            proto: 0,
            family: 0,
            kind: 0,
            waits_for: Cell::new(Readiness::Read),
            traits: Cell::new(0),
            streams: Cell::new(0),
            timeout: Cell::new(-1.0),
        }
    }

    /// The descriptor; what no system call takes for one when the socket is closed.
    #[inline(always)]
    pub(crate) fn fd(&self) -> Descriptor {
        self.fd.get()
    }

    /// The descriptor of a socket that must be open.
    pub(crate) fn open_fd(&self) -> Result<Descriptor, Errno> {
        Some(self.fd.get()).filter(|&fd| sys::is_open(fd)).ok_or(Errno::BAD_DESCRIPTOR)
    }

    /// The descriptor that streams use, which a closed socket keeps until the last of them is closed.
    pub(crate) fn lent_fd(&self) -> Descriptor {
        let fd = self.fd.get();
        if sys::is_open(fd) { fd } else { sys::conceal(fd) }
    }

    /// Lets go of the descriptor: neither socket nor streams nor the Lua state have it from now on.
    pub(crate) fn let_go(&self, held: &Held) -> Option<Descriptor> {
        held.sockets().remove(self);
        held.scheduler.forget(self.lent_fd());
        self.take_fd()
    }

    /// Takes the descriptor out of a socket that the Lua state does not hold.
    fn take_fd(&self) -> Option<Descriptor> {
        let fd = self.lent_fd();
        self.fd.set(NO_DESCRIPTOR);
        Some(fd).filter(|&fd| sys::is_open(fd))
    }

    /// Closes the socket. The descriptor comes back when it is nobody's any more; while streams are open they keep it.
    fn end(&self, held: &Held) -> Option<Descriptor> {
        if self.streams.get() == 0 {
            return self.let_go(held);
        }
        if sys::is_open(self.fd.get()) {
            held.scheduler.alarm(self.fd.get());
            self.fd.set(sys::conceal(self.fd.get()));
        }
        None
    }

    /// Whether one more stream can be counted.
    pub(crate) fn can_lend(&self) -> bool {
        self.streams.get() < u16::MAX
    }

    /// Counts a new stream; false when there are too many.
    pub(crate) fn lend(&self) -> bool {
        let count = self.streams.get().checked_add(1);
        self.streams.set(count.unwrap_or(u16::MAX));
        count.is_some()
    }

    /// Counts a stream less. The descriptor comes back when it was the last one of a closed socket.
    pub(crate) fn give_back(&self, held: &Held) -> Option<Descriptor> {
        self.streams.set(self.streams.get() - 1);
        if sys::is_open(self.fd.get()) { None } else { self.end(held) }
    }

    /// Moves the descriptor and the timeout to a socket of the same fields.
    pub(crate) fn hand_to(&self, other: &Socket) {
        other.fd.set(self.fd.replace(NO_DESCRIPTOR));
        other.timeout.set(self.timeout.get());
        other.traits.set(self.traits.get());
    }

    /// How the addresses of the socket's family look.
    #[inline(always)]
    pub(crate) fn layout(&self) -> &'static Layout {
        address::layout(self.family, self.proto)
    }

    /// The timeout in seconds, when there is one.
    #[inline(always)]
    pub(crate) fn timeout(&self) -> Option<f64> {
        Some(self.timeout.get()).filter(|&seconds| seconds >= 0.0)
    }

    /// True when calls wait for as long as it takes.
    #[inline(always)]
    pub(crate) fn blocks(&self) -> bool {
        self.timeout.get() < 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::Socket;

    #[test]
    fn streams_are_counted_and_no_more_than_can_be() {
        let socket = Socket::nothing();
        for _ in 0..u16::MAX {
            assert!(socket.can_lend() && socket.lend());
        }
        assert!(!socket.can_lend() && !socket.lend() && !socket.can_lend());
    }
}
