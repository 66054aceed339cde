//! Receiving for `read`, within the stream's limit.

use super::codec::Codec;
use super::decoding::Decoding;
use super::read::FormatReader;
use crate::error::{Error, Result};
use crate::memory;
use crate::socket::Deadline;
use crate::sys::{self, Errno, ReceiveBuffer};

/// The most bytes that are received at once, without a buffer or where the time is limited, and with one.
const UNBUFFERED: usize = 64 << 10;
const AHEAD: usize = 1 << 20;

impl FormatReader<'_> {
    /// Receives at least one byte; false at the end of the stream. `wanted` is the least number of bytes that are
    /// missing.
    #[cold]
    pub(super) fn more(&mut self, wanted: usize) -> Result<bool> {
        if self.incoming.ended {
            return Ok(false);
        }
        if let Deadline::NotStarted = self.deadline {
            self.deadline = self.stream.deadline(self.caller);
            // The peer may answer only after it has received what was written. A task that is sending it continues.
            match self.stream.outgoing.borrow_mut().send(self.stream, self.caller, &mut self.deadline) {
                Err(error) if error.is_busy() => {}
                sent => sent?,
            }
        } else {
            // The deadline is for the whole call, even if bytes keep arriving.
            self.deadline.left(self.caller, &self.stream.socket)?;
        }
        let most = if self.caller.is_in_haste() { UNBUFFERED } else { AHEAD };
        let size = match self.stream.size.get() {
            0 => wanted.min(UNBUFFERED),
            size => size.max(wanted).min(most),
        };
        let size = self.within_limit(size)?;
        match self.stream.codec {
            None => self.receive(size),
            Some(codec) => self.receive_text(size, codec),
        }
    }

    /// How many of `size` bytes may be received within the limit. At the limit it fails with EMSGSIZE, unless the
    /// stream has ended.
    fn within_limit(&mut self, size: usize) -> Result<usize> {
        let allowed = self.stream.room_to_receive(self.caller);
        self.incoming.most = allowed;
        let limit = self.stream.limit;
        let left = limit.min(allowed).saturating_sub(self.incoming.unread().len());
        if left > 0 {
            // One byte may become up to three bytes of UTF-8.
            return Ok(size.min(if self.stream.codec.is_some() { left.div_ceil(3) } else { left }));
        }
        let mut byte = [0];
        let mut room = ReceiveBuffer::of_bytes(&mut byte);
        let (call, flags) = self.call.with_flags(sys::PEEK);
        match call.complete_by(&mut self.deadline, |fd| sys::recv(fd, &mut room, flags))? {
            0 => Ok(1),
            _ if limit > allowed => Err(Error::named(Errno::MESSAGE_SIZE, "more bytes than the host allows")),
            _ => Err(Error::named(Errno::MESSAGE_SIZE, "more bytes than the stream's limit")),
        }
    }

    fn receive(&mut self, size: usize) -> Result<bool> {
        self.incoming.make_room(size)?;
        let (call, flags) = self.call.with_flags(0);
        let deadline = &mut self.deadline;
        let count = self.incoming.fill(size, |room| call.complete_by(deadline, |fd| sys::recv(fd, room, flags)))?;
        call.received(count, size);
        self.incoming.end += count;
        self.incoming.ended = count == 0;
        Ok(count > 0)
    }

    /// Receives and decodes until a character is complete. Characters before invalid bytes stay readable.
    fn receive_text(&mut self, size: usize, codec: Codec) -> Result<bool> {
        let mut decoding = self.stream.decoding.take().unwrap_or_else(|| Box::new(Decoding::new(codec)));
        let outcome = self.decode_more(size.min(UNBUFFERED), &mut decoding, self.stream.mark);
        self.stream.decoding.set(Some(decoding));
        outcome
    }

    fn decode_more(&mut self, size: usize, decoding: &mut Decoding, mark: Option<&str>) -> Result<bool> {
        let mut bytes = memory::zeros(size)?;
        let (call, flags) = self.call.with_flags(0);
        loop {
            decoding.check()?;
            // Reserved before receiving, for received bytes would be lost without it.
            self.incoming.make_room(decoding.room(size))?;
            let mut room = ReceiveBuffer::of_bytes(&mut bytes);
            let count = call.complete_by(&mut self.deadline, |fd| sys::recv(fd, &mut room, flags))?;
            let before = self.incoming.end;
            let outcome = decoding.decode(&bytes[..count], count == 0, mark, self.incoming);
            if self.incoming.end > before {
                self.incoming.ended = count == 0 && outcome.is_ok();
                return Ok(true);
            }
            outcome?;
            if count == 0 {
                self.incoming.ended = true;
                return Ok(false);
            }
        }
    }
}
