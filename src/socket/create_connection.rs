//! create_connection: a TCP connection to the first address of a host that accepts it.

use super::connection::connect_to;
use super::{NewSocket, create};
use crate::address::{self, Address, AddressArgument};
use crate::error::{Cause, Error, Result};
use crate::lua::{Context, Either, Failures, Internet, OptionNames, OptionsTable, TimeoutOption};
use crate::resolve;
use crate::sys::{self, AddrInfo, ResolverError};

/// The options of `socket.create_connection`.
pub(crate) struct CreateConnectionOptions;

impl OptionNames for CreateConnectionOptions {
    const NAMES: &'static [&'static str] = &["timeout", "source_address", "all_errors"];
}

/// `socket.create_connection(address [, {timeout=, source_address=, all_errors=}])`.
pub(crate) fn create_connection(
    mut context: Context,
    Internet(given): Internet,
    _: OptionsTable<CreateConnectionOptions>,
    timeout: TimeoutOption,
    source: Option<Internet>,
    all_errors: Option<bool>,
) -> Result<Either<NewSocket, Failures>> {
    let (host, port) = given.endpoint()?;
    let hints = [sys::ANY_FAMILY, sys::DEFAULT_TYPE, 0, 0];
    let mut errors = Vec::new();
    for found in resolve::look_up(context.caller, host, Some(port), [given.index; 2], hints)? {
        match connect(&mut context, &found, timeout, source.as_ref().map(|Internet(source)| source)) {
            Ok(connected) => return Ok(Either::Left(connected)),
            Err(raised @ (Error::Misuse(_) | Error::Vetoed)) => return Err(raised),
            Err(error) if matches!(error.failure(), Some((Cause::Interrupted, _))) => return Err(error),
            Err(error) => errors.push(error),
        }
    }
    if all_errors == Some(true) && !errors.is_empty() {
        return Ok(Either::Right(Failures { operation: "create_connection", errors }));
    }
    Err(errors.pop().unwrap_or(Cause::Resolver(ResolverError::NO_NAME).into()))
}

fn connect(
    context: &mut Context,
    found: &AddrInfo,
    timeout: TimeoutOption,
    source: Option<&AddressArgument>,
) -> Result<NewSocket> {
    let at = |error: Error| error.at(&found.address);
    let new = create::open(context.caller, found.family, found.kind, found.proto).map_err(at)?;
    let socket = &new.socket;
    if let TimeoutOption::Given(timeout) = timeout {
        super::timeout::set(socket, timeout)?;
    }
    if let Some(source) = source {
        let mut from = Address::blank(socket.proto);
        address::parse(socket.family, source, &mut from)?;
        context.caller.audit_new("socket.bind", socket, || from)?;
        sys::bind(socket.fd(), &from).map_err(|errno| Error::from(errno).at(&from))?;
    }
    context.caller.audit_new("socket.connect", socket, || found.address)?;
    connect_to(context.caller, socket, &found.address).map_err(at)?;
    Ok(new)
}
