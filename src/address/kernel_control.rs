//! PF_SYSTEM, SYSPROTO_CONTROL: the name of a kernel control, or its id and unit.

use std::ops::RangeInclusive;

pub(super) use super::describe;
use super::given::U32;
use super::{Address, AddressArgument, Field, Layout};
use crate::error::{Error, Result};
use crate::sys::{self, Errno};

// From `sys/socket.h`, `sys/sys_domain.h` and `sys/kern_control.h` of macOS.
pub(super) const AF_SYSTEM: i32 = 32;
pub(super) const SYSPROTO_CONTROL: i32 = 2;
const AF_SYS_CONTROL: u16 = 2;

structure! {
    mod sockaddr_ctl {
        LENGTH: u8,
        FAMILY: u8,
        SYSADDR: u16,
        ID: u32,
        UNIT: u32,
        RESERVED: [u32; 5],
    }
}

pub(super) static LAYOUT: Layout = Layout::table(AF_SYSTEM, &["id", "unit"]).or_string();

pub(super) const LENGTHS: RangeInclusive<usize> = sockaddr_ctl::SIZE..=sockaddr_ctl::SIZE;

pub(super) fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
    let (id, unit) = match (given.fields[0], given.fields[1]) {
        (Field::Bytes(name), Field::Absent) => (named(name, given.index)?, 0),
        _ => (given.integer(0, &LAYOUT, U32, None)? as u32, given.integer(1, &LAYOUT, U32, None)? as u32),
    };
    address.begin(AF_SYSTEM, sockaddr_ctl::SIZE);
    address.set(sockaddr_ctl::SYSADDR, AF_SYS_CONTROL.to_ne_bytes());
    address.set(sockaddr_ctl::ID, id.to_ne_bytes());
    address.set(sockaddr_ctl::UNIT, unit.to_ne_bytes());
    Ok(())
}

pub(super) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
    fields(Field::Integer(u32::from_ne_bytes(address.get_or_zero(sockaddr_ctl::ID)).into()));
    fields(Field::Integer(u32::from_ne_bytes(address.get_or_zero(sockaddr_ctl::UNIT)).into()));
}

/// Looks up the id of a kernel control (CTLIOCGINFO).
fn named(name: &[u8], index: i32) -> Result<u32> {
    let name = crate::memory::terminated(name)?;
    let name = name.ok_or_else(|| Error::misuse(index, "address field 'id': name with a NUL"))?;
    match sys::control_id(&name) {
        Err(Errno::NAME_TOO_LONG) => Err(Error::named(Errno::NAME_TOO_LONG, "control name too long")),
        found => Ok(found?),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{parsed, written};
    use super::*;

    #[test]
    fn stores_id_and_unit_at_the_offsets_of_the_header() {
        let address = parsed(parse, &[Field::Integer(0x0102_0304), Field::Integer(7)]).unwrap();
        let mut expected = [0; 32];
        expected[2..4].copy_from_slice(&2u16.to_ne_bytes());
        expected[4..8].copy_from_slice(&0x0102_0304_u32.to_ne_bytes());
        expected[8..12].copy_from_slice(&7u32.to_ne_bytes());
        assert_eq!(&address.as_bytes()[2..], &expected[2..]);
        assert_eq!(i32::from(address.family()), AF_SYSTEM);
    }

    #[test]
    fn writes_what_it_parsed() {
        let address = parsed(parse, &[Field::Integer(4_294_967_295), Field::Integer(0)]).unwrap();
        assert_eq!(written(write, &address), ["4294967295", "0"]);
    }

    #[test]
    fn requires_id_and_unit() {
        for fields in [&[Field::Integer(1)][..], &[Field::Integer(-1), Field::Integer(0)], &[Field::Other]] {
            assert!(matches!(parsed(parse, fields), Err(Error::Misuse(..))));
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "makes a system call")]
    fn looks_up_a_name() {
        // Fails with ENOENT on macOS, and with another error where there are no kernel controls.
        let failed = parsed(parse, &[Field::Bytes(b"no.such.control")]).unwrap_err();
        assert!(failed.cause().is_some(), "{failed}");
        assert!(matches!(parsed(parse, &[Field::Bytes(b"a\0b")]), Err(Error::Misuse(..))));
        assert_eq!(parsed(parse, &[Field::Bytes(&[b'x'; 96])]).unwrap_err().to_string(), "control name too long");
    }
}
