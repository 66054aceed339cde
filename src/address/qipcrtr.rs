//! AF_QIPCRTR: node, port.

use std::mem::offset_of;
use std::ops::RangeInclusive;

use super::given::U32;
use super::{Address, AddressArgument, AddressFamily, Fields, Layout, Single};
use crate::error::Result;

pub(super) struct Family;

/// The family's number, which libc lacks (`linux/socket.h`).
pub(crate) const AF_QIPCRTR: i32 = 42;

/// `struct sockaddr_qrtr`, which libc lacks (`linux/qrtr.h`).
#[repr(C)]
struct SockaddrQrtr {
    family: u16,
    node: u32,
    port: u32,
}

static LAYOUT: Layout = Layout { key: AF_QIPCRTR, fields: &["node", "port"], single: Single::Table };

const NODE: usize = offset_of!(SockaddrQrtr, node);
const PORT: usize = offset_of!(SockaddrQrtr, port);

impl AddressFamily for Family {
    const LENGTHS: RangeInclusive<usize> = size_of::<SockaddrQrtr>()..=size_of::<SockaddrQrtr>();

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
        let node = given.integer(0, &LAYOUT, U32, None)? as u32;
        let port = given.integer(1, &LAYOUT, U32, None)? as u32;
        address.begin(AF_QIPCRTR, size_of::<SockaddrQrtr>());
        address.set(NODE, node.to_ne_bytes());
        address.set(PORT, port.to_ne_bytes());
        Ok(())
    }

    fn write(address: &Address, fields: &mut impl Fields) {
        fields.integer(u32::from_ne_bytes(address.get_or_zero(NODE)).into());
        fields.integer(u32::from_ne_bytes(address.get_or_zero(PORT)).into());
    }
}
