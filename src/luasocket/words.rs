//! LuaSocket's words for failures.

use crate::error::{Cause, Error, Result};
use crate::sys::Errno;
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
        cause => return Ok(Text::format(format_args!("{cause}"))),
    };
    Ok(Text::format(format_args!("{known}")))
}
