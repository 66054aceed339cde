//! Streams: a socket with the interface of Lua's own files.

mod codec;
mod create;
mod decoding;
mod held;
mod incoming;
mod methods;
mod numeral;
mod outgoing;
mod read;
mod receive;
mod write;

use std::cell::{Cell, RefCell};

pub(crate) use create::makefile;
pub(crate) use incoming::{FEW_LEFT, Incoming};
pub(crate) use methods::{LINE_OR_FAILURE, METAMETHODS, METHODS, NEXT_LINE, end_stream};

use crate::error::{Error, Result};
use crate::lua::{Anchored, Caller};
use crate::socket::{Call, Deadline, Socket};
use crate::sys::Errno;

/// A stream. [`Stream::end`], which its `__gc` calls, frees what it owns; a new stream owns nothing.
pub(crate) struct Stream {
    socket: Anchored<Socket>,
    readable: bool,
    writable: bool,
    codec: Option<codec::Codec>,
    /// What stands for invalid bytes, and where it is not empty for characters that the encoding lacks; `None` where both
    /// are errors.
    mark: Option<&'static str>,
    /// What ends a line, which a `\n` that is written becomes; `None` for each of `\n`, `\r` and `\r\n`.
    newline: Option<&'static [u8]>,
    /// The most unread bytes that the stream holds.
    limit: usize,
    /// How many bytes are received at once, and with how many that were written these are sent. With 0 only what is asked
    /// for is received, and written bytes are sent at once.
    size: Cell<usize>,
    /// Whether written bytes are sent when a line ends.
    by_line: Cell<bool>,
    open: Cell<bool>,
    /// How many bytes of its buffers are counted, where the host limits them.
    held: Cell<usize>,
    /// Borrowed only inside a native function, during which no Lua code runs.
    incoming: RefCell<incoming::Incoming>,
    outgoing: RefCell<outgoing::Outgoing>,
    /// The decoder, made when the first bytes are received: a new stream owns no memory.
    decoding: Cell<Option<Box<decoding::Decoding>>>,
}

/// The default buffer size, in bytes.
const DEFAULT_SIZE: usize = 16 << 10;

impl Stream {
    /// A stream of bytes as they are, which neither reads nor writes.
    fn new(socket: Anchored<Socket>) -> Self {
        Stream {
            socket,
            readable: false,
            writable: false,
            codec: None,
            mark: None,
            newline: Some(b"\n"),
            limit: usize::MAX,
            size: Cell::new(DEFAULT_SIZE),
            by_line: Cell::new(false),
            open: Cell::new(true),
            held: Cell::new(0),
            incoming: RefCell::new(incoming::Incoming::default()),
            outgoing: RefCell::new(outgoing::Outgoing::default()),
            decoding: Cell::new(None),
        }
    }

    /// Whether written bytes are translated before they are sent.
    #[inline(always)]
    fn translates(&self) -> bool {
        self.codec.is_some() || !matches!(self.newline, None | Some(b"\n"))
    }

    /// Fails with EBADF for a closed stream, or one that was not opened for the operation.
    fn check(&self, allowed: bool) -> Result<()> {
        if self.open.get() && allowed { Ok(()) } else { Err(Errno::BAD_DESCRIPTOR.into()) }
    }

    /// Marks the stream closed and frees its memory. False when it was closed before.
    fn end(&self) -> bool {
        self.incoming.take();
        self.outgoing.take();
        self.decoding.take();
        self.open.replace(false)
    }

    fn to_read<'a>(&'a self, caller: Caller<'a>) -> Call<'a> {
        Call::to_read(caller, &self.socket).lent()
    }

    fn to_write<'a>(&'a self, caller: Caller<'a>) -> Call<'a> {
        Call::to_write(caller, &self.socket).lent()
    }

    fn deadline(&self, caller: Caller) -> Deadline {
        Deadline::from_now(caller, &self.socket)
    }
}

/// EILSEQ: bytes that are invalid in the encoding, or a character that it lacks.
fn illegal_sequence() -> Error {
    Error::named(Errno::ILLEGAL_SEQUENCE, "bytes do not fit the encoding")
}
