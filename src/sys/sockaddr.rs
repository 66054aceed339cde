//! The bytes of a `sockaddr` of any family. What they mean is in `address`.

use std::mem::offset_of;

use super::headers;

/// The offset of the family in a `sockaddr`.
const FAMILY: usize = offset_of!(headers::sockaddr, sa_family);

/// Whether the first byte is the length, as on macOS and the BSDs.
const HAS_LENGTH: bool = FAMILY == 1;

/// AF_QIPCRTR, which libc lacks (`linux/socket.h`).
#[cfg(linux_like)]
pub(crate) const AF_QIPCRTR: i32 = 42;

/// A `sockaddr` of any family.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub(crate) struct Address {
    bytes: [u8; Self::SIZE],
    length: usize,
    /// The protocol of the socket, on which the fields of some families depend.
    pub(crate) proto: i32,
}

impl Address {
    /// The size of the longest address of the system.
    pub(crate) const SIZE: usize = size_of::<headers::sockaddr_storage>();

    /// No address: length 0.
    #[inline(always)]
    pub(crate) fn blank(proto: i32) -> Self {
        Address { bytes: [0; Self::SIZE], length: 0, proto }
    }

    /// The same address, of a socket of that protocol.
    pub(crate) fn of(self, proto: i32) -> Self {
        Address { proto, ..self }
    }

    /// The bytes of the `sockaddr`.
    #[inline(always)]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// All bytes, for the system to write an address into. [`Address::set_length`] has to follow.
    #[inline(always)]
    pub(crate) fn room(&mut self) -> &mut [u8; Self::SIZE] {
        &mut self.bytes
    }

    /// Sets the length that the system returned; it returns more than [`Address::SIZE`] when it truncated the address.
    #[inline(always)]
    pub(crate) fn set_length(&mut self, length: usize) {
        self.length = length.min(Self::SIZE);
    }

    /// The family; `AF_UNSPEC` when there is no address.
    #[inline(always)]
    #[allow(clippy::unnecessary_cast, reason = "a family has 8 bits on some systems")]
    pub(crate) fn family(&self) -> u16 {
        self.get(FAMILY).map_or(0, headers::sa_family_t::from_ne_bytes) as u16
    }

    /// `N` bytes at `offset`; `None` when the address is shorter.
    #[inline(always)]
    pub(crate) fn get<const N: usize>(&self, offset: usize) -> Option<[u8; N]> {
        self.as_bytes().get(offset..offset + N)?.try_into().ok()
    }

    /// `N` bytes at `offset`, zeros when the address is shorter.
    #[inline(always)]
    pub(crate) fn get_or_zero<const N: usize>(&self, offset: usize) -> [u8; N] {
        self.get(offset).unwrap_or([0; N])
    }

    /// Sets `N` bytes at `offset`.
    #[inline(always)]
    pub(crate) fn set<const N: usize>(&mut self, offset: usize, value: [u8; N]) {
        self.bytes[offset..offset + N].copy_from_slice(&value);
    }

    /// Sets the family and the length.
    #[inline(always)]
    pub(crate) fn begin(&mut self, family: i32, length: usize) {
        self.length = length;
        if HAS_LENGTH {
            self.set(0, [length.min(255) as u8]);
        }
        self.set(FAMILY, (family as headers::sa_family_t).to_ne_bytes());
    }
}
