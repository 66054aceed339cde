//! Unix sockets: bind, connect and sendto, whose addresses are paths.

use super::class::{DGRAM, DGRAM_CONNECTED, MASTER, STREAM_CLIENT, UNCONNECTED};
use super::datagram::send_to;
use super::lifetime::shut;
use super::words::told;
use crate::address::{Address, AddressArgument, Field, MAX_FIELDS};
use crate::error::{Cause, Result};
use crate::lua::{Context, Either, Of, Results, Words, reclassed};
use crate::resolve;
use crate::socket;
use crate::sys::{Errno, headers};

/// The address of a path; `None` for one that is too long.
fn parse<'a>(context: Context<'a>, path: &[u8]) -> Result<Option<&'a mut Address>> {
    let address = context.space.address(0);
    let mut fields = [Field::Absent; MAX_FIELDS];
    fields[0] = Field::Bytes(path);
    match resolve::parse(context.caller, headers::AF_UNIX as u16, &AddressArgument { index: 2, fields }, address) {
        Ok(()) => Ok(Some(address)),
        Err(error) => match error.cause() {
            Some(Cause::Named(Errno::NAME_TOO_LONG, _)) => Ok(None),
            _ => Err(error),
        },
    }
}

/// What is returned for a path that is too long.
fn too_long() -> (Option<i32>, Words) {
    (None, Words::Known("path too long"))
}

/// `object:bind(path)`.
pub(super) fn bind(context: Context, Of(object): Of<{ MASTER | UNCONNECTED }>, path: &[u8]) -> Result<impl Results> {
    let caller = context.caller;
    match parse(context, path)? {
        None => Ok(Either::Right(too_long())),
        Some(address) => {
            let outcome = socket::bind_to(caller, &object.socket, address).map(|()| 1);
            if outcome.as_ref().is_err_and(|error| error.cause().is_some()) {
                shut(caller, object);
            }
            told(outcome)
        }
    }
}

/// `object:connect(path)`.
pub(super) fn connect(context: Context, Of(object): Of<{ MASTER | DGRAM }>, path: &[u8]) -> Result<impl Results> {
    let class = object.class.get();
    let caller = context.caller;
    let outcome = match parse(context, path)? {
        None => Either::Right(too_long()),
        Some(address) => {
            let outcome = caller
                .audit_self("socket.connect", || *address)
                .and_then(|()| socket::connect_to(caller, &object.socket, address))
                .map(|()| 1);
            if outcome.as_ref().is_err_and(|error| error.cause().is_some()) {
                shut(caller, object);
            }
            told(outcome)?
        }
    };
    let class = match outcome {
        Either::Left(_) if class & DGRAM != 0 => DGRAM_CONNECTED,
        Either::Left(_) => STREAM_CLIENT,
        Either::Right(_) => class,
    };
    object.class.set(class);
    Ok(reclassed(class, outcome))
}

/// `dgram:sendto(data, path)`.
pub(super) fn sendto(context: Context, Of(object): Of<UNCONNECTED>, data: &[u8], path: &[u8]) -> Result<impl Results> {
    let caller = context.caller;
    match parse(context, path)? {
        None => Ok(Either::Right(too_long())),
        Some(address) => send_to(caller, object, data, address),
    }
}
