//! A `sockaddr` of any family.

use std::fmt;
use std::mem::offset_of;

use super::{Layout, inet, inet6, layout};
use crate::error::Message;
use crate::sys::headers;

/// Where a `sockaddr` has its family.
const FAMILY: usize = offset_of!(headers::sockaddr, sa_family);

/// Whether its length stands before the family, in one byte, as on macOS and the BSDs.
const HAS_LENGTH: bool = FAMILY == 1;

/// A `sockaddr` of any family.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub(crate) struct Address {
    bytes: [u8; Self::SIZE],
    length: usize,
    /// The protocol of the socket, which tells how the fields of some families read.
    pub(super) proto: i32,
}

impl Address {
    /// Room for the longest address of the system.
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

    /// Room for the system to write an address into; [`Address::set_length`] follows.
    #[inline(always)]
    pub(crate) fn room(&mut self) -> &mut [u8; Self::SIZE] {
        &mut self.bytes
    }

    /// Sets the length that the system told, which is more than there is room for when it cut the address.
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

    /// The host alone, in network byte order; empty for a family without hosts.
    pub(crate) fn packed(&self) -> &[u8] {
        let (start, length) = match i32::from(self.family()) {
            headers::AF_INET => (inet::HOST, 4),
            headers::AF_INET6 => (inet6::HOST, 16),
            _ => (0, 0),
        };
        self.as_bytes().get(start..start + length).unwrap_or_default()
    }

    /// The port of a family that has ports.
    pub(crate) fn port(&self) -> Option<u16> {
        let place = match i32::from(self.family()) {
            headers::AF_INET => inet::PORT,
            headers::AF_INET6 => inet6::PORT,
            _ => return None,
        };
        Some(u16::from_be_bytes(self.get_or_zero(place)))
    }

    /// How the address looks in Lua; `None` when there is none.
    #[inline(always)]
    pub(crate) fn layout(&self) -> Option<&'static Layout> {
        (self.length > 0).then(|| layout(self.family(), self.proto))
    }

    /// `N` bytes at `offset`, when the address is that long.
    #[inline(always)]
    pub(super) fn get<const N: usize>(&self, offset: usize) -> Option<[u8; N]> {
        self.as_bytes().get(offset..offset + N)?.try_into().ok()
    }

    /// `N` bytes at `offset`, zeros where the address is shorter: its bytes beyond the length are never written.
    #[inline(always)]
    pub(super) fn get_or_zero<const N: usize>(&self, offset: usize) -> [u8; N] {
        self.get(offset).unwrap_or([0; N])
    }

    #[inline(always)]
    pub(super) fn set<const N: usize>(&mut self, offset: usize, value: [u8; N]) {
        self.bytes[offset..offset + N].copy_from_slice(&value);
    }

    /// Sets the family and the length of an address that is being made.
    #[inline(always)]
    pub(super) fn begin(&mut self, family: i32, length: usize) {
        self.length = length;
        if HAS_LENGTH {
            self.set(0, [length.min(255) as u8]);
        }
        self.set(FAMILY, (family as headers::sa_family_t).to_ne_bytes());
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Message::new();
        self.describe(&mut text);
        write!(formatter, "{text}")
    }
}
