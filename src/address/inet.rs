//! AF_INET: host, port.

use std::mem::offset_of;
use std::ops::RangeInclusive;

pub(super) use super::describe;
use super::{Address, AddressArgument, Field, Layout};
use crate::error::Result;
use crate::sys::headers::{AF_INET, sockaddr_in};

pub(super) static LAYOUT: Layout = Layout::table(AF_INET, &["host", "port"]);

/// divert(4), which libc lacks (`sys/socket.h`).
#[cfg(freebsd)]
pub(super) const AF_DIVERT: i32 = 44;

pub(super) const PORT: usize = offset_of!(sockaddr_in, sin_port);
pub(super) const HOST: usize = offset_of!(sockaddr_in, sin_addr);

/// The range of a port.
pub(super) const PORTS: (i64, i64) = (0, 65535);

pub(super) const LENGTHS: RangeInclusive<usize> = size_of::<sockaddr_in>()..=size_of::<sockaddr_in>();

#[inline(always)]
pub(super) fn parse(
    given: &AddressArgument,
    address: &mut Address,
    resolve: impl FnOnce(i32, &[u8], u16) -> Result<Address>,
) -> Result<()> {
    let host = given.bytes(0, &LAYOUT)?;
    let port = given.integer(1, &LAYOUT, PORTS, None)? as u16;
    let octets = match literal(host) {
        Some(octets) => octets,
        None => named(host, port, resolve)?,
    };
    set(address, octets, port);
    Ok(())
}

#[inline(always)]
pub(super) fn set(address: &mut Address, host: [u8; 4], port: u16) {
    address.begin(AF_INET, size_of::<sockaddr_in>());
    address.set(PORT, port.to_be_bytes());
    address.set(HOST, host);
}

#[inline(always)]
pub(super) fn write(address: &Address, fields: &mut impl FnMut(Field)) {
    let mut text = [b'.'; 16];
    let length = format(address.get_or_zero(HOST), &mut text);
    fields(Field::Bytes(&text[..length]));
    fields(Field::Integer(u16::from_be_bytes(address.get_or_zero(PORT)).into()));
}

/// A host that is no literal: `""`, `<broadcast>` or a name to look up.
#[cold]
fn named(host: &[u8], port: u16, resolve: impl FnOnce(i32, &[u8], u16) -> Result<Address>) -> Result<[u8; 4]> {
    match host {
        b"" => Ok([0; 4]),
        b"<broadcast>" => Ok([255; 4]),
        _ => Ok(resolve(AF_INET, host, port)?.get_or_zero(HOST)),
    }
}

/// Parses `a.b.c.d`, four decimal numbers without leading zeros.
#[inline]
fn literal(host: &[u8]) -> Option<[u8; 4]> {
    const NONE: u32 = u32::MAX;
    let mut octets = [0; 4];
    let (mut parts, mut value) = (0, NONE);
    for &byte in host {
        let digit = u32::from(byte).wrapping_sub(b'0'.into());
        if digit > 9 {
            if byte != b'.' || parts == 3 {
                return None;
            }
            octets[parts] = u8::try_from(value).ok()?;
            (parts, value) = (parts + 1, NONE);
        } else if (1..=25).contains(&value) {
            value = value * 10 + digit;
        } else if value == NONE {
            value = digit;
        } else {
            return None;
        }
    }
    octets[3] = u8::try_from(value).ok()?;
    (parts == 3).then_some(octets)
}

/// How many decimal digits an octet has.
#[inline(always)]
const fn width(octet: u8) -> usize {
    1 + (octet > 9) as usize + (octet > 99) as usize
}

/// The digits of each octet, and dots.
static DIGITS: [[u8; 4]; 256] = {
    let mut all = [[b'.'; 4]; 256];
    let mut octet = 0;
    while octet < all.len() {
        let (mut rest, mut place) = (octet, width(octet as u8));
        while place > 0 {
            place -= 1;
            all[octet][place] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        octet += 1;
    }
    all
};

/// Formats as `a.b.c.d`, many times faster than inet_ntop(3). Returns the length.
#[inline(always)]
fn format(octets: [u8; 4], text: &mut [u8; 16]) -> usize {
    let mut length = 0;
    for octet in octets {
        text[length..length + 4].copy_from_slice(&DIGITS[usize::from(octet)]);
        length += width(octet) + 1;
    }
    length - 1
}

#[cfg(test)]
mod tests {
    use super::{format, literal};

    #[test]
    fn parses_four_decimal_numbers() {
        assert_eq!(literal(b"127.0.0.1"), Some([127, 0, 0, 1]));
        assert_eq!(literal(b"255.255.255.255"), Some([255; 4]));
        assert_eq!(literal(b"0.0.0.0"), Some([0; 4]));
    }

    #[test]
    fn parses_nothing_else() {
        let others = [
            "",
            "1",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.256",
            "01.2.3.4",
            "1..2.3",
            "1.2.3.",
            ".1.2.3",
            "1.2.3.4 ",
            "a.b.c.d",
            "0x7f.1",
            "1.2.3.4000000000000",
            "1.2.3.4294967297",
            "1.2.3.00",
        ];
        for text in others {
            assert_eq!(literal(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn formats_every_octet_as_the_standard_library_does() {
        for octet in 0..=255 {
            let octets = [octet, 0, 255 - octet, octet];
            let mut text = [b'.'; 16];
            let length = format(octets, &mut text);
            assert_eq!(text[..length], *std::net::Ipv4Addr::from(octets).to_string().as_bytes());
        }
    }
}
