//! The receive buffer of a stream.

use crate::error::Result;
use crate::lua::Format;
use crate::memory;

/// The largest buffer that an empty stream keeps, in bytes.
const KEPT: usize = 2 << 20;

/// Bytes that were received and are not read yet.
#[derive(Default)]
pub(super) struct Incoming {
    /// The unread bytes lie from `start` to `end`.
    pub(super) data: Vec<u8>,
    start: usize,
    pub(super) end: usize,
    /// What a search that did not succeed looked for, a line's end or a numeral, and where it continues: the unread bytes
    /// between the two places have no match.
    pub(super) searched: Option<(Format, usize, usize)>,
    /// The end of the stream was received.
    pub(super) ended: bool,
}

impl Incoming {
    pub(super) fn unread(&self) -> &[u8] {
        &self.data[self.start..self.end]
    }

    /// From where on a search that begins at the place `from` has to look.
    #[inline(always)]
    pub(super) fn searched(&self, format: Format, from: usize) -> usize {
        match self.searched {
            Some((searched, start, end)) if searched == format && start == from => end,
            _ => from,
        }
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.start += count;
        self.searched = None;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            if self.data.len() > KEPT {
                self.data = Vec::new();
            }
        }
    }

    /// Makes room for `size` bytes after the unread ones. Fails with ENOMEM.
    pub(super) fn make_room(&mut self, size: usize) -> Result<()> {
        if self.data.len() - self.end >= size {
            return Ok(());
        }
        if self.start > 0 {
            self.data.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.data.len() - self.end < size {
            let length = (self.end + size).max(self.data.len() * 2);
            memory::reserve_exact(&mut self.data, length)?;
            self.data.resize(length, 0);
        }
        Ok(())
    }

    /// The room after the unread bytes.
    pub(super) fn room(&mut self) -> &mut [u8] {
        &mut self.data[self.end..]
    }

    /// Adds text to the unread bytes. Fails with ENOMEM where no room was made before.
    pub(super) fn append(&mut self, text: &str) -> Result<()> {
        self.make_room(text.len())?;
        self.room()[..text.len()].copy_from_slice(text.as_bytes());
        self.end += text.len();
        Ok(())
    }
}
