//! What a stream has received.

use super::codec::{Codec, Decoding};
use crate::error::Result;
use crate::sys::Errno;

/// Bytes that have arrived and are not read yet.
#[derive(Default)]
pub(super) struct Incoming {
    /// All of it is initialised; what is not read yet lies from `start` to `end`.
    pub(super) data: Vec<u8>,
    start: usize,
    pub(super) end: usize,
    /// Up to where, from `start`, there is no end of a line.
    pub(super) scanned: usize,
    /// The peer has sent its last byte.
    pub(super) ended: bool,
    pub(super) decoding: Option<Box<Decoding>>,
}

impl Incoming {
    pub(super) fn new(codec: Option<Codec>) -> Self {
        Incoming { decoding: codec.map(|codec| Box::new(Decoding::new(codec))), ..Incoming::default() }
    }

    pub(super) fn unread(&self) -> &[u8] {
        &self.data[self.start..self.end]
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.start += count;
        self.scanned = 0;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
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
            self.data.try_reserve_exact(length - self.data.len()).map_err(|_| Errno::NO_MEMORY)?;
            self.data.resize(length, 0);
        }
        Ok(())
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.make_room(bytes.len())?;
        self.data[self.end..self.end + bytes.len()].copy_from_slice(bytes);
        self.end += bytes.len();
        Ok(())
    }
}
