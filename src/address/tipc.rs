//! AF_TIPC: addr_type, v1, v2, v3, scope = TIPC_CLUSTER_SCOPE.

use std::ops::RangeInclusive;

use libc::AF_TIPC;

pub(super) use super::describe;
use super::{Address, AddressArgument, Field, Layout, given};
use crate::error::{Error, Result};

structure! {
    /// `struct sockaddr_tipc`, which libc lacks (`linux/tipc.h`).
    mod sockaddr_tipc {
        FAMILY: u16,
        ADDR_TYPE: u8,
        SCOPE: i8,
        /// Of a port: reference, node. Of a range: type, lower, upper. Of a name: type, instance, domain.
        VALUES: [u32; 3],
    }
}

pub(super) static LAYOUT: Layout = Layout::table(AF_TIPC, &["addr_type", "v1", "v2", "v3", "scope"]);

const TYPE: usize = sockaddr_tipc::ADDR_TYPE;
const SCOPE: usize = sockaddr_tipc::SCOPE;
const VALUES: usize = sockaddr_tipc::VALUES;

const NAME_SEQUENCE: i64 = 1; // TIPC_ADDR_NAMESEQ
const NAME: i64 = 2; // TIPC_ADDR_NAME
const ID: i64 = 3; // TIPC_ADDR_ID
const CLUSTER: i64 = 2; // TIPC_CLUSTER_SCOPE

pub(super) const LENGTHS: RangeInclusive<usize> = sockaddr_tipc::SIZE..=sockaddr_tipc::SIZE;

pub(super) fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
    let addr_type = given.integer(0, &LAYOUT, given::U8, None)?;
    let value = |n| given.integer(n, &LAYOUT, given::U32, None).map(|value| value as u32);
    let (first, second, third) = (value(1)?, value(2)?, value(3)?);
    let scope = given.integer(4, &LAYOUT, (i8::MIN.into(), i8::MAX.into()), Some(CLUSTER))? as i8;
    let values = match addr_type {
        NAME_SEQUENCE => [first, second, third],
        NAME => [first, second, 0],
        ID => [second, first, 0],
        _ => return Err(Error::misuse(given.index, "address field 'addr_type' unknown")),
    };
    address.begin(AF_TIPC, sockaddr_tipc::SIZE);
    address.set(TYPE, [addr_type as u8]);
    address.set(SCOPE, scope.to_ne_bytes());
    for (n, value) in values.into_iter().enumerate() {
        address.set(VALUES + 4 * n, value.to_ne_bytes());
    }
    Ok(())
}

pub(super) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
    let addr_type = address.get_or_zero::<1>(TYPE)[0].into();
    let value = |n: usize| u32::from_ne_bytes(address.get_or_zero(VALUES + 4 * n)).into();
    let values: [i64; 3] = match addr_type {
        ID => [value(1), value(0), 0],
        NAME => [value(0), value(1), 0],
        _ => [value(0), value(1), value(2)],
    };
    fields(Field::Integer(addr_type));
    values.into_iter().for_each(|value| fields(Field::Integer(value)));
    fields(Field::Integer(i8::from_ne_bytes(address.get_or_zero(SCOPE)).into()));
}
