//! Unix sockets: bind, connect and sendto, whose addresses are paths.

use super::class::{Class, DGRAM, MASTER, UNCONNECTED};
use super::datagram::send_to;
use super::lifetime::shut;
use super::words::{known, told};
use crate::address::{self, Address, AddressArgument, Field, MAX_FIELDS};
use crate::error::{Cause, Error, Result};
use crate::lua::{Caller, Context, Either, Of, Results, reclassed};
use crate::socket;
use crate::sys::{Errno, headers};
use crate::text::Text;

/// The address of a path, or the words for one that is too long.
fn parse<'a>(
    context: Context<'a>,
    path: &[u8],
) -> Result<(Caller<'a>, std::result::Result<&'a mut Address, (Option<i32>, Text)>)> {
    let caller = context.caller;
    let address = context.space.address(0);
    let mut fields = [Field::Absent; MAX_FIELDS];
    fields[0] = Field::Bytes(path);
    match address::parse(headers::AF_UNIX as u16, &AddressArgument { index: 2, fields, resolver: caller }, address) {
        Ok(()) => Ok((caller, Ok(address))),
        Err(Error::Plain(Cause::Named(Errno::NAME_TOO_LONG, _))) => Ok((caller, Err((None, known("path too long"))))),
        Err(error) => Err(error),
    }
}

/// `object:bind(path)`.
pub(super) fn bind(context: Context, Of(object): Of<{ MASTER | UNCONNECTED }>, path: &[u8]) -> Result<impl Results> {
    match parse(context, path)? {
        (_, Err(failed)) => Ok(Either::Right(failed)),
        (caller, Ok(address)) => {
            let outcome = socket::bind_to(caller, &object.socket, address).map(|()| 1);
            if outcome.as_ref().is_err_and(|error| error.failure().is_some()) {
                shut(caller, object);
            }
            told(outcome)
        }
    }
}

/// `object:connect(path)`.
pub(super) fn connect(context: Context, Of(object): Of<{ MASTER | DGRAM }>, path: &[u8]) -> Result<impl Results> {
    let class = object.class.get();
    let (caller, address) = parse(context, path)?;
    let outcome = match address {
        Err(failed) => Either::Right(failed),
        Ok(address) => {
            let outcome = caller
                .audit_self("socket.connect", || *address)
                .and_then(|()| socket::connect_to(caller, &object.socket, address))
                .map(|()| 1);
            if outcome.as_ref().is_err_and(|error| error.failure().is_some()) {
                shut(caller, object);
            }
            told(outcome)?
        }
    };
    let class = match outcome {
        Either::Left(_) if class.is_in(DGRAM) => Class::DGRAM_CONNECTED,
        Either::Left(_) => Class::STREAM_CLIENT,
        Either::Right(_) => class,
    };
    object.class.set(class);
    Ok(reclassed(class, outcome))
}

/// `dgram:sendto(data, path)`.
pub(super) fn sendto(context: Context, Of(object): Of<UNCONNECTED>, data: &[u8], path: &[u8]) -> Result<impl Results> {
    match parse(context, path)? {
        (_, Err(failed)) => Ok(Either::Right(failed)),
        (caller, Ok(address)) => send_to(caller, object, data, address),
    }
}
