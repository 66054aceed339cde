//! read, buffered: the formats of Lua's files.

use std::ops::Range;

use super::incoming::Incoming;
use super::{Stream, numeral};
use crate::error::{Error, Result};
use crate::lua::{Caller, Context, Format, Reading, Rest};
use crate::memory;
use crate::socket::{Call, Deadline};

/// The fewest bytes that are given up with the buffer.
const LARGE: usize = 64 << 10;

/// `stream:read(...)`: without formats a line.
pub(super) fn read<'a>(context: Context<'a>, stream: &Stream, formats: Rest<Format>) -> Result<Reading<'a>> {
    let caller = context.caller;
    let outcome = read_all(context, stream, formats);
    stream.settle(caller);
    outcome
}

fn read_all<'a>(context: Context<'a>, stream: &Stream, formats: Rest<Format>) -> Result<Reading<'a>> {
    stream.check(stream.readable)?;
    let mut incoming = stream.incoming.borrow_mut();
    let mut reader = FormatReader {
        stream,
        caller: context.caller,
        call: stream.to_read(context.caller),
        deadline: Deadline::NotStarted,
        incoming: &mut incoming,
    };
    if let Some(format) = formats.only() {
        let (item, used) = reader.item(format, 0).map_err(|error| reader.explain(error))?;
        let result = match item {
            None => Reading::One(None),
            Some(range) if format == Format::Number => {
                Reading::Several(vec![(format, Some(memory::copy(&incoming.unread()[range])?))])
            }
            Some(range) => {
                if range.len() >= LARGE
                    && let Some((bytes, range)) = incoming.give_up(&range, used)?
                {
                    return Ok(Reading::Block(bytes, range));
                }
                Reading::One(Some(context.space.copy(&incoming.unread()[range])?))
            }
        };
        incoming.consume(used);
        return Ok(result);
    }
    let (mut values, mut used) = (memory::with_room(formats.all().len())?, 0);
    for &format in formats.all() {
        // Nothing is consumed before all formats have succeeded.
        let (item, after) = reader.item(format, used).map_err(|error| reader.explain(error))?;
        used = after;
        let read = item.map(|range| memory::copy(&reader.incoming.unread()[range])).transpose()?;
        let ends = read.is_none();
        values.push((format, read));
        if ends {
            break;
        }
    }
    incoming.consume(used);
    Ok(Reading::Several(values))
}

/// The most unread bytes that are the fourth result of a failure.
const MOST_GIVEN: usize = 64 << 10;

/// `stream:buffered()`: the number of bytes that were received and not read.
pub(super) fn buffered(_: Context, stream: &Stream) -> Result<usize> {
    stream.check(stream.readable)?;
    Ok(stream.incoming.borrow().unread().len())
}

/// A call that reads.
pub(super) struct FormatReader<'a> {
    pub(super) stream: &'a Stream,
    pub(super) caller: Caller<'a>,
    pub(super) call: Call<'a>,
    /// The deadline of the whole call, from the first receive on.
    pub(super) deadline: Deadline,
    pub(super) incoming: &'a mut Incoming,
}

impl FormatReader<'_> {
    /// Finds what `format` reads from the offset `from` on; also returns the offset after it.
    #[inline(always)]
    fn item(&mut self, format: Format, from: usize) -> Result<(Option<Range<usize>>, usize)> {
        match format {
            Format::Line => self.line(from, false),
            Format::LineWithEnd => self.line(from, true),
            Format::Count(count) => self.count(from, count),
            Format::All => self.all(from),
            Format::Number => self.number(from),
        }
    }

    #[inline(always)]
    fn line(&mut self, from: usize, keep_end: bool) -> Result<(Option<Range<usize>>, usize)> {
        let newline = self.stream.newline;
        let mut searched = self.incoming.searched(Format::Line, from);
        loop {
            if let Some((end, after)) = find_end(self.incoming.unread(), searched, newline, self.incoming.ended) {
                return Ok((Some(from..if keep_end { after } else { end }), after));
            }
            // The first byte of an end of two bytes may be the last one received.
            let length = self.incoming.unread().len();
            searched = searched.max(length.saturating_sub(1));
            self.incoming.searched = Some((Format::Line, from, searched));
            let was_ended = self.incoming.ended;
            if !self.more(1)? && was_ended {
                let length = self.incoming.unread().len();
                return Ok(if length > from { (Some(from..length), length) } else { (None, from) });
            }
        }
    }

    fn count(&mut self, from: usize, count: usize) -> Result<(Option<Range<usize>>, usize)> {
        // `read(0)` tests for the end of the stream.
        let wanted = from + count.max(1);
        loop {
            let length = self.incoming.unread().len();
            if length >= wanted {
                return Ok((Some(from..from + count), from + count));
            }
            if !self.more(wanted - length)? {
                let length = self.incoming.unread().len().min(from + count);
                return Ok(if length > from { (Some(from..length), length) } else { (None, from) });
            }
        }
    }

    fn all(&mut self, from: usize) -> Result<(Option<Range<usize>>, usize)> {
        // More is received at once the more there is.
        while self.more(self.incoming.unread().len().max(1))? {}
        let length = self.incoming.unread().len();
        Ok((Some(from..length), length))
    }

    fn number(&mut self, from: usize) -> Result<(Option<Range<usize>>, usize)> {
        let mut searched = self.incoming.searched(Format::Number, from);
        loop {
            if let Some(found) = numeral::scan(self.incoming.unread(), &mut searched, self.incoming.ended) {
                return Ok(found);
            }
            self.incoming.searched = Some((Format::Number, from, searched));
            self.more(1)?;
        }
    }

    /// Adds a copy of the unread bytes to a failure; they stay readable. More than `MOST_GIVEN` bytes are not copied,
    /// so that repeated timeouts cost the same however much waits.
    #[cold]
    fn explain(&self, error: Error) -> Error {
        let unread = self.incoming.unread();
        let told = if unread.len() <= MOST_GIVEN { memory::copy(unread).ok() } else { None };
        match told {
            Some(partial) => error.with_partial(partial),
            None => error,
        }
    }
}

/// Where the first line end from `searched` on begins and ends. A `\r` at the end of the bytes is no line end yet, for
/// a `\n` may follow.
#[inline(always)]
fn find_end(bytes: &[u8], searched: usize, newline: Option<&[u8]>, ended: bool) -> Option<(usize, usize)> {
    let rest = bytes.get(searched..)?;
    match newline {
        Some(&[byte]) => memchr::memchr(byte, rest).map(|n| (searched + n, searched + n + 1)),
        Some(bytes) => memchr::memmem::find(rest, bytes).map(|n| (searched + n, searched + n + bytes.len())),
        None => {
            let end = searched + memchr::memchr2(b'\n', b'\r', rest)?;
            match (bytes[end], bytes.get(end + 1)) {
                (b'\r', Some(b'\n')) => Some((end, end + 2)),
                (b'\r', None) if !ended => None,
                _ => Some((end, end + 1)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::find_end;

    #[test]
    fn a_line_ends_as_its_newline_says() {
        let bytes = b"a\rb\r\nc\nd\r";
        assert_eq!(find_end(bytes, 0, Some(b"\n"), false), Some((4, 5)));
        assert_eq!(find_end(bytes, 0, Some(b"\r"), false), Some((1, 2)));
        assert_eq!(find_end(bytes, 0, Some(b"\r\n"), false), Some((3, 5)));
        assert_eq!(find_end(bytes, 0, None, false), Some((1, 2)));
        assert_eq!(find_end(bytes, 2, None, false), Some((3, 5)));
        assert_eq!(find_end(bytes, 8, None, false), None);
        assert_eq!(find_end(bytes, 8, None, true), Some((8, 9)));
    }
}
