//! Bytes that are only read.

use std::cell::Cell;
use std::ffi::c_int;
use std::marker::PhantomData;
use std::ptr::NonNull;

use super::Errno;

/// Bytes to read, of a Lua string, a buffer or a Rust slice. They may change between two reads, because Lua may write to a
/// buffer, but not through this type: `&[u8]` would forbid the former, `&[Cell<u8>]` would allow the latter.
#[derive(Clone, Copy)]
pub(crate) struct Bytes<'a> {
    start: NonNull<u8>,
    length: usize,
    lifetime: PhantomData<&'a [Cell<u8>]>,
}

impl<'a> From<&'a [u8]> for Bytes<'a> {
    #[inline(always)]
    fn from(bytes: &'a [u8]) -> Self {
        // SAFETY: the slice.
        unsafe { Bytes::from_raw(NonNull::from(bytes).cast(), bytes.len()) }
    }
}

impl<'a> From<&'a [Cell<u8>]> for Bytes<'a> {
    #[inline(always)]
    fn from(cells: &'a [Cell<u8>]) -> Self {
        // SAFETY: the slice.
        unsafe { Bytes::from_raw(NonNull::from(cells).cast(), cells.len()) }
    }
}

/// The bytes of the numbers, in the system's byte order.
impl<'a> From<&'a [c_int]> for Bytes<'a> {
    fn from(numbers: &'a [c_int]) -> Self {
        // SAFETY: the slice.
        unsafe { Bytes::from_raw(NonNull::from(numbers).cast(), size_of_val(numbers)) }
    }
}

impl<'a> Bytes<'a> {
    /// # Safety
    /// So many bytes are initialised and may be read for as long as `'a`, and no other thread writes to them.
    #[inline(always)]
    pub(crate) unsafe fn from_raw(start: NonNull<u8>, length: usize) -> Self {
        Bytes { start, length, lifetime: PhantomData }
    }

    /// The first byte's address, to read from.
    #[inline(always)]
    pub(crate) fn as_ptr(self) -> *const u8 {
        self.start.as_ptr()
    }

    #[inline(always)]
    pub(crate) fn len(self) -> usize {
        self.length
    }

    pub(crate) fn is_empty(self) -> bool {
        self.length == 0
    }

    /// The bytes as they are now.
    ///
    /// # Safety
    /// Nothing writes to them while the result is used.
    #[inline(always)]
    pub(crate) unsafe fn as_slice(&self) -> &[u8] {
        // SAFETY: initialised bytes (`from_raw`), which do not change (the caller's promise).
        unsafe { std::slice::from_raw_parts(self.as_ptr(), self.length) }
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = u8> {
        // SAFETY: each is within the bytes.
        (0..self.length).map(move |n| unsafe { self.start.add(n).read() })
    }

    /// The first `count` bytes, and the others. Panics when there are fewer.
    #[inline(always)]
    pub(crate) fn split_at(self, count: usize) -> (Self, Self) {
        assert!(count <= self.length, "split beyond the end");
        // SAFETY: both are parts of the bytes.
        unsafe { (Bytes::from_raw(self.start, count), Bytes::from_raw(self.start.add(count), self.length - count)) }
    }

    /// The bytes without the first `count`. Panics when there are fewer.
    #[inline(always)]
    pub(crate) fn after(self, count: usize) -> Self {
        self.split_at(count).1
    }

    /// Copies the first bytes until `out` is full; returns the copy and the remaining bytes.
    pub(crate) fn split_into(self, out: &mut [u8]) -> (&[u8], Self) {
        let (first, rest) = self.split_at(self.length.min(out.len()));
        let out = &mut out[..first.length];
        out.iter_mut().zip(first.iter()).for_each(|(to, from)| *to = from);
        (out, rest)
    }

    /// Appends a copy. Fails with ENOMEM.
    #[inline(always)]
    pub(crate) fn append_to(self, out: &mut Vec<u8>) -> Result<(), Errno> {
        out.try_reserve(self.length).map_err(|_| Errno::NO_MEMORY)?;
        // SAFETY: nothing else runs meanwhile; `out` is borrowed mutably, so that it is memory of its own.
        out.extend_from_slice(unsafe { self.as_slice() });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::Bytes;

    #[test]
    fn bytes_of_cells_are_read_as_they_are_at_that_time() {
        let cells = [b'a', b'b', b'c'].map(Cell::new);
        let bytes = Bytes::from(&cells[..]);
        cells[1].set(b'x');
        assert!(bytes.iter().eq(*b"axc"));
        let mut copy = Vec::new();
        bytes.after(1).append_to(&mut copy).unwrap();
        assert_eq!(copy, b"xc");
        let (copy, rest) = bytes.split_into(&mut copy);
        assert_eq!((copy, rest.len()), (&b"ax"[..], 1));
    }

    #[test]
    fn bytes_of_a_slice_that_must_not_be_written_can_be_read() {
        static NUMBERS: [i32; 2] = [1, 2];
        let bytes = Bytes::from(&NUMBERS[..]);
        assert!(bytes.iter().eq(NUMBERS.map(i32::to_ne_bytes).concat()));
        assert!(Bytes::from(&b"text"[..]).after(4).is_empty());
    }
}
