//! Byte order; addresses as text and as the bytes of a `sockaddr`; structures of C as strings.

use crate::address::{self, Address, AddressArgument};
use crate::error::{Error, Result};
use crate::lua::packing_results::{packed, packed_size, unpacked};
use crate::lua::{Context, FamilyArgument, Results};
use crate::memory;
use crate::resolve;
use crate::sys::{self, Bytes, Errno};
use crate::text::Text;

/// `socket.htonl(x)` and `socket.ntohl(x)`.
pub(crate) fn htonl(_: Context, value: u32) -> Result<u32> {
    Ok(value.to_be())
}

/// `socket.htons(x)` and `socket.ntohs(x)`.
pub(crate) fn htons(_: Context, value: u16) -> Result<u16> {
    Ok(value.to_be())
}

/// `socket.inet_aton(text)`: what the C library takes as an IPv4 address, with nothing after it.
pub(crate) fn inet_aton(_: Context, text: &[u8]) -> Result<[u8; 4]> {
    let address = if text.iter().any(u8::is_ascii_whitespace) { None } else { memory::terminated(text)? };
    let address = address.and_then(|text| sys::aton(&text));
    address.ok_or_else(|| Error::named(Errno::INVALID, "illegal IP address string").about(text))
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
    let packed = memory::terminated(text)?.and_then(|text| match length {
        4 => sys::pton::<4>(family, &text).map(Vec::from),
        _ => sys::pton::<16>(family, &text).map(Vec::from),
    });
    packed.ok_or_else(|| Error::named(Errno::INVALID, "illegal IP address string").about(text))
}

/// `socket.inet_ntop(family, bytes)`.
pub(crate) fn inet_ntop(_: Context, family: i32, packed: Bytes) -> Result<Text<64>> {
    if sys::address_length(family).is_none() {
        return Err(Error::misuse(1, "unknown address family"));
    }
    ntop(family, packed).ok_or_else(|| Error::misuse(2, "invalid length of packed IP address"))
}

/// An address as text; `None` when its length is not that of the family.
fn ntop(family: i32, packed: Bytes) -> Option<Text<64>> {
    // One byte more than the longest address, so that a longer one is still too long.
    let mut room = [0; 17];
    sys::ntop(family, packed.split_into(&mut room).0)
}

/// `socket.pack_address(family, address [, proto])`: the bytes of the `sockaddr`.
pub(crate) fn pack_address<'a>(
    context: Context<'a>,
    FamilyArgument(family): FamilyArgument,
    given: AddressArgument,
    proto: Option<i32>,
) -> Result<&'a [u8]> {
    let address = context.space.address(proto.unwrap_or(0));
    resolve::parse(context.caller, family, &given, address)?;
    Ok(address.as_bytes())
}

/// `socket.unpack_address(bytes [, proto])`: the address in a `sockaddr`.
pub(crate) fn unpack_address<'a>(context: Context<'a>, bytes: Bytes, proto: Option<i32>) -> Result<&'a mut Address> {
    let address = context.space.address(proto.unwrap_or(0));
    address.set_length(bytes.len());
    for (to, from) in address.room().iter_mut().zip(bytes.iter()) {
        *to = from;
    }
    if !address::lengths(address.family(), address.proto).contains(&bytes.len()) {
        return Err(Error::misuse(1, "packed address of the wrong length"));
    }
    Ok(address)
}

/// `socket.pack(format, ...)`.
pub(crate) fn pack(_: Context, format: &[u8]) -> Result<impl Results> {
    Ok(packed(format))
}

/// `socket.unpack(format, bytes [, place])`.
pub(crate) fn unpack(_: Context, format: &[u8], bytes: &[u8], place: Option<i64>) -> Result<impl Results> {
    let (length, place) = (bytes.len() as i64, place.unwrap_or(1));
    let start = if place > 0 { place - 1 } else { (length + place).max(0) * i64::from(place != 0) };
    if start > length {
        return Err(Error::misuse(3, "initial position out of string"));
    }
    Ok(unpacked(format, bytes, start as usize))
}

/// `socket.packsize(format)`.
pub(crate) fn packsize(_: Context, format: &[u8]) -> Result<impl Results> {
    Ok(packed_size(format))
}
