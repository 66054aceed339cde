//! The receive buffer of a stream.

use std::cell::Cell;
use std::mem;
use std::ops::Range;

use crate::error::Result;
use crate::lua::Format;
use crate::memory;
use crate::sys::{ReceiveBuffer, fill_tail};

/// The largest buffer that an empty stream keeps, in bytes.
const KEPT: usize = 2 << 20;

/// With fewer unread bytes, a stream gives up a buffer of a size that the thread keeps.
pub(crate) const FEW_LEFT: usize = 1024;

/// The sizes of the buffers that a thread keeps for its next stream.
const SPARED: Range<usize> = 16 << 10..64 << 10;

thread_local! {
    /// A buffer that some stream gave up and the next one takes. To allocate and free one for each stream, or each burst
    /// of data, takes longer than to receive it: glibc then merges all small blocks that were freed.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Bytes that were received and are not read yet.
pub(crate) struct Incoming {
    /// The unread bytes lie from `start` to `end`.
    data: Vec<u8>,
    start: usize,
    pub(crate) end: usize,
    /// What a search that did not succeed looked for, a line's end or a numeral, and where it continues: the unread bytes
    /// between the two places have no match.
    pub(crate) searched: Option<(Format, usize, usize)>,
    /// The end of the stream was received.
    pub(crate) ended: bool,
    /// The most bytes that the buffer may grow to for more than is needed.
    pub(crate) most: usize,
}

impl Default for Incoming {
    fn default() -> Self {
        Incoming { data: Vec::new(), start: 0, end: 0, searched: None, ended: false, most: usize::MAX }
    }
}

impl Incoming {
    pub(crate) fn unread(&self) -> &[u8] {
        &self.data[self.start..self.end]
    }

    /// Where the first unread bytes lie, and the bytes at such a place until the buffer is filled or given up.
    #[inline(always)]
    pub(crate) fn place(&self, length: usize) -> Range<usize> {
        self.start..self.start + length
    }

    #[inline(always)]
    pub(crate) fn bytes(&self, place: &Range<usize>) -> &[u8] {
        self.data.get(place.clone()).unwrap_or_default()
    }

    /// The size of the buffer.
    pub(crate) fn size(&self) -> usize {
        self.data.capacity()
    }

    /// From where on a search that begins at the place `from` has to look.
    #[inline(always)]
    pub(crate) fn searched(&self, format: Format, from: usize) -> usize {
        match self.searched {
            Some((searched, start, end)) if searched == format && start == from => end,
            _ => from,
        }
    }

    pub(crate) fn consume(&mut self, count: usize) {
        self.start += count;
        self.searched = None;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            if self.data.capacity() > KEPT {
                self.data = Vec::new();
            }
        }
    }

    /// Gives up the buffer with the unread bytes in a range, which are many, and consumes `used` bytes, when that is cheaper
    /// than to copy them: when less is left. Fails with ENOMEM.
    pub(crate) fn give_up(&mut self, range: &Range<usize>, used: usize) -> Result<Option<(Vec<u8>, Range<usize>)>> {
        let rest = &self.unread()[used..];
        if rest.len() > range.len() {
            return Ok(None);
        }
        let rest = memory::copy(rest)?;
        let range = self.start + range.start..self.start + range.end;
        (self.start, self.end, self.searched) = (0, rest.len(), None);
        Ok(Some((mem::replace(&mut self.data, rest), range)))
    }

    /// Adds bytes behind the unread ones. Fails with ENOMEM.
    pub(crate) fn add(&mut self, bytes: &[u8]) -> Result<()> {
        self.make_room(bytes.len())?;
        self.data.truncate(self.end);
        self.data.extend_from_slice(bytes);
        self.end += bytes.len();
        Ok(())
    }

    /// Gives up a buffer that is empty, or that has little in it and that the thread keeps for its next stream.
    pub(crate) fn shrink(&mut self) {
        let unread = self.unread();
        let is_kept = SPARED.contains(&self.data.capacity());
        let fits = unread.is_empty() || is_kept && unread.len() < FEW_LEFT;
        let Some(kept) = fits.then(|| memory::copy(unread).ok()).flatten() else { return };
        (self.start, self.end) = (0, kept.len());
        let mut given_up = mem::replace(&mut self.data, kept);
        if is_kept {
            given_up.clear();
            let _ = SPARE.try_with(|spare| spare.set(given_up));
        }
    }

    /// Makes room for `size` bytes after the unread ones, in the thread's spare buffer when this one is too small.
    /// Fails with ENOMEM.
    pub(crate) fn make_room_in_spare(&mut self, size: usize) -> Result<()> {
        let needed = self.unread().len() + size;
        if self.data.capacity() < needed {
            let mut spare = SPARE.try_with(Cell::take).unwrap_or_default();
            if spare.capacity() >= needed {
                spare.extend_from_slice(self.unread());
                (self.start, self.end) = (0, spare.len());
                self.data = spare;
            }
        }
        self.make_room(size)
    }

    /// Makes room for `size` bytes after the unread ones. Fails with ENOMEM.
    pub(crate) fn make_room(&mut self, size: usize) -> Result<()> {
        if self.data.capacity() - self.end >= size {
            return Ok(());
        }
        if self.start > 0 {
            self.data.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        let (needed, capacity) = (self.end + size, self.data.capacity());
        if capacity < needed {
            memory::reserve_exact(&mut self.data, needed.max((capacity * 2).min(self.most)))?;
        }
        Ok(())
    }

    /// Lets a call fill the room for `size` bytes after the unread ones, which was made before.
    pub(crate) fn fill<T>(&mut self, size: usize, call: impl FnOnce(&mut ReceiveBuffer) -> T) -> T {
        self.data.truncate(self.end);
        fill_tail(&mut self.data, size, call)
    }

    /// The room after the unread bytes, initialised.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        self.data.resize(self.data.capacity(), 0);
        &mut self.data[self.end..]
    }

    /// Adds text to the unread bytes. Fails with ENOMEM where no room was made before.
    pub(crate) fn append(&mut self, text: &str) -> Result<()> {
        self.make_room(text.len())?;
        self.room()[..text.len()].copy_from_slice(text.as_bytes());
        self.end += text.len();
        Ok(())
    }
}
