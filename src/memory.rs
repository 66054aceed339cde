//! Allocations of a size that a script or a peer chooses, which fail with ENOMEM instead of aborting the process.

use std::ffi::CString;
use std::hash::Hasher;

use crate::sys::Errno;

/// Reserves room for `count` more items.
#[inline(always)]
pub(crate) fn reserve<T>(out: &mut Vec<T>, count: usize) -> Result<(), Errno> {
    out.try_reserve(count).map_err(|_| Errno::NO_MEMORY)
}

/// Reserves room for exactly `count` items in all.
pub(crate) fn reserve_exact<T>(out: &mut Vec<T>, count: usize) -> Result<(), Errno> {
    out.try_reserve_exact(count.saturating_sub(out.len())).map_err(|_| Errno::NO_MEMORY)
}

/// A vector with room for exactly `count` items.
pub(crate) fn with_room<T>(count: usize) -> Result<Vec<T>, Errno> {
    let mut made = Vec::new();
    reserve_exact(&mut made, count)?;
    Ok(made)
}

/// A vector of zeros.
pub(crate) fn zeros(count: usize) -> Result<Vec<u8>, Errno> {
    let mut made = with_room(count)?;
    made.resize(count, 0);
    Ok(made)
}

/// A copy of bytes.
pub(crate) fn copy(bytes: &[u8]) -> Result<Vec<u8>, Errno> {
    let mut made = with_room(bytes.len())?;
    made.extend_from_slice(bytes);
    Ok(made)
}

/// A C string; `None` when the bytes contain a NUL.
pub(crate) fn terminated(text: &[u8]) -> Result<Option<CString>, Errno> {
    let mut made = with_room(text.len() + 1)?;
    made.extend_from_slice(text);
    made.push(0);
    Ok(CString::from_vec_with_nul(made).ok())
}

/// A hash function for small numbers, and for addresses, whose lowest bits are all the same.
#[derive(Default)]
pub(crate) struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(byte.into()));
    }

    #[inline(always)]
    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_i32(&mut self, number: i32) {
        self.write_u64(number as u64);
    }

    fn write_i64(&mut self, number: i64) {
        self.write_u64(number as u64);
    }

    #[inline(always)]
    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
    }

    #[inline(always)]
    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Errno, terminated, with_room, zeros};

    #[test]
    #[cfg_attr(miri, ignore = "asks for more memory than Miri has")]
    fn what_is_not_there_is_an_error() {
        assert_eq!(with_room::<u64>(usize::MAX), Err(Errno::NO_MEMORY));
        assert_eq!(zeros(isize::MAX as usize), Err(Errno::NO_MEMORY));
        assert_eq!(zeros(3), Ok(vec![0; 3]));
    }

    #[test]
    fn text_with_a_nul_is_no_string_of_c() {
        assert_eq!(terminated(b"a\0b"), Ok(None));
        assert_eq!(terminated(b"ab").unwrap().unwrap().as_bytes(), b"ab");
    }
}
