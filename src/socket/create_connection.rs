//! create_connection: a TCP connection to the first address of a host that accepts it.

use std::time::{Duration, Instant};

use super::attempts::Attempts;
use crate::address::{AddressArgument, Field};
use crate::error::{Cause, Error, Result};
use crate::lua::{Caller, Context, Either, OptionsTable, Results, failures, options};
use crate::resolve;
use crate::sys::{self, ResolverError};

/// How long after an attempt the next one begins, by default.
const DELAY: Duration = Duration::from_millis(250);

/// `socket.create_connection(address [, {timeout=, source_address=, all_errors=, happy_eyeballs_delay=}])`.
pub(crate) fn create_connection(
    context: Context,
    given: AddressArgument,
    _: OptionsTable<{ options::CREATE_CONNECTION }>,
    timeout: Option<Either<bool, f64>>,
    source: Option<AddressArgument>,
    all_errors: Option<bool>,
    delay: Option<Either<bool, f64>>,
) -> Result<impl Results> {
    let caller = context.caller;
    let end = end(caller, timeout);
    let kept = caller.task_call().and_then(|task_call| task_call.task.take_attempts());
    let mut attempts = match kept {
        Some(attempts) => attempts,
        None => {
            let (host, port) = given.endpoint()?;
            let hints = [sys::ANY_FAMILY, sys::DEFAULT_TYPE, 0, 0];
            let found = resolve::resolve(caller, host, Some(port), [given.index; 2], hints, end)?;
            let delay = match delay {
                None => Some(DELAY),
                Some(delay) => delay.given().map(Duration::from_secs_f64),
            };
            let attempts = Attempts::new(found, delay);
            // Two sockets cannot have one port.
            let has_port = source.as_ref().is_some_and(|source| !matches!(source.fields[1], Field::Integer(0)));
            Box::new(if has_port { attempts.in_turn() } else { attempts })
        }
    };
    let outcome = attempts.go_on(caller, timeout, source.as_ref(), end);
    if let (Err(Error::Parked), Some(task_call)) = (&outcome, caller.task_call()) {
        task_call.task.keep_attempts(attempts);
        return Err(Error::Parked);
    }
    attempts.close(&caller.shared().open_objects.scheduler);
    match outcome? {
        Ok(new) => {
            caller.trace_success(|| sys::getpeername(new.socket.fd()).ok());
            Ok(Either::Left(new))
        }
        Err((errors, told)) if all_errors == Some(true) && !errors.is_empty() => {
            errors.get(told).inspect(|error| caller.trace_failure(error));
            Ok(Either::Right(failures("create_connection", errors, told)))
        }
        Err((errors, told)) => {
            Err(errors.into_iter().nth(told).unwrap_or(Cause::Resolver(ResolverError::NO_NAME).into()))
        }
    }
}

/// When the call ends at the latest.
fn end(caller: Caller, timeout: Option<Either<bool, f64>>) -> Option<Instant> {
    let seconds = match timeout {
        Some(timeout) => timeout.given(),
        None => Some(caller.shared().default_timeout.get()),
    };
    let limit = seconds.filter(|&seconds| seconds > 0.0).map(Duration::from_secs_f64);
    match caller.task_call() {
        Some(task_call) => task_call.deadline_after(limit),
        None => limit.and_then(|limit| Instant::now().checked_add(limit)),
    }
}
