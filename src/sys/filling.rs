//! Memory that a system call fills.

use std::cell::Cell;
use std::mem::MaybeUninit;

/// Bytes that are not initialised yet, and how many of them a system call has filled.
pub(crate) struct Filling<'a> {
    space: &'a mut [MaybeUninit<u8>],
    filled: usize,
}

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

/// Somewhere that a system call can put bytes.
pub(crate) trait Target {
    /// Lets a call fill the memory: it gets the start and the length, and returns how many bytes it initialised, never
    /// more than there are.
    ///
    /// # Safety
    /// `call` writes within the given bytes only, and initialises as many of the first ones as it returns.
    unsafe fn fill<E>(&mut self, call: impl FnOnce(*mut u8, usize) -> Result<usize, E>) -> Result<usize, E>;
}

impl Target for Filling<'_> {
    #[inline(always)]
    unsafe fn fill<E>(&mut self, call: impl FnOnce(*mut u8, usize) -> Result<usize, E>) -> Result<usize, E> {
        let count = call(self.space.as_mut_ptr().cast(), self.space.len())?;
        // A datagram's full length may be told (MSG_TRUNC) where less was received.
        self.filled = count.min(self.space.len());
        Ok(count)
    }
}

impl Target for &[Cell<u8>] {
    #[inline(always)]
    unsafe fn fill<E>(&mut self, call: impl FnOnce(*mut u8, usize) -> Result<usize, E>) -> Result<usize, E> {
        call(self.as_ptr().cast_mut().cast(), self.len())
    }
}
