//! The socket object.

mod attempts;
mod call;
mod connection;
mod create;
mod create_connection;
mod create_server;
mod deadline;
mod interop;
#[cfg(windows)]
mod ioctl;
mod lifetime;
mod message;
mod metered;
mod methods;
mod option;
mod park;
mod recvall;
mod sendfile;
#[cfg(linux_like)]
mod sendmsg_afalg;
#[cfg(windows)]
mod share;
mod stats;
mod timeout;
mod transfer;
mod wait_all;

use std::cell::Cell;

pub(crate) use attempts::Attempts;
pub(crate) use call::Call;
pub(crate) use connection::{bind_to, connect_to, disconnect, listen_on, next_connection};
pub(crate) use create::{NewSocket, admit, fromfd, give, open, over, pair, socket, take};
pub(crate) use create_connection::create_connection;
pub(crate) use create_server::{create_server, has_dualstack_ipv6};
pub(crate) use deadline::Deadline;
pub(crate) use lifetime::{close_descriptor, close_socket, dup_descriptor, end_socket, give_back, type_of};
pub(crate) use message::{cmsg_len, cmsg_space};
#[cfg(unix)]
pub(crate) use message::{recv_fds, send_fds};
pub(crate) use methods::{METAMETHODS, METHODS};
pub(crate) use option::{getsockopt, setsockopt};
pub(crate) use park::LACKS_FLAG;
#[cfg(windows)]
pub(crate) use share::fromshare;
pub(crate) use stats::{sockets, stats};
pub(crate) use timeout::{getdefaulttimeout, setdefaulttimeout};
pub(crate) use transfer::send_by;

use crate::lua::OpenObjects;
use crate::sys::{self, Descriptor, Errno, NO_DESCRIPTOR, Ready};

/// A socket: its descriptor, and the state that the system does not keep. All of it is in cells, for a method may be
/// called while another one runs, by another coroutine or by a finalizer.
pub(crate) struct Socket {
    fd: Cell<Descriptor>,
    proto: Cell<i32>,
    family: Cell<u16>,
    kind: Cell<u16>,
    /// What the last call that would have blocked waited for.
    waits_for: Cell<Ready>,
    /// What is known of the descriptor, a bit for each of the constants below.
    known: Cell<u8>,
    /// The number of open streams over the descriptor.
    streams: Cell<u16>,
    /// In seconds; negative for none.
    pub(crate) timeout: Cell<f64>,
}

impl Socket {
    /// The library made the descriptor, or accepted it, as a TCP socket with nothing in between.
    pub(crate) const PLAIN: u8 = 1;
    /// Tasks made the descriptor not block, though the socket does.
    pub(crate) const UNBLOCKED: u8 = 2;
    /// The descriptor may have a timeout of the system's own.
    pub(crate) const SYSTEM_TIMEOUT: u8 = 4;

    #[inline(always)]
    pub(crate) fn has(&self, flag: u8) -> bool {
        self.known.get() & flag != 0
    }

    pub(crate) fn set(&self, flag: u8, value: bool) {
        let rest = self.known.get() & !flag;
        self.known.set(if value { rest | flag } else { rest });
    }

    /// A socket that has no descriptor.
    pub(crate) fn nothing() -> Self {
        Socket {
            fd: Cell::new(NO_DESCRIPTOR),
            proto: Cell::new(0),
            family: Cell::new(0),
            kind: Cell::new(0),
            waits_for: Cell::new(Ready::READ),
            known: Cell::new(0),
            streams: Cell::new(0),
            timeout: Cell::new(-1.0),
        }
    }

    /// A socket without a descriptor, with these fields.
    pub(crate) fn of((family, kind): (u16, u16), proto: i32) -> Self {
        let (family, kind, proto) = (Cell::new(family), Cell::new(kind), Cell::new(proto));
        Socket { family, kind, proto, ..Socket::nothing() }
    }

    #[inline(always)]
    pub(crate) fn family(&self) -> u16 {
        self.family.get()
    }

    /// The documented `type`.
    #[inline(always)]
    pub(crate) fn kind(&self) -> u16 {
        self.kind.get()
    }

    #[inline(always)]
    pub(crate) fn proto(&self) -> i32 {
        self.proto.get()
    }

    /// The descriptor, a negative number when the socket is closed.
    #[inline(always)]
    pub(crate) fn fd(&self) -> Descriptor {
        self.fd.get()
    }

    /// The descriptor. Fails with EBADF when the socket is closed.
    pub(crate) fn open_fd(&self) -> Result<Descriptor, Errno> {
        Some(self.fd.get()).filter(|&fd| sys::is_open(fd)).ok_or(Errno::BAD_DESCRIPTOR)
    }

    /// The descriptor for streams, which a closed socket keeps open until its last stream is closed.
    pub(crate) fn lent_fd(&self) -> Descriptor {
        let fd = self.fd.get();
        if sys::is_open(fd) { fd } else { sys::negate(fd) }
    }

    /// Releases the descriptor without closing it, from the socket, its streams and the Lua state's list.
    pub(crate) fn let_go(&self, held: &OpenObjects) -> Option<Descriptor> {
        held.remove_socket(self);
        held.scheduler.forget(self.lent_fd());
        self.take_fd()
    }

    /// Releases the descriptor of a socket that is not in the Lua state's list.
    fn take_fd(&self) -> Option<Descriptor> {
        let fd = self.lent_fd();
        self.fd.set(NO_DESCRIPTOR);
        Some(fd).filter(|&fd| sys::is_open(fd))
    }

    /// Marks the socket closed. Returns the descriptor for closing, unless streams are open over it.
    fn end(&self, held: &OpenObjects) -> Option<Descriptor> {
        if self.streams.get() == 0 {
            return self.let_go(held);
        }
        if sys::is_open(self.fd.get()) {
            held.scheduler.alarm(self.fd.get());
            self.fd.set(sys::negate(self.fd.get()));
        }
        None
    }

    /// Whether the count of streams has room for one more.
    pub(crate) fn can_lend(&self) -> bool {
        self.streams.get() < u16::MAX
    }

    /// Counts a new stream; false when there are too many.
    pub(crate) fn lend(&self) -> bool {
        let count = self.streams.get().checked_add(1);
        self.streams.set(count.unwrap_or(u16::MAX));
        count.is_some()
    }

    /// Counts one stream less. Returns the descriptor for closing after the last stream of a closed socket.
    pub(crate) fn give_back(&self, held: &OpenObjects) -> Option<Descriptor> {
        self.streams.set(self.streams.get() - 1);
        if sys::is_open(self.fd.get()) { None } else { self.end(held) }
    }

    /// Moves the descriptor and the timeout to a socket of the same fields.
    pub(crate) fn hand_to(&self, other: &Socket) {
        other.fd.set(self.fd.replace(NO_DESCRIPTOR));
        other.timeout.set(self.timeout.get());
        other.known.set(self.known.get());
    }

    /// The timeout in seconds, when there is one.
    #[inline(always)]
    pub(crate) fn timeout(&self) -> Option<f64> {
        Some(self.timeout.get()).filter(|&seconds| seconds >= 0.0)
    }

    /// Whether the socket is in blocking mode, without a timeout.
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
