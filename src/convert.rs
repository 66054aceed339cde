//! Byte order, and addresses as text and as bytes.

use crate::error::{Error, Result};
use crate::lua::{Bytes, Context};
use crate::memory;
use crate::sys::{self, Errno};
use crate::text::Text;

/// `socket.htonl(x)` and `socket.ntohl(x)`, which are one.
pub(crate) fn htonl(_: Context, value: u32) -> Result<u32> {
    Ok(value.to_be())
}

/// `socket.htons(x)` and `socket.ntohs(x)`, which are one.
pub(crate) fn htons(_: Context, value: u16) -> Result<u16> {
    Ok(value.to_be())
}

/// `socket.inet_aton(text)`: what the C library takes as an IPv4 address, with nothing after it.
pub(crate) fn inet_aton(_: Context, text: &[u8]) -> Result<[u8; 4]> {
    let address = if text.iter().any(u8::is_ascii_whitespace) { None } else { memory::terminated(text)? };
    let address = address.and_then(|text| sys::aton(&text));
    address.ok_or_else(|| Error::named(Errno::INVALID, "illegal IP address string"))
}

/// `socket.inet_ntoa(bytes)`.
pub(crate) fn inet_ntoa(_: Context, packed: Bytes) -> Result<Text<64>> {
    ntop(sys::DEFAULT_FAMILY, packed).ok_or_else(|| Error::named(Errno::INVALID, "packed IP wrong length"))
}

/// `socket.inet_pton(family, text)`.
pub(crate) fn inet_pton(_: Context, family: i32, text: &[u8]) -> Result<Vec<u8>> {
    let Some(length) = sys::address_length(family) else {
        return Err(Errno::ADDRESS_FAMILY_NOT_SUPPORTED.into());
    };
    let text = memory::terminated(text)?;
    let packed = text.and_then(|text| match length {
        4 => sys::pton::<4>(family, &text).map(Vec::from),
        _ => sys::pton::<16>(family, &text).map(Vec::from),
    });
    packed.ok_or_else(|| Error::named(Errno::INVALID, "illegal IP address string"))
}

/// `socket.inet_ntop(family, bytes)`.
pub(crate) fn inet_ntop(_: Context, family: i32, packed: Bytes) -> Result<Text<64>> {
    if sys::address_length(family).is_none() {
        return Err(Error::misuse(1, "unknown address family"));
    }
    ntop(family, packed).ok_or_else(|| Error::misuse(2, "invalid length of packed IP address"))
}

/// An address as text; `None` when it has not the length of its family.
fn ntop(family: i32, packed: Bytes) -> Option<Text<64>> {
    // One byte more than the longest address has, so that what is too long stays so.
    let mut room = [0; 17];
    sys::ntop(family, packed.split_into(&mut room).0)
}
