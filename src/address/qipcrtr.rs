//! AF_QIPCRTR: node, port.

use std::ops::RangeInclusive;

pub(super) use super::describe;
use super::given::U32;
use super::{Address, AddressArgument, Field, Layout};
use crate::error::Result;
use crate::sys::AF_QIPCRTR;

structure! {
    /// `struct sockaddr_qrtr`, which libc lacks (`linux/qrtr.h`).
    mod sockaddr_qrtr {
        FAMILY: u16,
        NODE: u32,
        PORT: u32,
    }
}

pub(super) static LAYOUT: Layout = Layout::table(AF_QIPCRTR, &["node", "port"]);

const NODE: usize = sockaddr_qrtr::NODE;
const PORT: usize = sockaddr_qrtr::PORT;

pub(super) const LENGTHS: RangeInclusive<usize> = sockaddr_qrtr::SIZE..=sockaddr_qrtr::SIZE;

pub(super) fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
    let node = given.integer(0, &LAYOUT, U32, None)? as u32;
    let port = given.integer(1, &LAYOUT, U32, None)? as u32;
    address.begin(AF_QIPCRTR, sockaddr_qrtr::SIZE);
    address.set(NODE, node.to_ne_bytes());
    address.set(PORT, port.to_ne_bytes());
    Ok(())
}

pub(super) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
    fields(Field::Integer(u32::from_ne_bytes(address.get_or_zero(NODE)).into()));
    fields(Field::Integer(u32::from_ne_bytes(address.get_or_zero(PORT)).into()));
}
