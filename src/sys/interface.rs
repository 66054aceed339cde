//! The addresses of network interfaces.

use super::Address;

/// One address of an interface.
pub(crate) struct InterfaceAddress {
    pub(crate) name: Vec<u8>,
    /// A set of the bits of [`INTERFACE_FLAGS`](super::INTERFACE_FLAGS), and others.
    pub(crate) flags: u32,
    /// `None` for an interface without an address.
    pub(crate) address: Option<Address>,
    pub(crate) netmask: Option<Address>,
    pub(crate) broadcast: Option<Address>,
    /// The other end of a point-to-point link.
    pub(crate) peer: Option<Address>,
}
