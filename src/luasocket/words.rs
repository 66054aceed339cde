//! LuaSocket's words for failures.

use crate::error::{Cause, Error, Result};
use crate::lua::{Either, Words};
use crate::sys::{self, Errno, headers};

/// `nil` and the words for a failure. Misuse, vetoes and calls that wait in a task are passed on.
pub(super) fn failed(error: Error) -> Result<(Option<i32>, Words)> {
    Ok((None, words(error, "closed")?))
}

/// The results of a call that returns `nil` and words where it fails.
pub(super) fn told<T>(outcome: Result<T>) -> Result<Either<T, (Option<i32>, Words)>> {
    Ok(match outcome {
        Ok(value) => Either::Left(value),
        Err(error) => Either::Right(failed(error)?),
    })
}

/// The words for a failure; `closed` for a peer that is gone.
pub(super) fn words(error: Error, closed: &'static str) -> Result<Words> {
    let Some(cause) = error.cause() else { return Err(error) };
    if matches!(error, Error::Raised(_)) {
        return Err(error);
    }
    Ok(Words::Known(match cause {
        Cause::Timeout | Cause::System(Errno::WOULD_BLOCK | Errno::IN_PROGRESS | Errno::TIMED_OUT) => "timeout",
        Cause::System(Errno::BROKEN_PIPE | Errno::CONNECTION_RESET | Errno::CONNECTION_ABORTED) => closed,
        Cause::System(Errno::CONNECTION_REFUSED) => "connection refused",
        Cause::System(Errno::IS_CONNECTED) => "already connected",
        Cause::System(Errno::ADDRESS_IN_USE) => "address already in use",
        Cause::System(Errno::ACCESS) => "permission denied",
        Cause::Host(sys::HOST_NOT_FOUND) => "host not found",
        Cause::Resolver(error) => match LOOK_UPS.iter().find(|(number, _)| *number == error.number) {
            Some((_, words)) => words,
            None => return Ok(Words::Of(cause)),
        },
        cause => return Ok(Words::Of(cause)),
    }))
}

/// LuaSocket's words for failures of look-ups.
const LOOK_UPS: [(i32, &str); 8] = [
    (headers::EAI_AGAIN, "temporary failure in name resolution"),
    (headers::EAI_BADFLAGS, "invalid value for ai_flags"),
    (headers::EAI_FAIL, "non-recoverable failure in name resolution"),
    (headers::EAI_FAMILY, "ai_family not supported"),
    (headers::EAI_MEMORY, "memory allocation failure"),
    (headers::EAI_NONAME, "host or service not provided, or not known"),
    (headers::EAI_SERVICE, "service not supported for socket type"),
    (headers::EAI_SOCKTYPE, "ai_socktype not supported"),
];
