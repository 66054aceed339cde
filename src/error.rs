//! Errors, and their messages and codes in Lua.
//!
//! A native function returns [`Error`]; the trampoline turns it into `nil, message, code` or, for misuse, into a Lua
//! error. Common failures do not allocate.

use std::fmt::Write;

use crate::constants;
use crate::sys::{self, Address, Errno, ResolverError};
use crate::text::Text;

/// The result of a native function.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Why a native function failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A wrong argument, its index on the Lua stack and what is wrong with it: a Lua error is raised.
    #[error("bad argument #{0} ({1})")]
    Misuse(i32, Box<str>),
    /// A failure: `nil, message, code` is returned.
    #[error("{0}")]
    Plain(Cause),
    /// A failure with a subject, or with the progress made before it.
    #[error("{}", .0.cause)]
    Detailed(Box<Failure>),
    /// A failure in an iterator, raised as a Lua error.
    #[error("{}", .0.cause)]
    Raised(Box<Failure>),
    /// An audit hook raised an error, which is on the top of the Lua stack and is raised again.
    #[error("refused by an audit hook")]
    Vetoed,
    /// The call of a task has to wait: its coroutine yields.
    #[error("waits in a task")]
    Parked,
}

/// A failure: its cause, its subject, and the progress made before it, which is the fourth result. One without a subject
/// is about the socket itself, which the message does not mention.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) cause: Cause,
    /// The address that it is about.
    address: Option<Address>,
    /// The name that could not be turned into an address.
    name: Vec<u8>,
    /// The number of bytes that were sent.
    pub(crate) sent: Option<usize>,
    /// The bytes that were received, which stay readable.
    pub(crate) received: Option<Vec<u8>>,
}

impl Failure {
    fn new(cause: Cause) -> Self {
        Failure { cause, address: None, name: Vec::new(), sent: None, received: None }
    }

    /// Whether the message is only the operation and the cause.
    pub(crate) fn is_plain(&self) -> bool {
        self.address.is_none() && self.name.is_empty()
    }

    /// The message: operation, subject, words.
    pub(crate) fn message(&self, operation: &[u8]) -> Text {
        let mut message = Text::new();
        message.push(operation);
        if !self.is_plain() {
            message.push(b" ");
        }
        match &self.address {
            Some(address) => address.describe(&mut message),
            None => message.push(&self.name),
        }
        self.cause.explain(&mut message);
        message
    }
}

/// The reason of a failure.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum Cause {
    /// The socket's timeout passed.
    #[error("timed out")]
    Timeout,
    /// A signal arrived, and a debug hook is pending in the Lua state.
    #[error("Interrupted system call")]
    Interrupted,
    /// The stream ended after so many of the bytes that were asked for.
    #[error("end of the stream after {0} of {1} bytes")]
    Ended(usize, usize),
    /// The system's error number.
    #[error("{0}")]
    System(Errno),
    /// An error number with a message of the library's own.
    #[error("{1}")]
    Named(Errno, &'static str),
    /// A failed look-up.
    #[error("{0}")]
    Resolver(ResolverError),
    /// A failed look-up in the host database, with its `h_errno`.
    #[error(fmt = sys::write_host_error)]
    Host(i32),
}

impl Error {
    /// Misuse of the argument at `index`.
    #[cold]
    pub(crate) fn misuse(index: i32, reason: impl Into<Box<str>>) -> Self {
        Error::Misuse(index, reason.into())
    }

    /// A failure with an error number and a message of the library's own.
    #[cold]
    pub(crate) fn named(errno: Errno, words: &'static str) -> Self {
        Error::Plain(Cause::Named(errno, words))
    }

    /// A failed look-up of a name.
    #[cold]
    pub(crate) fn resolver(error: ResolverError, name: &[u8]) -> Self {
        Error::Plain(error.into()).about(name)
    }

    /// The failure of a send with its destination. EAGAIN and timeouts leave it out, so that they allocate nothing.
    #[cold]
    pub(crate) fn sending_to(self, address: &Address) -> Self {
        match self {
            Error::Plain(Cause::Timeout) => self,
            other => other.at(address),
        }
    }

    /// The failure with the address that it is about. EAGAIN leaves it out, so that it allocates nothing.
    #[cold]
    pub(crate) fn at(self, address: &Address) -> Self {
        match self {
            Error::Plain(Cause::System(Errno::WOULD_BLOCK)) => self,
            other => other.with(|failure| failure.address = Some(*address)),
        }
    }

    /// The failure with the name that it is about.
    #[cold]
    pub(crate) fn about(self, name: &[u8]) -> Self {
        self.with(|failure| failure.name = shown(name).to_vec())
    }

    fn with(self, add: impl FnOnce(&mut Failure)) -> Self {
        let Error::Plain(cause) = self else { return self };
        let mut failure = Failure::new(cause);
        add(&mut failure);
        Error::Detailed(Box::new(failure))
    }

    /// The failure with the number of bytes that were sent before it.
    #[cold]
    pub(crate) fn after(self, count: usize) -> Self {
        match self {
            Error::Detailed(mut failure) => {
                failure.sent = Some(count);
                Error::Detailed(failure)
            }
            other => other.with(|failure| failure.sent = Some(count)),
        }
    }

    /// The failure with the bytes that were received before it.
    #[cold]
    pub(crate) fn with_partial(self, bytes: Vec<u8>) -> Self {
        self.with(|failure| failure.received = Some(bytes))
    }

    /// The failure without the number of bytes that were sent.
    #[cold]
    pub(crate) fn without_count(self) -> Self {
        match self {
            Error::Detailed(failure) if failure.is_plain() => Error::Plain(failure.cause),
            other => other,
        }
    }

    /// The failure as a Lua error.
    #[cold]
    pub(crate) fn raised(self) -> Self {
        match self {
            Error::Plain(cause) => Error::Raised(Box::new(Failure::new(cause))),
            Error::Detailed(failure) => Error::Raised(failure),
            other => other,
        }
    }

    /// The cause of a failure; `None` for misuse and vetoes.
    pub(crate) fn cause(&self) -> Option<Cause> {
        match self {
            Error::Misuse(..) | Error::Vetoed | Error::Parked => None,
            Error::Plain(cause) => Some(*cause),
            Error::Detailed(failure) | Error::Raised(failure) => Some(failure.cause),
        }
    }

    /// The address that a failure is about.
    pub(crate) fn address(&self) -> Option<Address> {
        match self {
            Error::Detailed(failure) | Error::Raised(failure) => failure.address,
            _ => None,
        }
    }

    /// The message of a failure: operation, subject, words.
    pub(crate) fn message(&self, operation: &[u8]) -> Text {
        match self {
            Error::Detailed(failure) | Error::Raised(failure) => failure.message(operation),
            other => other.cause().map_or(Text::new(), |cause| cause.message(operation)),
        }
    }

    /// Whether another task waits to do the same.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self.cause(), Some(Cause::Named(Errno::BUSY, _)))
    }

    /// The number of bytes that were sent before the failure, if it has one.
    pub(crate) fn sent(&self) -> Option<usize> {
        match self {
            Error::Detailed(failure) => failure.sent,
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
            Cause::Ended(..) => (Some("EOF"), "", 0),
            Cause::System(errno) | Cause::Named(errno, _) => (constants::errno_name(errno.0), "E", errno.0),
            Cause::Resolver(error) => (constants::resolver_name(error.number), "EAI_", error.number),
            Cause::Host(number) => (constants::host_error_name(number), "H_ERRNO_", number),
        };
        match name {
            Some(name) => Text::format(format_args!("{name}")),
            None => Text::format(format_args!("{prefix}{number}")),
        }
    }

    /// The error number, for `connect_ex`; EAGAIN for a timeout.
    pub(crate) fn errno(&self) -> Option<Errno> {
        match *self {
            Cause::System(errno) | Cause::Named(errno, _) => Some(errno),
            Cause::Timeout => Some(Errno::WOULD_BLOCK),
            Cause::Interrupted => Some(Errno::INTERRUPTED),
            Cause::Ended(..) | Cause::Resolver(_) | Cause::Host(_) => None,
        }
    }

    /// The message of a failure without a subject: operation, words.
    pub(crate) fn message(&self, operation: &[u8]) -> Text {
        let mut message = Text::new();
        message.push(operation);
        self.explain(&mut message);
        message
    }

    fn explain(&self, message: &mut Text) {
        message.push(b": ");
        // Writing to a Text truncates and never fails.
        let _ = write!(message, "{self}");
    }
}

impl From<Cause> for Error {
    #[cold]
    fn from(cause: Cause) -> Self {
        Error::Plain(cause)
    }
}

impl From<Errno> for Error {
    #[cold]
    fn from(errno: Errno) -> Self {
        Cause::System(errno).into()
    }
}

impl From<ResolverError> for Cause {
    /// `EAI_SYSTEM` becomes the error number in `errno`.
    fn from(error: ResolverError) -> Self {
        match error.errno {
            Some(errno) => Cause::System(errno),
            None => Cause::Resolver(error),
        }
    }
}

/// The part of a name that a message shows.
pub(crate) fn shown(name: &[u8]) -> &[u8] {
    &name[..name.len().min(200)]
}
