//! create_connection: a TCP connection to the first address of a host that accepts it.

use super::connection::connect_to;
use super::{NewSocket, create};
use crate::address::{self, Address, AddressArgument};
use crate::error::{Cause, Error, Result};
use crate::lua::{Caller, Context, Either, OptionsTable, Results, TimeoutOption, failures, options};
use crate::resolve;
use crate::sys::{self, AddrInfo, ResolverError};

/// `socket.create_connection(address [, {timeout=, source_address=, all_errors=}])`.
pub(crate) fn create_connection(
    mut context: Context,
    given: AddressArgument<Caller>,
    _: OptionsTable<{ options::CREATE_CONNECTION }>,
    timeout: TimeoutOption,
    source: Option<AddressArgument<Caller>>,
    all_errors: Option<bool>,
) -> Result<impl Results> {
    let turn = context.caller.turn();
    let kept = turn.and_then(|turn| turn.task.take_attempts());
    let mut attempts = match kept {
        Some(attempts) => attempts,
        None => Box::new(Attempts::new(context.caller, &given)?),
    };
    let source = source.as_ref();
    loop {
        let current = match attempts.current.take() {
            Some(current) => Ok(current),
            None => match attempts.left.next() {
                Some(found) => open(&mut context, &found, timeout, source).map(|new| (new, found)),
                None => break,
            },
        };
        let error = match current {
            Ok((new, found)) => match connect_to(context.caller, &new.socket, &found.address) {
                Ok(()) => return Ok(Either::Left(new)),
                Err(Error::Parked) => {
                    attempts.current = Some((new, found));
                    if let Some(turn) = turn {
                        turn.task.keep_attempts(attempts);
                    }
                    return Err(Error::Parked);
                }
                Err(error) => {
                    context.caller.shared().open_objects.scheduler.forget(new.socket.fd());
                    error.at(&found.address)
                }
            },
            Err(error) => error,
        };
        match error {
            raised @ (Error::Misuse(_) | Error::Vetoed) => return Err(raised),
            error if matches!(error.failure(), Some((Cause::Interrupted, _))) => return Err(error),
            error if turn.is_some_and(|turn| turn.task.check().is_err()) => return Err(error),
            error => attempts.errors.push(error),
        }
        if let Some(turn) = turn {
            turn.task.next_attempt();
        }
    }
    if all_errors == Some(true) && !attempts.errors.is_empty() {
        return Ok(Either::Right(failures("create_connection", attempts.errors)));
    }
    Err(attempts.errors.pop().unwrap_or(Cause::Resolver(ResolverError::NO_NAME).into()))
}

/// How far the call has come.
pub(crate) struct Attempts {
    left: std::vec::IntoIter<AddrInfo>,
    errors: Vec<Error>,
    current: Option<(NewSocket, AddrInfo)>,
}

impl Attempts {
    fn new(caller: Caller, given: &AddressArgument<Caller>) -> Result<Self> {
        let (host, port) = given.endpoint()?;
        let hints = [sys::ANY_FAMILY, sys::DEFAULT_TYPE, 0, 0];
        let found = resolve::resolve(caller, host, Some(port), [given.index; 2], hints)?;
        Ok(Attempts { left: found.into_iter(), errors: Vec::new(), current: None })
    }

    /// The descriptor of the attempt that goes on.
    pub(crate) fn fd(&self) -> Option<sys::Descriptor> {
        self.current.as_ref().map(|(new, _)| new.socket.fd())
    }
}

/// Makes the socket of an attempt and raises its audit events.
fn open(
    context: &mut Context,
    found: &AddrInfo,
    timeout: TimeoutOption,
    source: Option<&AddressArgument<Caller>>,
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
    Ok(new)
}
