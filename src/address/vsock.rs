//! AF_VSOCK: cid, port.

use std::mem::offset_of;
use std::ops::RangeInclusive;

use libc::{AF_VSOCK, sockaddr_vm};

pub(super) use super::describe;
use super::given::U32;
use super::{Address, AddressArgument, Field, Layout};
use crate::error::Result;

pub(super) static LAYOUT: Layout = Layout::table(AF_VSOCK, &["cid", "port"]);

const CID: usize = offset_of!(sockaddr_vm, svm_cid);
const PORT: usize = offset_of!(sockaddr_vm, svm_port);

pub(super) const LENGTHS: RangeInclusive<usize> = size_of::<sockaddr_vm>()..=size_of::<sockaddr_vm>();

pub(super) fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
    let cid = given.integer(0, &LAYOUT, U32, None)? as u32;
    let port = given.integer(1, &LAYOUT, U32, None)? as u32;
    address.begin(AF_VSOCK, size_of::<sockaddr_vm>());
    address.set(CID, cid.to_ne_bytes());
    address.set(PORT, port.to_ne_bytes());
    Ok(())
}

pub(super) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
    fields(Field::Integer(u32::from_ne_bytes(address.get_or_zero(CID)).into()));
    fields(Field::Integer(u32::from_ne_bytes(address.get_or_zero(PORT)).into()));
}
