//! Bluetooth device addresses.

use super::{AddressArgument, Field, Layout};
use crate::error::{Error, Result};
use crate::sys::Errno;
use crate::text::Text;

/// Parses `12:34:56:78:9A:BC`, with the most significant byte first.
pub(super) fn parse(given: &AddressArgument, layout: &Layout) -> Result<[u8; 6]> {
    let text = given.bytes(0, layout)?;
    let mut address = [0; 6];
    let mut count = 0;
    for part in text.split(|&byte| byte == b':') {
        let part =
            std::str::from_utf8(part).ok().filter(|part| (1..=2).contains(&part.len()) && !part.starts_with('+'));
        match part.and_then(|part| u8::from_str_radix(part, 16).ok()) {
            Some(byte) if count < 6 => address[5 - count] = byte,
            _ => return Err(bad()),
        }
        count += 1;
    }
    if count == 6 { Ok(address) } else { Err(bad()) }
}

#[cold]
fn bad() -> Error {
    Error::named(Errno::INVALID, "bad bluetooth address")
}

/// Gives an address as `12:34:56:78:9A:BC`.
pub(super) fn write(bytes: [u8; 6], fields: &mut impl FnMut(Field)) {
    let [a, b, c, d, e, f] = bytes;
    let text = Text::<17>::format(format_args!("{f:02X}:{e:02X}:{d:02X}:{c:02X}:{b:02X}:{a:02X}"));
    fields(Field::Bytes(text.as_bytes()));
}
