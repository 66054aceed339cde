//! AF_ALG: type, name, feat = 0, mask = 0.

use std::mem::offset_of;
use std::ops::RangeInclusive;

use libc::{AF_ALG, sockaddr_alg};

pub(super) use super::describe;
use super::{Address, AddressArgument, Field, Layout, given};
use crate::error::{Error, Result};

pub(super) static LAYOUT: Layout = Layout::table(AF_ALG, &["type", "name", "feat", "mask"]);

const TYPE: usize = offset_of!(sockaddr_alg, salg_type);
const FEATURES: usize = offset_of!(sockaddr_alg, salg_feat);
const MASK: usize = offset_of!(sockaddr_alg, salg_mask);
const NAME: usize = offset_of!(sockaddr_alg, salg_name);

/// Both strings end with a NUL.
const LONGEST_TYPE: usize = FEATURES - TYPE - 1;
const LONGEST_NAME: usize = size_of::<sockaddr_alg>() - NAME - 1;

pub(super) const LENGTHS: RangeInclusive<usize> = size_of::<sockaddr_alg>()..=size_of::<sockaddr_alg>();

pub(super) fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
    let (kind, name) = (given.bytes(0, &LAYOUT)?, given.bytes(1, &LAYOUT)?);
    let features = given.integer(2, &LAYOUT, given::U32, Some(0))? as u32;
    let mask = given.integer(3, &LAYOUT, given::U32, Some(0))? as u32;
    for (text, longest, field) in [(kind, LONGEST_TYPE, "type"), (name, LONGEST_NAME, "name")] {
        if text.len() > longest {
            let reason = format!("address field '{field}' longer than {longest} bytes");
            return Err(Error::misuse(given.index, reason));
        }
        if text.contains(&0) {
            return Err(Error::misuse(given.index, format!("address field '{field}' contains a NUL")));
        }
    }
    address.begin(AF_ALG, size_of::<sockaddr_alg>());
    address.room()[TYPE..TYPE + kind.len()].copy_from_slice(kind);
    address.room()[NAME..NAME + name.len()].copy_from_slice(name);
    address.set(FEATURES, features.to_ne_bytes());
    address.set(MASK, mask.to_ne_bytes());
    Ok(())
}

pub(super) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
    let text = |from: usize, longest: usize| {
        let bytes = address.as_bytes().get(from..from + longest).unwrap_or_default();
        bytes.split(|&byte| byte == 0).next().unwrap_or_default()
    };
    fields(Field::Bytes(text(TYPE, LONGEST_TYPE)));
    fields(Field::Bytes(text(NAME, LONGEST_NAME)));
    fields(Field::Integer(u32::from_ne_bytes(address.get_or_zero(FEATURES)).into()));
    fields(Field::Integer(u32::from_ne_bytes(address.get_or_zero(MASK)).into()));
}
