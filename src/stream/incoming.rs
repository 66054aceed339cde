//! What a stream has received.

use super::decoding::Decoding;
use crate::error::Result;
use crate::memory;

/// The most memory that stays with a stream whose bytes were all read.
const KEPT: usize = 2 << 20;

/// Bytes that have arrived and are not read yet.
#[derive(Default)]
pub(super) struct Incoming {
    /// All of it is initialised; what is not read yet lies from `start` to `end`.
    pub(super) data: Vec<u8>,
    start: usize,
    pub(super) end: usize,
    pub(super) scanned: Scanned,
    /// The peer has sent its last byte.
    pub(super) ended: bool,
    /// Made when the first bytes are to be decoded, for then a stream owns nothing before its end is seen to.
    pub(super) decoding: Option<Box<Decoding>>,
}

/// Where a search can go on: the unread bytes between the two places were looked at, and have not what was sought.
#[derive(Clone, Copy, Default)]
pub(super) struct Scanned {
    pub(super) sought: Sought,
    pub(super) from: usize,
    pub(super) to: usize,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Sought {
    #[default]
    EndOfLine,
    /// What is no white space.
    Numeral,
}

impl Incoming {
    pub(super) fn unread(&self) -> &[u8] {
        &self.data[self.start..self.end]
    }

    /// From where on a search that begins at the place `from` has to look.
    #[inline(always)]
    pub(super) fn searched(&self, sought: Sought, from: usize) -> usize {
        let scanned = &self.scanned;
        if scanned.to > from && scanned.from == from && scanned.sought == sought { scanned.to } else { from }
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.start += count;
        self.scanned.to = 0;
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
