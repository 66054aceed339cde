//! AF_HYPERV: vm_id, service_id, both as UUID strings.

use std::ops::RangeInclusive;

pub(super) use super::describe;
use super::{Address, AddressArgument, Field, Layout};
use crate::error::{Error, Result};
use crate::text::Text;

/// The family's number (`hvsocket.h`).
pub(super) const AF_HYPERV: i32 = 34;

pub(super) static LAYOUT: Layout = Layout::table(AF_HYPERV, &["vm_id", "service_id"]);

// `SOCKADDR_HV` (hvsocket.h): family, two reserved bytes, VM and service ID.
const VM: usize = 4;
const SERVICE: usize = 20;
const LENGTH: usize = 36;

pub(super) const LENGTHS: RangeInclusive<usize> = LENGTH..=LENGTH;

pub(super) fn parse(given: &AddressArgument, address: &mut Address) -> Result<()> {
    fill(address, identifier(given, 0)?, identifier(given, 1)?);
    Ok(())
}

pub(super) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
    fields(Field::Bytes(format(address.get_or_zero(VM)).as_bytes()));
    fields(Field::Bytes(format(address.get_or_zero(SERVICE)).as_bytes()));
}

fn fill(address: &mut Address, vm: [u8; 16], service: [u8; 16]) {
    address.begin(AF_HYPERV, LENGTH);
    address.set(VM, vm);
    address.set(SERVICE, service);
}

fn identifier(given: &AddressArgument, n: usize) -> Result<[u8; 16]> {
    let name = LAYOUT.fields[n];
    guid(given.bytes(n, &LAYOUT)?)
        .ok_or_else(|| Error::misuse(given.index, format!("address field '{name}' is no valid UUID")))
}

/// The offsets of the hyphens in `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The offset in a `GUID` of each byte of a UUID: the first three numbers are little-endian.
const PLACES: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/// Reads a UUID as the bytes of a `GUID`.
fn guid(text: &[u8]) -> Option<[u8; 16]> {
    if text.len() != 36 || HYPHENS.iter().any(|&place| text[place] != b'-') {
        return None;
    }
    let mut digits = text.iter().enumerate().filter(|(place, _)| !HYPHENS.contains(place)).map(|(_, &digit)| digit);
    let mut bytes = [0; 16];
    for place in PLACES {
        let mut digit = || char::from(digits.next()?).to_digit(16);
        bytes[place] = (digit()? << 4 | digit()?) as u8;
    }
    Some(bytes)
}

/// Writes the bytes of a `GUID` as a UUID.
fn format(guid: [u8; 16]) -> Text<36> {
    let mut text = Text::new();
    for (n, place) in PLACES.into_iter().enumerate() {
        if [4, 6, 8, 10].contains(&n) {
            text.push(b"-");
        }
        text.push(Text::<2>::format(format_args!("{:02X}", guid[place])).as_bytes());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::tests::written;
    use super::*;

    const PARENT: &str = "A42E7CDA-D03F-480C-9CC2-A4DE20ABB878";
    const GUID: [u8; 16] =
        [0xda, 0x7c, 0x2e, 0xa4, 0x3f, 0xd0, 0x0c, 0x48, 0x9c, 0xc2, 0xa4, 0xde, 0x20, 0xab, 0xb8, 0x78];

    #[test]
    fn converts_a_uuid_to_a_guid_and_back() {
        assert_eq!(guid(PARENT.as_bytes()), Some(GUID));
        assert_eq!(guid(PARENT.to_lowercase().as_bytes()), Some(GUID));
        assert_eq!(format(GUID).as_bytes(), PARENT.as_bytes());
    }

    #[test]
    fn refuses_malformed_uuids() {
        let others = [
            "",
            "A42E7CDA",
            "A42E7CDA-D03F-480C-9CC2-A4DE20ABB87",
            "A42E7CDA-D03F-480C-9CC2-A4DE20ABB8789",
            "A42E7CDAD03F480C9CC2A4DE20ABB878",
            "A42E7CDA-D03F-480C-9CC2A-4DE20ABB878",
            "G42E7CDA-D03F-480C-9CC2-A4DE20ABB878",
            "+42E7CDA-D03F-480C-9CC2-A4DE20ABB878",
        ];
        for text in others {
            assert_eq!(guid(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn stores_both_identifiers_after_the_family() {
        let mut address = Address::blank(1);
        fill(&mut address, GUID, [0; 16]);
        assert_eq!(address.as_bytes(), [&34u16.to_ne_bytes()[..], &[0; 2], &GUID, &[0; 16]].concat());

        assert_eq!(written(write, &address), [PARENT, "00000000-0000-0000-0000-000000000000"]);
    }
}
