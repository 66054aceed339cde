//! What coders make.

use crate::error::Result;
use crate::memory;
use crate::sys::Errno;

/// How much longer than its coding needs a marker for the ends of lines may make a block.
const MOST_OF_MARKERS: usize = 64 << 20;

/// The most bytes that a coding makes of one.
const MOST_OF_BYTE: usize = 4;

/// Bytes that were made of others: their number is bounded by that of the others.
pub(super) struct Output {
    bytes: Vec<u8>,
    most: usize,
}

impl Output {
    /// For what is made of `taken` bytes, with some room.
    pub(super) fn with_room(taken: usize, room: usize) -> Result<Self> {
        Ok(Output { bytes: memory::with_room(room)?, most: taken.saturating_mul(MOST_OF_BYTE) + MOST_OF_MARKERS })
    }

    #[inline(always)]
    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.len() > self.most - self.bytes.len() {
            return Err(Errno::NO_MEMORY.into());
        }
        memory::reserve(&mut self.bytes, bytes.len())?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
