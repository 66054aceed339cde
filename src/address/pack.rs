//! Addresses as the bytes of a `sockaddr`.

use super::{Address, AddressArgument, lengths, parse};
use crate::error::{Error, Result};
use crate::lua::{Bytes, Context, FamilyArgument};

/// `socket.pack_address(family, address [, proto])`: the bytes of the `sockaddr`.
pub(crate) fn pack_address<'a>(
    context: Context<'a>,
    FamilyArgument(family): FamilyArgument,
    given: AddressArgument,
    proto: Option<i32>,
) -> Result<&'a [u8]> {
    let address = context.space.address(proto.unwrap_or(0));
    parse(family, &given, address)?;
    Ok(address.as_bytes())
}

/// `socket.unpack_address(bytes [, proto])`: the address in a `sockaddr`.
pub(crate) fn unpack_address<'a>(
    context: Context<'a>,
    Bytes(bytes): Bytes,
    proto: Option<i32>,
) -> Result<&'a mut Address> {
    let address = context.space.address(proto.unwrap_or(0));
    address.set_length(bytes.len());
    for (to, from) in address.room().iter_mut().zip(bytes) {
        *to = from.get();
    }
    if !lengths(address.family(), address.proto).contains(&bytes.len()) {
        return Err(Error::misuse(1, "packed address of the wrong length"));
    }
    Ok(address)
}
