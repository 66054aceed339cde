//! What can go wrong, and how it reads in Lua.
//!
//! A verb returns [`Error`]; the trampoline turns it into `nil, message, code` or, for misuse, into a Lua error. What
//! happens all the time is small and owns nothing; what is rare may take an allocation.

use std::fmt::Write;

use crate::address::Address;
use crate::constants;
use crate::sys::{Errno, HostError, ResolverError};
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
    /// The same inside an iterator, which has no other way to tell: a Lua error is raised.
    #[error("{}", .0.cause)]
    Raised(Box<Failure>),
    /// An audit hook raised an error, which is on the top of the Lua stack: it is raised again.
    #[error("vetoed by an audit hook")]
    Vetoed,
    /// The call is one of a task, and waits: its coroutine yields.
    #[error("waits")]
    Parked,
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
    pub(crate) progress: Progress,
}

/// How far the work had come, when the operation promises to tell.
#[derive(Debug)]
pub(crate) enum Progress {
    /// It does not tell.
    None,
    /// So many bytes were sent.
    Sent(usize),
    /// These bytes were received; they can be read again.
    Received(Vec<u8>),
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
    /// A host that the host database does not have.
    #[error("{0}")]
    Host(HostError),
}

/// What a failed operation was about; it stands in the message after the operation.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "an address is longer on some systems; whatever has a subject is boxed")]
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
        Failure { cause: error.into(), subject: Subject::Name(name), progress: Progress::None }.into()
    }

    /// The same failure of a send, telling the address that it is about. A send that would block or timed out tells
    /// none, so that it allocates nothing.
    #[cold]
    pub(crate) fn sending_to(self, address: &Address) -> Self {
        match self {
            Error::Plain(Cause::Timeout) => self,
            other => other.at(address),
        }
    }

    /// The same failure, telling the address that it is about; not of a call that would block, which allocates nothing.
    #[cold]
    pub(crate) fn at(self, address: &Address) -> Self {
        match self {
            Error::Plain(Cause::System(Errno::WOULD_BLOCK)) => self,
            Error::Plain(cause) => {
                Failure { cause, subject: Subject::Address(*address), progress: Progress::None }.into()
            }
            other => other,
        }
    }

    /// The same failure, telling how many bytes were sent before it.
    #[cold]
    pub(crate) fn after(self, count: usize) -> Self {
        match self {
            Error::Plain(cause) => Failure { cause, subject: Subject::Socket, progress: Progress::Sent(count) }.into(),
            Error::Detailed(failure) => Failure { progress: Progress::Sent(count), ..*failure }.into(),
            other => other,
        }
    }

    /// The same failure, giving the bytes that were received before it.
    #[cold]
    pub(crate) fn with_partial(self, bytes: Vec<u8>) -> Self {
        match self {
            Error::Plain(cause) => {
                Failure { cause, subject: Subject::Socket, progress: Progress::Received(bytes) }.into()
            }
            other => other,
        }
    }

    /// The same failure, not telling how many bytes were sent.
    #[cold]
    pub(crate) fn without_count(self) -> Self {
        match self {
            Error::Detailed(failure) if matches!(failure.subject, Subject::Socket) => Error::Plain(failure.cause),
            other => other,
        }
    }

    /// The same failure as a Lua error.
    #[cold]
    pub(crate) fn raised(self) -> Self {
        match self {
            Error::Plain(cause) => {
                let failure = Failure { cause, subject: Subject::Socket, progress: Progress::None };
                Error::Raised(Box::new(failure))
            }
            Error::Detailed(failure) => Error::Raised(failure),
            other => other,
        }
    }

    /// The reason and what it is about, when it is a failure.
    pub(crate) fn failure(&self) -> Option<(Cause, &Subject)> {
        match self {
            Error::Misuse(_) | Error::Vetoed | Error::Parked => None,
            Error::Plain(cause) => Some((*cause, &Subject::Socket)),
            Error::Detailed(failure) | Error::Raised(failure) => Some((failure.cause, &failure.subject)),
        }
    }

    /// Whether another task is about to do the same.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self, Error::Plain(Cause::Named(Errno::BUSY, _)))
            || matches!(self, Error::Detailed(failure) if matches!(failure.cause, Cause::Named(Errno::BUSY, _)))
    }

    /// How many bytes were sent before the failure, when it tells.
    pub(crate) fn sent(&self) -> Option<usize> {
        match self {
            Error::Detailed(failure) => match failure.progress {
                Progress::Sent(count) => Some(count),
                _ => None,
            },
            _ => None,
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
            Cause::Host(error) => (constants::host_error_name(error.0), "H_ERRNO_", error.0),
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
            Cause::Resolver(_) | Cause::Host(_) => None,
        }
    }

    /// The failure's message, operation first.
    pub(crate) fn message(&self, operation: &[u8], subject: &Subject) -> Message {
        let mut message = Message::new();
        message.push(operation);
        match subject {
            Subject::Address(address) => {
                message.push(b" ");
                address.describe(&mut message);
            }
            Subject::Name(name) if !name.is_empty() => {
                message.push(b" ");
                message.push(shown(name));
            }
            Subject::Socket | Subject::Name(_) => {}
        }
        message.push(b": ");
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

/// The beginning of a name, as much of it as a message tells.
pub(crate) fn shown(name: &[u8]) -> &[u8] {
    &name[..name.len().min(200)]
}

/// The message of a call that would block: made beforehand, so that returning it allocates nothing.
pub(crate) fn would_block_message(operation: &str) -> Message {
    Cause::System(Errno::WOULD_BLOCK).message(operation.as_bytes(), &Subject::Socket)
}
