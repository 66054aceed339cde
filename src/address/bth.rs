//! AF_BLUETOOTH of Windows, which has BTPROTO_RFCOMM alone: bdaddr, channel.

use std::ops::RangeInclusive;

use super::{Address, AddressArgument, AddressFamily, Fields, Layout, Single, bdaddr, given};
use crate::error::Result;
pub(super) use crate::sys::headers::AF_BLUETOOTH;

pub(super) struct Family;

static LAYOUT: Layout = Layout { key: AF_BLUETOOTH, fields: &["bdaddr", "channel"], single: Single::Table };

// `SOCKADDR_BTH` (ws2bth.h), which is packed: family, address, service class, channel.
const BDADDR: usize = 2;
const CHANNEL: usize = 26;
const LENGTH: usize = 30;

impl AddressFamily for Family {
    const LENGTHS: RangeInclusive<usize> = LENGTH..=LENGTH;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
        let channel = given.integer(1, &LAYOUT, given::U32, None)? as u32;
        let device = bdaddr::parse(given, &LAYOUT)?;
        address.begin(AF_BLUETOOTH, LENGTH);
        address.set(BDADDR, device);
        address.set(CHANNEL, channel.to_ne_bytes());
        Ok(())
    }

    fn write(address: &Address, fields: &mut impl Fields) {
        bdaddr::write(address.get_or_zero(BDADDR), fields);
        fields.integer(u32::from_ne_bytes(address.get_or_zero(CHANNEL)).into());
    }
}
