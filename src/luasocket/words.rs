//! LuaSocket's words for failures.

use crate::error::{Cause, Error, Result};
use crate::sys::{Errno, HostError};
use crate::text::Text;

/// `nil` and the words for a failure. Misuse, vetoes and calls that wait in a task are passed on.
pub(super) fn failed(error: Error) -> Result<(Option<i32>, Text)> {
    Ok((None, words(error, "closed")?))
}

/// The words for a failure; `closed` for a peer that is gone.
pub(super) fn words(error: Error, closed: &str) -> Result<Text> {
    let Some((cause, _)) = error.failure() else { return Err(error) };
    if matches!(error, Error::Raised(_)) {
        return Err(error);
    }
    let known = match cause {
        Cause::Timeout | Cause::System(Errno::WOULD_BLOCK | Errno::IN_PROGRESS | Errno::TIMED_OUT) => "timeout",
        Cause::System(Errno::BROKEN_PIPE | Errno::CONNECTION_RESET | Errno::CONNECTION_ABORTED) => closed,
        Cause::System(Errno::CONNECTION_REFUSED) => "connection refused",
        Cause::System(Errno::IS_CONNECTED) => "already connected",
        Cause::System(Errno::ADDRESS_IN_USE) => "address already in use",
        Cause::System(Errno::ACCESS) => "permission denied",
        Cause::Host(HostError(number)) if number == HostError::NOT_FOUND.0 => "host not found",
        cause => match resolver_words(cause) {
            Some(known) => known,
            None => return Ok(Text::format(format_args!("{cause}"))),
        },
    };
    Ok(Text::format(format_args!("{known}")))
}

/// The words for a failed look-up; `None` where they are the system's.
fn resolver_words(cause: Cause) -> Option<&'static str> {
    const WORDS: &[(&str, &str)] = &[
        ("EAI_AGAIN", "temporary failure in name resolution"),
        ("EAI_BADFLAGS", "invalid value for ai_flags"),
        ("EAI_BADHINTS", "invalid value for hints"),
        ("EAI_FAIL", "non-recoverable failure in name resolution"),
        ("EAI_FAMILY", "ai_family not supported"),
        ("EAI_MEMORY", "memory allocation failure"),
        ("EAI_NONAME", "host or service not provided, or not known"),
        ("EAI_OVERFLOW", "argument buffer overflow"),
        ("EAI_PROTOCOL", "resolved protocol is unknown"),
        ("EAI_SERVICE", "service not supported for socket type"),
        ("EAI_SOCKTYPE", "ai_socktype not supported"),
    ];
    let code = cause.code();
    WORDS.iter().find(|(name, _)| name.as_bytes() == code.as_bytes()).map(|(_, words)| *words)
}
