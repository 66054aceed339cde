//! Any other family: its number and the bytes that follow it, so that nothing is lost.

use std::mem::offset_of;
use std::ops::RangeInclusive;

use super::{Address, AddressArgument, AddressFamily, Fields, Layout, Single};
use crate::error::{Error, Result};
use crate::sys::headers::{AF_UNSPEC, sa_family_t, sockaddr};

pub(super) struct Family;

static LAYOUT: Layout = Layout { key: AF_UNSPEC, fields: &["family", "bytes"], single: Single::Table };

const DATA: usize = offset_of!(sockaddr, sa_data);
const FAMILIES: (i64, i64) = (0, sa_family_t::MAX as i64);

impl AddressFamily for Family {
    const LENGTHS: RangeInclusive<usize> = DATA..=Address::SIZE;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
        let family = given.integer(0, &LAYOUT, FAMILIES, None)? as i32;
        let bytes = given.bytes(1, &LAYOUT)?;
        if DATA + bytes.len() > Address::SIZE {
            return Err(Error::misuse(given.index, "address field 'bytes' too long"));
        }
        address.begin(family, DATA + bytes.len());
        address.room()[DATA..DATA + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn write(address: &Address, fields: &mut impl Fields) {
        fields.integer(address.family().into());
        fields.bytes(address.as_bytes().get(DATA..).unwrap_or_default());
    }
}
