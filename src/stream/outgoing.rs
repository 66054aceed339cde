//! The send buffer of a stream.

use super::Stream;
use crate::error::Result;
use crate::lua::Caller;
use crate::memory;
use crate::socket::{Deadline, send_by};
use crate::sys::{self, Bytes};
use crate::text::Text;

/// The most bytes that are buffered: beyond them, a write has to send first.
pub(super) const BOUND: usize = 1 << 20;

/// How many bytes are translated at once.
const STEP: usize = 4096;

/// Bytes that were written and are not sent yet, translated and encoded.
#[derive(Default)]
pub(super) struct Outgoing {
    data: Vec<u8>,
    /// How many of them were sent.
    sent: usize,
    /// The beginning of a character, which is not encoded yet.
    partial: Text<4>,
}

impl Outgoing {
    /// How many bytes are buffered.
    #[inline(always)]
    pub(super) fn waiting(&self) -> usize {
        self.data.len() - self.sent
    }

    /// The size of the buffer.
    pub(super) fn size(&self) -> usize {
        self.data.capacity()
    }

    /// Whether nothing is left to be sent, not even a part of a character.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting() == 0 && self.partial.as_bytes().is_empty()
    }

    /// Makes room for `count` more bytes, and for little else. Fails with ENOMEM.
    pub(super) fn make_room(&mut self, count: usize) -> Result<()> {
        let length = self.data.len() + count;
        Ok(memory::reserve_exact(&mut self.data, length)?)
    }

    /// The state of the buffer: its length, and the beginning of a character.
    #[inline(always)]
    pub(super) fn state(&self) -> (usize, Text<4>) {
        (self.data.len(), self.partial)
    }

    pub(super) fn restore(&mut self, (length, partial): (usize, Text<4>)) {
        self.data.truncate(length);
        self.partial = partial;
    }

    /// Translates, encodes and appends bytes. Fails with EILSEQ and ENOMEM, possibly after appending some of them.
    #[inline(always)]
    pub(super) fn append(&mut self, stream: &Stream, bytes: Bytes) -> Result<()> {
        if stream.translates() { self.translate(stream, bytes) } else { Ok(bytes.append_to(&mut self.data)?) }
    }

    #[inline(never)]
    fn translate(&mut self, stream: &Stream, mut bytes: Bytes) -> Result<()> {
        let mut room = [0; STEP];
        while !bytes.is_empty() {
            let (text, rest) = bytes.split_into(&mut room);
            let mut from = 0;
            for place in memchr::memchr_iter(b'\n', text) {
                self.put(stream, &text[from..place])?;
                self.put(stream, stream.newline.unwrap_or(b"\n"))?;
                from = place + 1;
            }
            self.put(stream, &text[from..])?;
            bytes = rest;
        }
        Ok(())
    }

    fn put(&mut self, stream: &Stream, bytes: &[u8]) -> Result<()> {
        match stream.codec {
            Some(codec) => codec.encode(stream.mark, bytes, &mut self.partial, &mut self.data),
            None => {
                memory::reserve(&mut self.data, bytes.len())?;
                self.data.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    /// Sends the buffered bytes by a deadline. On failure the unsent ones stay.
    pub(super) fn send(&mut self, stream: &Stream, caller: Caller, deadline: &mut Deadline) -> Result<()> {
        if self.waiting() == 0 {
            return Ok(());
        }
        let (call, flags) = stream.to_write(caller).with_flags(0);
        let data = Bytes::from(&self.data[self.sent..]);
        let outcome = send_by(call, deadline, &stream.socket, data, (flags, 0));
        self.forget(outcome.as_ref().map_or_else(|error| call.sent_before(error), |()| self.waiting()));
        outcome.map_err(|error| error.without_count())
    }

    /// Sends what can be sent without waiting.
    pub(super) fn send_at_once(&mut self, stream: &Stream) {
        while self.waiting() > 0 {
            let data = Bytes::from(&self.data[self.sent..]);
            match sys::send_at_once(stream.socket.lent_fd(), data, stream.socket.blocks()) {
                Ok(sent) => self.forget(sent),
                Err(_) => return,
            }
        }
    }

    /// Ends the text: an incomplete character is invalid.
    pub(super) fn finish(&mut self, stream: &Stream) -> Result<()> {
        stream.codec.map_or(Ok(()), |codec| codec.finish(stream.mark, &mut self.partial, &mut self.data))
    }

    /// Removes bytes that were sent, and frees a large buffer.
    fn forget(&mut self, count: usize) {
        self.sent += count;
        if self.waiting() == 0 {
            self.sent = 0;
            self.data.clear();
            if self.data.capacity() > 2 * BOUND {
                self.data = Vec::new();
            }
        } else if self.sent >= self.waiting() {
            self.data.drain(..self.sent);
            self.sent = 0;
        }
    }
}
