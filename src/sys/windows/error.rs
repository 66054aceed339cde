//! Error numbers and their words.

use std::ffi::CStr;
use std::fmt;

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_INVALID_HANDLE, ERROR_INVALID_PARAMETER, ERROR_NOT_ENOUGH_MEMORY,
};

use super::{Descriptor, headers, is_open};

/// An error number: of the C library below 10000, of Winsock from there on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Errno(pub(crate) i32);

/// Where Winsock's numbers begin, and those of the host database.
const WINSOCK: i32 = 10000;
const HOSTS: i32 = 11000;

impl Errno {
    pub(crate) const WOULD_BLOCK: Errno = Errno(headers::EAGAIN);
    pub(crate) const INTERRUPTED: Errno = Errno(headers::EINTR);
    pub(crate) const IN_PROGRESS: Errno = Errno(headers::EINPROGRESS);
    pub(crate) const CONNECTION_RESET: Errno = Errno(headers::ECONNRESET);
    pub(crate) const BAD_DESCRIPTOR: Errno = Errno(headers::EBADF);
    pub(crate) const INVALID: Errno = Errno(headers::EINVAL);
    pub(crate) const NO_MEMORY: Errno = Errno(headers::ENOMEM);
    pub(crate) const NAME_TOO_LONG: Errno = Errno(headers::ENAMETOOLONG);
    pub(crate) const MESSAGE_SIZE: Errno = Errno(headers::EMSGSIZE);
    pub(crate) const TOO_MANY_FILES: Errno = Errno(headers::EMFILE);
    pub(crate) const ILLEGAL_SEQUENCE: Errno = Errno(headers::EILSEQ);
    pub(crate) const NOT_SEEKABLE: Errno = Errno(headers::ESPIPE);
    pub(crate) const NO_BUFFER_SPACE: Errno = Errno(headers::ENOBUFS);
    pub(crate) const BUSY: Errno = Errno(headers::EBUSY);
    pub(crate) const DEADLOCK: Errno = Errno(headers::EDEADLK);
    pub(crate) const ACCESS: Errno = Errno(headers::EACCES);
    pub(crate) const CANCELED: Errno = Errno(headers::ECANCELED);
    pub(crate) const TIMED_OUT: Errno = Errno(headers::ETIMEDOUT);
    pub(crate) const BROKEN_PIPE: Errno = Errno(headers::EPIPE);
    pub(crate) const CONNECTION_ABORTED: Errno = Errno(headers::ECONNABORTED);
    pub(crate) const CONNECTION_REFUSED: Errno = Errno(headers::ECONNREFUSED);
    pub(crate) const IS_CONNECTED: Errno = Errno(headers::EISCONN);
    pub(crate) const ADDRESS_IN_USE: Errno = Errno(headers::EADDRINUSE);
    pub(crate) const NO_DEVICE: Errno = Errno(headers::ENODEV);
    pub(crate) const REFUSED: Errno = Errno(headers::ECONNREFUSED);
    pub(crate) const NOT_FOUND: Errno = Errno(headers::ENOENT);
    pub(crate) const EXISTS: Errno = Errno(headers::EEXIST);
    pub(crate) const NOT_SUPPORTED: Errno = Errno(headers::EOPNOTSUPP);
    pub(crate) const ADDRESS_FAMILY_NOT_SUPPORTED: Errno = Errno(headers::EAFNOSUPPORT);

    /// The error of the call that just failed.
    #[cold]
    pub(super) fn last() -> Self {
        std::io::Error::last_os_error().into()
    }

    /// The same for a call on a descriptor: what is no descriptor at all is a bad one, not one of something else.
    #[cold]
    pub(super) fn last_of(fd: Descriptor) -> Self {
        if is_open(fd) { Errno::last() } else { Errno::BAD_DESCRIPTOR }
    }

    /// The error number of the C library.
    #[cold]
    pub(super) fn of_library() -> Self {
        // SAFETY: the library's own place for it, of this thread.
        Errno(unsafe { *_errno() })
    }

    /// An error number of the system under the number that its name has.
    fn of_system(number: i32) -> Self {
        Errno(match number {
            // Winsock has numbers of its own for what the C library has too.
            headers::WSAEINTR
            | headers::WSAEBADF
            | headers::WSAEACCES
            | headers::WSAEFAULT
            | headers::WSAEINVAL
            | headers::WSAEMFILE => number - WINSOCK,
            headers::WSAENAMETOOLONG => headers::ENAMETOOLONG,
            headers::WSAENOTEMPTY => headers::ENOTEMPTY,
            headers::WSAECANCELLED | headers::WSA_E_CANCELLED => headers::ECANCELED,
            _ => match number as u32 {
                ERROR_ACCESS_DENIED => headers::EACCES,
                ERROR_INVALID_HANDLE => headers::EBADF,
                ERROR_NOT_ENOUGH_MEMORY => headers::ENOMEM,
                ERROR_INVALID_PARAMETER => headers::EINVAL,
                _ => number,
            },
        })
    }
}

unsafe extern "C" {
    fn _errno() -> *mut std::ffi::c_int;
}

impl From<std::io::Error> for Errno {
    fn from(error: std::io::Error) -> Self {
        error.raw_os_error().map_or(Errno::INVALID, Errno::of_system)
    }
}

impl fmt::Display for Errno {
    /// The words of the C library, or the system's.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 >= WINSOCK {
            return write_words(formatter, self.0);
        }
        if *self == Errno::CANCELED {
            // It is newer than the C library's words.
            return formatter.write_str("Operation canceled");
        }
        // SAFETY: a terminated string, which stays until this thread asks again.
        let words = unsafe { CStr::from_ptr(libc::strerror(self.0)) };
        formatter.write_str(words.to_str().unwrap_or("unknown error"))
    }
}

/// A failed look-up: the resolver's error number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResolverError {
    pub(crate) number: i32,
    pub(crate) errno: Option<Errno>,
}

impl ResolverError {
    pub(crate) const NO_NAME: ResolverError = ResolverError { number: headers::EAI_NONAME, errno: None };

    /// The error that `getaddrinfo` or `getnameinfo` just returned.
    pub(crate) fn last(number: i32) -> Self {
        ResolverError { number, errno: None }
    }
}

impl fmt::Display for ResolverError {
    /// The system's words.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_words(formatter, self.number)
    }
}

/// The `h_errno` of the look-up that just failed.
pub(super) fn last_host_error() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or_default() - HOSTS
}

/// The system's words for an `h_errno`.
pub(crate) fn write_host_error(number: &i32, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    write_words(formatter, number + HOSTS)
}

/// Writes the system's words for a number of its own, without the full stop and what the standard library adds.
fn write_words(formatter: &mut fmt::Formatter<'_>, number: i32) -> fmt::Result {
    let text = std::io::Error::from_raw_os_error(number).to_string();
    match text.rsplit_once(" (os error") {
        // What the standard library says when the system has no words.
        Some((words, _)) if !words.starts_with("OS Error ") => formatter.write_str(words.trim_end_matches(['.', ' '])),
        _ => write!(formatter, "error {number}"),
    }
}
