//! Any other family: family, bytes, which are all that follow the family.

use std::mem::offset_of;
use std::ops::RangeInclusive;

pub(super) use super::describe;
use super::{Address, AddressArgument, Field, Layout};
use crate::error::{Error, Result};
use crate::sys::headers::{AF_UNSPEC, sa_family_t, sockaddr};

pub(super) static LAYOUT: Layout = Layout::table(AF_UNSPEC, &["family", "bytes"]);

const DATA: usize = offset_of!(sockaddr, sa_data);
const FAMILIES: (i64, i64) = (0, sa_family_t::MAX as i64);

pub(super) const LENGTHS: RangeInclusive<usize> = DATA..=Address::SIZE;

/// The address of AF_UNSPEC, which has no bytes.
pub(super) fn unspecified() -> Address {
    let mut address = Address::blank(0);
    address.begin(AF_UNSPEC, DATA);
    address
}

pub(super) fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
    let family = given.integer(0, &LAYOUT, FAMILIES, None)? as i32;
    let bytes = given.bytes(1, &LAYOUT)?;
    if DATA + bytes.len() > Address::SIZE {
        return Err(Error::misuse(given.index, "address field 'bytes' too long"));
    }
    address.begin(family, DATA + bytes.len());
    address.room()[DATA..DATA + bytes.len()].copy_from_slice(bytes);
    Ok(())
}

pub(super) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
    fields(Field::Integer(address.family().into()));
    fields(Field::Bytes(address.as_bytes().get(DATA..).unwrap_or_default()));
}
