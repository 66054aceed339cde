//! Memory that a system call fills.

use std::cell::Cell;
use std::mem::MaybeUninit;

/// Bytes that are not initialised yet, and how many of them system calls have filled, one call after the other.
pub(crate) struct Filling<'a> {
    space: &'a mut [MaybeUninit<u8>],
    filled: usize,
}

/// The most bytes that [`Target::clear`] leaves to be filled: clearing takes the memory that is only reserved before.
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

    /// The bytes that were filled.
    #[inline(always)]
    pub(crate) fn into_filled(self) -> &'a [u8] {
        // SAFETY: `filled` is only set by `fill`, to what was initialised.
        unsafe { std::slice::from_raw_parts(self.space.as_ptr().cast(), self.filled) }
    }
}

/// Memory that system calls can put bytes into, each call behind the one before.
///
/// # Safety
/// `fill` passes memory that may be written, of the length that it says.
pub(crate) unsafe trait Target {
    /// Lets a call fill the memory: it gets the start and the length of what is left, and returns how many bytes it
    /// initialised.
    ///
    /// # Safety
    /// `call` writes within the given bytes only, and initialises as many of the first ones as it returns, or all of
    /// them when it returns more; or [`Target::clear`] was called.
    unsafe fn fill<E>(&mut self, call: impl FnOnce(*mut u8, usize) -> Result<usize, E>) -> Result<usize, E>;

    /// Initialises the memory, for calls that count bytes which they do not write.
    #[inline(always)]
    fn clear(&mut self) {}

    /// Has the next call begin at the start again.
    fn rewind(&mut self);

    /// How many bytes are left to be filled.
    fn left(&self) -> usize;
}

// SAFETY: the rest of a slice that is borrowed mutably.
unsafe impl Target for Filling<'_> {
    #[inline(always)]
    unsafe fn fill<E>(&mut self, call: impl FnOnce(*mut u8, usize) -> Result<usize, E>) -> Result<usize, E> {
        let rest = &mut self.space[self.filled..];
        let count = call(rest.as_mut_ptr().cast(), rest.len())?;
        // A datagram's full length may be told (MSG_TRUNC) where less was received.
        self.filled += count.min(rest.len());
        Ok(count)
    }

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

/// Memory of a buffer, which is always initialised, and how much of it was filled.
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
unsafe impl Target for Part<'_> {
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
