//! AF_LINK: ifname, index = 0, type = 0, addr = "". Interfaces of macOS and the BSDs, in control messages.

use std::ops::RangeInclusive;

pub(super) use super::describe;
use super::{Address, AddressArgument, Field, Layout, given};
use crate::error::{Error, Result};

/// The number of the family on all these systems (`sys/socket.h`).
pub(super) const AF_LINK: i32 = 18;

structure! {
    /// `struct sockaddr_dl` (`net/if_dl.h`); the systems differ in the size of `data`.
    mod sockaddr_dl {
        LENGTH: u8,
        FAMILY: u8,
        INDEX: u16,
        KIND: u8,
        NAME_LENGTH: u8,
        ADDRESS_LENGTH: u8,
        SELECTOR_LENGTH: u8,
        /// The name, without a NUL, and the hardware address after it.
        DATA: [u8; 12],
    }
}

pub(super) static LAYOUT: Layout = Layout::table(AF_LINK, &["ifname", "index", "type", "addr"]);

const DATA: usize = sockaddr_dl::DATA;

pub(super) const LENGTHS: RangeInclusive<usize> = DATA..=Address::SIZE;

pub(super) fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
    let name = given.bytes(0, &LAYOUT)?;
    let index = given.integer(1, &LAYOUT, given::U16, Some(0))? as u16;
    let kind = given.integer(2, &LAYOUT, given::U8, Some(0))? as u8;
    let hardware_address = match given.fields[3] {
        Field::Absent => b"",
        _ => given.bytes(3, &LAYOUT)?,
    };
    let (middle, end) = (DATA + name.len(), DATA + name.len() + hardware_address.len());
    if end > Address::SIZE {
        return Err(Error::misuse(given.index, "address fields 'ifname' and 'addr' too long"));
    }
    address.begin(AF_LINK, end.max(sockaddr_dl::SIZE));
    address.set(sockaddr_dl::INDEX, index.to_ne_bytes());
    address.set(sockaddr_dl::KIND, [kind]);
    address.set(sockaddr_dl::NAME_LENGTH, [name.len() as u8]);
    address.set(sockaddr_dl::ADDRESS_LENGTH, [hardware_address.len() as u8]);
    address.room()[DATA..middle].copy_from_slice(name);
    address.room()[middle..end].copy_from_slice(hardware_address);
    Ok(())
}

pub(super) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
    let length = |place| usize::from(address.get_or_zero::<1>(place)[0]);
    let data = address.as_bytes().get(DATA..).unwrap_or_default();
    let (name, rest) = data.split_at(length(sockaddr_dl::NAME_LENGTH).min(data.len()));
    fields(Field::Bytes(name));
    fields(Field::Integer(u16::from_ne_bytes(address.get_or_zero(sockaddr_dl::INDEX)).into()));
    fields(Field::Integer(address.get_or_zero::<1>(sockaddr_dl::KIND)[0].into()));
    fields(Field::Bytes(&rest[..length(sockaddr_dl::ADDRESS_LENGTH).min(rest.len())]));
}

#[cfg(test)]
mod tests {
    use super::super::tests::{parsed, written};
    use super::*;

    #[test]
    fn parses_name_and_hardware_address_into_data() {
        let fields =
            [Field::Bytes(b"en0"), Field::Integer(0x0102), Field::Integer(6), Field::Bytes(b"\x01\x02\x03abc")];
        let address = parsed(parse, &fields).unwrap();
        let [low, high] = 0x0102_u16.to_ne_bytes();
        let expected = [low, high, 6, 3, 6, 0, b'e', b'n', b'0', 1, 2, 3, b'a', b'b', b'c', 0, 0, 0];
        assert_eq!(address.as_bytes()[2..], expected);
        assert_eq!(i32::from(address.family()), AF_LINK);
        assert_eq!(written(write, &address), ["en0", "258", "6", "\x01\x02\x03abc"]);
    }

    #[test]
    fn requires_only_the_name() {
        let address = parsed(parse, &[Field::Bytes(b"bridge100")]).unwrap();
        assert_eq!(written(write, &address), ["bridge100", "0", "0", ""]);
        assert!(matches!(parsed(parse, &[]), Err(Error::Misuse(..))));
    }

    #[test]
    fn extends_the_address_for_a_long_name() {
        let address = parsed(parse, &[Field::Bytes(&[b'x'; 100]), Field::Integer(1)]).unwrap();
        assert_eq!(address.as_bytes().len(), DATA + 100);
        assert!(matches!(parsed(parse, &[Field::Bytes(&[b'x'; 121])]), Err(Error::Misuse(..))));
    }

    #[test]
    fn writes_nothing_beyond_the_length() {
        let mut address = parsed(parse, &[Field::Bytes(b"lo0"), Field::Integer(1)]).unwrap();
        address.set(sockaddr_dl::NAME_LENGTH, [255]);
        address.set(sockaddr_dl::ADDRESS_LENGTH, [255]);
        assert_eq!(written(write, &address), ["lo0\0\0\0\0\0\0\0\0\0", "1", "0", ""]);
        address.set_length(3);
        assert_eq!(written(write, &address), ["", "0", "0", ""]);
    }
}
