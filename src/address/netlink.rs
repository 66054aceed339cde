//! AF_NETLINK: pid, groups.

use std::mem::offset_of;
use std::ops::RangeInclusive;

use libc::{AF_NETLINK, sockaddr_nl};

pub(super) use super::describe;
use super::given::U32;
use super::{Address, AddressArgument, Field, Layout};
use crate::error::Result;

pub(super) static LAYOUT: Layout = Layout::table(AF_NETLINK, &["pid", "groups"]);

const PID: usize = offset_of!(sockaddr_nl, nl_pid);
const GROUPS: usize = offset_of!(sockaddr_nl, nl_groups);

pub(super) const LENGTHS: RangeInclusive<usize> = size_of::<sockaddr_nl>()..=size_of::<sockaddr_nl>();

pub(super) fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
    let pid = given.integer(0, &LAYOUT, U32, None)? as u32;
    let groups = given.integer(1, &LAYOUT, U32, None)? as u32;
    address.begin(AF_NETLINK, size_of::<sockaddr_nl>());
    address.set(PID, pid.to_ne_bytes());
    address.set(GROUPS, groups.to_ne_bytes());
    Ok(())
}

pub(super) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
    fields(Field::Integer(u32::from_ne_bytes(address.get_or_zero(PID)).into()));
    fields(Field::Integer(u32::from_ne_bytes(address.get_or_zero(GROUPS)).into()));
}
