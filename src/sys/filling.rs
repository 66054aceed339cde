//! Buffers that system calls receive into.

use std::cell::Cell;
use std::mem::MaybeUninit;

/// A buffer that is not initialised, and how many of its bytes calls have received, one after the other.
pub(crate) struct Filling<'a> {
    space: &'a mut [MaybeUninit<u8>],
    filled: usize,
}

/// The most bytes that `clear` leaves in a buffer: clearing makes the system provide memory that was only reserved.
#[cfg(unix)]
const CLEARED: usize = 1 << 20;

impl<'a> Filling<'a> {
    #[inline(always)]
    pub(crate) fn new(space: &'a mut [MaybeUninit<u8>]) -> Self {
        Filling { space, filled: 0 }
    }

    /// Fills with a copy of as many bytes as there is room for.
    #[inline(always)]
    pub(crate) fn copy_from(&mut self, bytes: &[u8]) {
        self.filled = bytes.len().min(self.space.len());
        for (place, byte) in self.space.iter_mut().zip(bytes) {
            place.write(*byte);
        }
    }

    /// The bytes that were filled so far.
    #[inline(always)]
    pub(crate) fn filled(&self) -> &[u8] {
        // SAFETY: as below.
        unsafe { std::slice::from_raw_parts(self.space.as_ptr().cast(), self.filled) }
    }

    /// The bytes that were filled.
    #[inline(always)]
    pub(crate) fn into_filled(self) -> &'a [u8] {
        // SAFETY: that many bytes were initialised, by `fill` or `copy_from`.
        unsafe { std::slice::from_raw_parts(self.space.as_ptr().cast(), self.filled) }
    }
}

/// A buffer that system calls receive into, each behind the bytes of the one before.
///
/// # Safety
/// `fill` passes memory that may be written, of the length that it says.
pub(crate) unsafe trait ReceiveBuffer {
    /// Lets a call fill the memory: it gets the start and the length of what is left, and returns how many bytes it
    /// initialised.
    ///
    /// # Safety
    /// `call` writes within the given bytes only, and initialises as many of the first ones as it returns, or all of
    /// them when it returns more; or [`ReceiveBuffer::clear`] was called.
    unsafe fn fill<E>(&mut self, call: impl FnOnce(*mut u8, usize) -> Result<usize, E>) -> Result<usize, E>;

    /// Initialises the memory, for calls that count bytes which they do not write.
    #[cfg(unix)]
    #[inline(always)]
    fn clear(&mut self) {}

    /// The next call begins at the start again.
    fn rewind(&mut self);

    /// How many bytes are left to be filled.
    fn left(&self) -> usize;
}

// SAFETY: the rest of a slice that is borrowed mutably.
unsafe impl ReceiveBuffer for Filling<'_> {
    #[inline(always)]
    unsafe fn fill<E>(&mut self, call: impl FnOnce(*mut u8, usize) -> Result<usize, E>) -> Result<usize, E> {
        let rest = &mut self.space[self.filled..];
        let count = call(rest.as_mut_ptr().cast(), rest.len())?;
        // With MSG_TRUNC the count may be larger than the buffer.
        self.filled += count.min(rest.len());
        Ok(count)
    }

    #[cfg(unix)]
    #[cold]
    fn clear(&mut self) {
        let length = self.space.len().min(CLEARED);
        self.space = &mut std::mem::take(&mut self.space)[..length];
        self.space[self.filled.min(length)..].fill(MaybeUninit::new(0));
    }

    fn rewind(&mut self) {
        self.filled = 0;
    }

    fn left(&self) -> usize {
        self.space.len() - self.filled
    }
}

/// Room for `size` bytes behind those of a vector, which has the capacity. Bytes that are received are the vector's.
pub(crate) struct Tail<'a> {
    bytes: &'a mut Vec<u8>,
    start: usize,
    end: usize,
}

impl<'a> Tail<'a> {
    pub(crate) fn new(bytes: &'a mut Vec<u8>, size: usize) -> Self {
        let start = bytes.len();
        let end = bytes.capacity().min(start + size);
        Tail { bytes, start, end }
    }
}

// SAFETY: capacity that the vector does not use.
unsafe impl ReceiveBuffer for Tail<'_> {
    unsafe fn fill<E>(&mut self, call: impl FnOnce(*mut u8, usize) -> Result<usize, E>) -> Result<usize, E> {
        let left = self.left();
        let room = &mut self.bytes.spare_capacity_mut()[..left];
        let count = call(room.as_mut_ptr().cast(), left)?;
        // SAFETY: the call has initialised so many more, within the capacity.
        unsafe { self.bytes.set_len(self.bytes.len() + count.min(left)) };
        Ok(count)
    }

    #[cfg(unix)]
    fn clear(&mut self) {
        let left = self.left();
        self.bytes.spare_capacity_mut()[..left].fill(MaybeUninit::new(0));
    }

    fn rewind(&mut self) {
        self.bytes.truncate(self.start);
    }

    fn left(&self) -> usize {
        self.end - self.bytes.len()
    }
}

/// A buffer that is always initialised, and how many of its bytes calls have received.
pub(crate) struct Part<'a> {
    cells: &'a [Cell<u8>],
    filled: usize,
}

impl<'a> From<&'a mut [u8]> for Part<'a> {
    fn from(bytes: &'a mut [u8]) -> Self {
        Part::new(Cell::from_mut(bytes).as_slice_of_cells())
    }
}

impl<'a> Part<'a> {
    #[inline(always)]
    pub(crate) fn new(cells: &'a [Cell<u8>]) -> Self {
        Part { cells, filled: 0 }
    }
}

// SAFETY: the rest of a slice of cells, which may be written.
unsafe impl ReceiveBuffer for Part<'_> {
    #[inline(always)]
    unsafe fn fill<E>(&mut self, call: impl FnOnce(*mut u8, usize) -> Result<usize, E>) -> Result<usize, E> {
        let rest = &self.cells[self.filled..];
        let count = call(rest.as_ptr().cast_mut().cast(), rest.len())?;
        self.filled += count.min(rest.len());
        Ok(count)
    }

    fn rewind(&mut self) {
        self.filled = 0;
    }

    fn left(&self) -> usize {
        self.cells.len() - self.filled
    }
}
