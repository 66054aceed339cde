//! The exception class of a code.

use crate::error::Result;
use crate::lua::Context;

/// `socket.error_class(code)`: the documented exception that a code belongs to, and its name since PEP 3151.
pub(crate) fn error_class<'a>(_: Context, code: &[u8]) -> Result<(Option<&'a str>, Option<&'a str>)> {
    let code = std::str::from_utf8(code).unwrap_or_default();
    let class = match code {
        "timeout" => "timeout",
        "HOST_NOT_FOUND" | "TRY_AGAIN" | "NO_RECOVERY" | "NO_DATA" => "herror",
        "EOF" => return Ok((None, Some("EOFError"))),
        _ if code.starts_with("EAI_") => "gaierror",
        _ if code.starts_with('E') => "error",
        _ => return Ok((None, None)),
    };
    let exception = match code {
        "EAGAIN" | "EALREADY" | "EINPROGRESS" | "EWOULDBLOCK" => "BlockingIOError",
        "EPIPE" | "ESHUTDOWN" => "BrokenPipeError",
        "ECHILD" => "ChildProcessError",
        "ECONNABORTED" => "ConnectionAbortedError",
        "ECONNREFUSED" => "ConnectionRefusedError",
        "ECONNRESET" => "ConnectionResetError",
        "EEXIST" => "FileExistsError",
        "ENOENT" => "FileNotFoundError",
        "EINTR" => "InterruptedError",
        "EISDIR" => "IsADirectoryError",
        "ENOTDIR" => "NotADirectoryError",
        "EACCES" | "EPERM" => "PermissionError",
        "ESRCH" => "ProcessLookupError",
        "ETIMEDOUT" | "timeout" => "TimeoutError",
        _ => return Ok((Some(class), None)),
    };
    Ok((Some(class), Some(exception)))
}
