//! Receiving what a reading call needs, within the stream's limit.

use super::codec::Codec;
use super::decoding::Decoding;
use super::read::FormatReader;
use crate::error::{Error, Result};
use crate::memory;
use crate::socket::Deadline;
use crate::sys::{self, Errno, Part};

/// The most bytes that are received at once, without a buffer and with one, however large: memory is only taken for
/// what comes.
const UNBUFFERED: usize = 64 << 10;
const AHEAD: usize = 1 << 20;

impl FormatReader<'_> {
    /// Receives more, at least one byte; false at the end of the stream. `wanted` is what is missing as far as one
    /// knows.
    #[cold]
    pub(super) fn more(&mut self, wanted: usize) -> Result<bool> {
        if self.incoming.ended {
            return Ok(false);
        }
        if let Deadline::NotStarted = self.deadline {
            self.deadline = self.stream.deadline(self.caller);
            // What was asked for is not answered before it is sent. Another task that is about to send it goes on with it.
            match self.stream.outgoing.borrow_mut().send(self.stream, self.caller, &mut self.deadline) {
                Err(error) if error.is_busy() => {}
                sent => sent?,
            }
        } else {
            // The deadline is for the whole of the call, however fast single bytes come.
            self.deadline.left(self.caller, &self.stream.socket)?;
        }
        let size = match self.stream.size() {
            0 => wanted.min(UNBUFFERED),
            size => size.max(wanted).min(AHEAD),
        };
        let size = self.within_limit(size)?;
        match self.stream.settings.codec {
            None => self.receive(size),
            Some(codec) => self.receive_text(size, codec),
        }
    }

    /// As many bytes as may still arrive, of so many. At the limit only the end of the stream may, which is asked for.
    fn within_limit(&mut self, size: usize) -> Result<usize> {
        let left = self.stream.settings.limit.saturating_sub(self.incoming.unread().len());
        if left > 0 {
            // Up to three bytes of text come of one in another encoding.
            return Ok(size.min(if self.stream.settings.codec.is_some() { left.div_ceil(3) } else { left }));
        }
        let mut byte = [0];
        let mut room = Part::from(byte.as_mut_slice());
        let (call, flags) = self.call.with_flags(sys::PEEK);
        match call.complete_by(&mut self.deadline, |fd| sys::recv(fd, &mut room, flags))? {
            0 => Ok(1),
            _ => Err(Error::named(Errno::MESSAGE_SIZE, "more than the stream's limit")),
        }
    }

    fn receive(&mut self, size: usize) -> Result<bool> {
        self.incoming.make_room(size)?;
        let end = self.incoming.end;
        let mut room = Part::from(&mut self.incoming.data[end..end + size]);
        let (call, flags) = self.call.with_flags(0);
        let count = call.complete_by(&mut self.deadline, |fd| sys::recv(fd, &mut room, flags))?;
        call.received(count, size);
        self.incoming.end += count;
        self.incoming.ended = count == 0;
        Ok(count > 0)
    }

    /// The same through a codec, until a character is complete. What comes before bytes that do not fit can be read.
    fn receive_text(&mut self, size: usize, codec: Codec) -> Result<bool> {
        let mut decoding = self.incoming.decoding.take().unwrap_or_else(|| Box::new(Decoding::new(codec)));
        let outcome = self.decode_more(size.min(UNBUFFERED), &mut decoding);
        self.incoming.decoding = Some(decoding);
        outcome
    }

    fn decode_more(&mut self, size: usize, decoding: &mut Decoding) -> Result<bool> {
        let mut bytes = memory::zeros(size)?;
        let (call, flags) = self.call.with_flags(0);
        loop {
            decoding.check()?;
            // Made before anything is received, which would be lost without it.
            self.incoming.make_room(decoding.room(size))?;
            let mut room = Part::from(bytes.as_mut_slice());
            let count = call.complete_by(&mut self.deadline, |fd| sys::recv(fd, &mut room, flags))?;
            let before = self.incoming.end;
            let outcome = decoding.decode(&bytes[..count], count == 0, self.incoming);
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
