//! What can go wrong, and how it reads in Lua.
//!
//! A verb returns [`Error`]; the trampoline turns it into `nil, message, code` or, for misuse, into a Lua error. What
//! happens all the time is small and owns nothing; what is rare may take an allocation.

use std::fmt::Write;

use crate::address::Address;
use crate::constants;
use crate::lua::Context;
use crate::sys::{Errno, ResolverError};
use crate::text::Text;

/// The result of a verb.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Why a verb did not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The caller broke the contract: a Lua error is raised.
    #[error("bad argument #{} ({})", .0.index, .0.reason)]
    Misuse(Box<Misuse>),
    /// The work could not be done: `nil, message, code` is returned.
    #[error("{0}")]
    Plain(Cause),
    /// The same, with more to tell.
    #[error("{}", .0.cause)]
    Detailed(Box<Failure>),
}

/// A wrong argument.
#[derive(Debug)]
pub(crate) struct Misuse {
    /// Its index on the Lua stack.
    pub(crate) index: i32,
    /// What is wrong with it.
    pub(crate) reason: String,
}

/// A failure: why, about what, and how far the work had come.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) cause: Cause,
    pub(crate) subject: Subject,
    /// Bytes that were sent before, when the operation promises to tell.
    pub(crate) sent: Option<usize>,
}

/// The reason of a failure.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum Cause {
    /// The socket's own deadline passed.
    #[error("timed out")]
    Timeout,
    /// A signal arrived, and the Lua state has a hook waiting to run.
    #[error("Interrupted system call")]
    Interrupted,
    /// The system's error number.
    #[error("{0}")]
    System(Errno),
    /// An error number of the library's own choice, with words that say more than the system's.
    #[error("{1}")]
    Named(Errno, &'static str),
    /// A failed look-up.
    #[error("{0}")]
    Resolver(ResolverError),
}

/// What a failed operation was about; it stands in the message after the operation.
#[derive(Debug)]
pub(crate) enum Subject {
    /// Nothing but the socket itself.
    Socket,
    /// An address.
    Address(Address),
    /// A name that could not be turned into an address.
    Name(Vec<u8>),
}

/// A failure's message, as Lua receives it.
pub(crate) type Message = Text<320>;

impl Error {
    /// Misuse of the argument at `index`.
    #[cold]
    pub(crate) fn misuse(index: i32, reason: impl Into<String>) -> Self {
        Error::Misuse(Box::new(Misuse { index, reason: reason.into() }))
    }

    /// A failure with an error number of the library's own choice.
    #[cold]
    pub(crate) fn named(errno: Errno, words: &'static str) -> Self {
        Error::Plain(Cause::Named(errno, words))
    }

    /// A failed look-up of a name.
    #[cold]
    pub(crate) fn resolver(error: ResolverError, name: Vec<u8>) -> Self {
        Failure { cause: error.into(), subject: Subject::Name(name), sent: None }.into()
    }

    /// The same failure, telling the address that it is about.
    #[cold]
    pub(crate) fn at(self, address: &Address) -> Self {
        match self {
            Error::Plain(cause) => Failure { cause, subject: Subject::Address(*address), sent: None }.into(),
            other => other,
        }
    }

    /// The same failure, telling how many bytes were sent before it.
    #[cold]
    pub(crate) fn after(self, count: usize) -> Self {
        match self {
            Error::Plain(cause) => Failure { cause, subject: Subject::Socket, sent: Some(count) }.into(),
            other => other,
        }
    }

    /// The reason, when it is a failure.
    pub(crate) fn cause(&self) -> Option<Cause> {
        match self {
            Error::Misuse(_) => None,
            Error::Plain(cause) => Some(*cause),
            Error::Detailed(failure) => Some(failure.cause),
        }
    }
}

impl Cause {
    /// The failure's symbol: `ECONNREFUSED`, `EAI_NONAME`, `timeout` …
    pub(crate) fn code(&self) -> Text<24> {
        let (name, prefix, number) = match *self {
            Cause::Timeout => (Some("timeout"), "", 0),
            Cause::Interrupted => (Some("EINTR"), "", 0),
            Cause::System(errno) | Cause::Named(errno, _) => (constants::errno_name(errno.0), "E", errno.0),
            Cause::Resolver(error) => (constants::resolver_name(error.number), "EAI_", error.number),
        };
        match name {
            Some(name) => Text::format(format_args!("{name}")),
            None => Text::format(format_args!("{prefix}{number}")),
        }
    }

    /// The error number; the socket's own deadline has the one that a call without waiting would have had.
    pub(crate) fn errno(&self) -> Option<Errno> {
        match *self {
            Cause::System(errno) | Cause::Named(errno, _) => Some(errno),
            Cause::Timeout => Some(Errno::WOULD_BLOCK),
            Cause::Interrupted => Some(Errno::INTERRUPTED),
            Cause::Resolver(_) => None,
        }
    }

    /// The failure's message, operation first.
    pub(crate) fn message(&self, operation: &[u8], subject: &Subject) -> Message {
        let mut message = Message::new();
        if !matches!(self, Cause::Timeout | Cause::Interrupted) {
            message.push(operation);
            match subject {
                Subject::Socket => {}
                Subject::Address(address) => {
                    message.push(b" ");
                    address.describe(&mut message);
                }
                Subject::Name(name) => {
                    message.push(b" ");
                    message.push(&name[..name.len().min(200)]);
                }
            }
            message.push(b": ");
        }
        // Writing to a Text cuts, it never fails.
        let _ = write!(message, "{self}");
        message
    }
}

impl From<Cause> for Error {
    #[cold]
    fn from(cause: Cause) -> Self {
        Error::Plain(cause)
    }
}

impl From<Failure> for Error {
    #[cold]
    fn from(failure: Failure) -> Self {
        Error::Detailed(Box::new(failure))
    }
}

impl From<Errno> for Error {
    #[cold]
    fn from(errno: Errno) -> Self {
        Cause::System(errno).into()
    }
}

impl From<ResolverError> for Cause {
    /// `EAI_SYSTEM` stands for the error number that came with it.
    fn from(error: ResolverError) -> Self {
        match error.errno {
            Some(errno) => Cause::System(errno),
            None => Cause::Resolver(error),
        }
    }
}

/// The message of a call that would block: made beforehand, so that returning it allocates nothing.
pub(crate) fn would_block_message(operation: &str) -> Message {
    Cause::System(Errno::WOULD_BLOCK).message(operation.as_bytes(), &Subject::Socket)
}

/// `socket.error_class(code)`: the documented exception that a code belongs to, and its name since PEP 3151.
pub(crate) fn error_class<'a>(_: Context, code: &[u8]) -> Result<(Option<&'a str>, Option<&'a str>)> {
    let code = std::str::from_utf8(code).unwrap_or_default();
    let class = match code {
        "timeout" => "timeout",
        "HOST_NOT_FOUND" | "TRY_AGAIN" | "NO_RECOVERY" | "NO_DATA" => "herror",
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
