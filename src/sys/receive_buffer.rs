//! Buffers that system calls receive into.

use std::cell::Cell;
use std::mem::MaybeUninit;

/// A buffer that system calls receive into, each behind the bytes of the one before, and how many bytes there are.
pub(crate) struct ReceiveBuffer<'a, const INITIALISED: bool = false> {
    space: &'a [Cell<MaybeUninit<u8>>],
    filled: usize,
}

/// The most bytes that `clear` leaves in a buffer: clearing makes the system provide memory that was only reserved.
#[cfg(unix)]
const CLEARED: usize = 1 << 20;

impl<'a> ReceiveBuffer<'a> {
    #[inline(always)]
    pub(crate) fn new(space: &'a mut [MaybeUninit<u8>]) -> Self {
        ReceiveBuffer { space: Cell::from_mut(space).as_slice_of_cells(), filled: 0 }
    }

    /// Fills with a copy of as many bytes as there is room for.
    #[inline(always)]
    pub(crate) fn copy_from(&mut self, bytes: &[u8]) {
        self.filled = bytes.len().min(self.space.len());
        // SAFETY: as many bytes of cells, which may be written; the slice that they are of was borrowed mutably.
        unsafe { self.space.as_ptr().cast_mut().cast::<u8>().copy_from_nonoverlapping(bytes.as_ptr(), self.filled) };
    }

    /// The bytes that were filled so far.
    #[inline(always)]
    pub(crate) fn filled(&self) -> &[u8] {
        // SAFETY: as below; `fill` needs this borrowed mutably.
        unsafe { std::slice::from_raw_parts(self.space.as_ptr().cast(), self.filled) }
    }

    /// The bytes that were filled.
    #[inline(always)]
    pub(crate) fn into_filled(self) -> &'a [u8] {
        // SAFETY: that many bytes were initialised, by `fill` or `copy_from`; the slice was borrowed mutably, and nothing
        // else has its cells.
        unsafe { std::slice::from_raw_parts(self.space.as_ptr().cast(), self.filled) }
    }
}

impl<'a> ReceiveBuffer<'a, true> {
    /// Memory that has contents already.
    #[inline(always)]
    pub(crate) fn of_cells(cells: &'a [Cell<u8>]) -> Self {
        // SAFETY: the same bytes. What `fill` writes is initialised.
        let space = unsafe { std::slice::from_raw_parts(cells.as_ptr().cast(), cells.len()) };
        ReceiveBuffer { space, filled: 0 }
    }

    /// The same.
    pub(crate) fn of_bytes(bytes: &'a mut [u8]) -> Self {
        ReceiveBuffer::of_cells(Cell::from_mut(bytes).as_slice_of_cells())
    }
}

impl<const INITIALISED: bool> ReceiveBuffer<'_, INITIALISED> {
    /// Lets a call fill the memory: it gets the start and the length of what is left, and returns how many bytes it
    /// initialised.
    ///
    /// # Safety
    /// `call` writes within the given bytes only, and initialises as many of the first ones as it returns, or all of
    /// them when it returns more; or [`ReceiveBuffer::clear`] was called.
    #[inline(always)]
    pub(crate) unsafe fn fill<E>(&mut self, call: impl FnOnce(*mut u8, usize) -> Result<usize, E>) -> Result<usize, E> {
        let rest = &self.space[self.filled..];
        let count = call(rest.as_ptr().cast_mut().cast(), rest.len())?;
        // With MSG_TRUNC the count may be larger than the buffer.
        self.filled += count.min(rest.len());
        Ok(count)
    }

    /// Initialises the memory, for calls that count bytes which they do not write.
    #[cfg(unix)]
    #[cold]
    pub(super) fn clear(&mut self) {
        if INITIALISED {
            return;
        }
        let length = self.space.len().min(CLEARED);
        self.space = &self.space[..length];
        self.space[self.filled.min(length)..].iter().for_each(|cell| cell.set(MaybeUninit::new(0)));
    }

    /// Lets `call` fill at most the next `most` bytes.
    pub(crate) fn fill_part<T>(
        &mut self,
        most: usize,
        call: impl FnOnce(&mut ReceiveBuffer<'_, INITIALISED>) -> T,
    ) -> T {
        let end = self.space.len().min(self.filled.saturating_add(most));
        let mut part = ReceiveBuffer { space: &self.space[..end], filled: self.filled };
        let done = call(&mut part);
        self.filled = part.filled;
        done
    }

    /// The next call begins at the start again.
    pub(crate) fn rewind(&mut self) {
        self.filled = 0;
    }

    /// How many bytes are left to be filled.
    pub(crate) fn left(&self) -> usize {
        self.space.len() - self.filled
    }
}

/// Lets calls fill up to `size` bytes behind those of a vector, which has the capacity. What they receive is the
/// vector's.
pub(crate) fn fill_tail<T>(bytes: &mut Vec<u8>, size: usize, call: impl FnOnce(&mut ReceiveBuffer) -> T) -> T {
    let spare = bytes.spare_capacity_mut();
    let size = size.min(spare.len());
    let mut tail = ReceiveBuffer::new(&mut spare[..size]);
    let done = call(&mut tail);
    let filled = tail.filled;
    // SAFETY: so many more bytes were initialised, within the capacity.
    unsafe { bytes.set_len(bytes.len() + filled) };
    done
}
