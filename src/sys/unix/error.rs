//! Error numbers and their words.

use std::ffi::CStr;
use std::fmt;

/// An error number of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Errno(pub(crate) i32);

impl Errno {
    pub(crate) const WOULD_BLOCK: Errno = Errno(libc::EAGAIN);
    pub(crate) const INTERRUPTED: Errno = Errno(libc::EINTR);
    pub(crate) const IN_PROGRESS: Errno = Errno(libc::EINPROGRESS);
    pub(crate) const CONNECTION_RESET: Errno = Errno(libc::ECONNRESET);
    pub(crate) const BAD_DESCRIPTOR: Errno = Errno(libc::EBADF);
    pub(crate) const INVALID: Errno = Errno(libc::EINVAL);
    pub(crate) const ACCESS: Errno = Errno(libc::EACCES);
    pub(crate) const NO_MEMORY: Errno = Errno(libc::ENOMEM);
    pub(crate) const NAME_TOO_LONG: Errno = Errno(libc::ENAMETOOLONG);
    pub(crate) const MESSAGE_SIZE: Errno = Errno(libc::EMSGSIZE);
    pub(crate) const TOO_MANY_FILES: Errno = Errno(libc::EMFILE);
    pub(crate) const ILLEGAL_SEQUENCE: Errno = Errno(libc::EILSEQ);
    pub(crate) const NOT_SEEKABLE: Errno = Errno(libc::ESPIPE);
    pub(crate) const NO_BUFFER_SPACE: Errno = Errno(libc::ENOBUFS);
    pub(crate) const BUSY: Errno = Errno(libc::EBUSY);
    pub(crate) const DEADLOCK: Errno = Errno(libc::EDEADLK);
    pub(crate) const CANCELED: Errno = Errno(libc::ECANCELED);
    pub(crate) const TIMED_OUT: Errno = Errno(libc::ETIMEDOUT);
    pub(crate) const BROKEN_PIPE: Errno = Errno(libc::EPIPE);
    pub(crate) const CONNECTION_ABORTED: Errno = Errno(libc::ECONNABORTED);
    pub(crate) const CONNECTION_REFUSED: Errno = Errno(libc::ECONNREFUSED);
    pub(crate) const IS_CONNECTED: Errno = Errno(libc::EISCONN);
    pub(crate) const ADDRESS_IN_USE: Errno = Errno(libc::EADDRINUSE);
    pub(crate) const NO_DEVICE: Errno = Errno(libc::ENODEV);
    pub(crate) const REFUSED: Errno = Errno(libc::ECONNREFUSED);
    pub(crate) const NOT_FOUND: Errno = Errno(libc::ENOENT);
    pub(crate) const EXISTS: Errno = Errno(libc::EEXIST);
    pub(crate) const NOT_SUPPORTED: Errno = Errno(libc::EOPNOTSUPP);
    pub(crate) const ADDRESS_FAMILY_NOT_SUPPORTED: Errno = Errno(libc::EAFNOSUPPORT);

    /// The error of the call that just failed.
    #[cold]
    pub(super) fn last() -> Self {
        std::io::Error::last_os_error().into()
    }
}

impl From<std::io::Error> for Errno {
    fn from(error: std::io::Error) -> Self {
        match error.raw_os_error() {
            // Where the two differ, they mean the same.
            Some(libc::EWOULDBLOCK) => Errno::WOULD_BLOCK,
            Some(number) => Errno(number),
            None => Errno::INVALID,
        }
    }
}

impl fmt::Display for Errno {
    /// The system's words, as `strerror(3)` gives them.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = [0; 128];
        // SAFETY: the XSI form, which writes a terminated string into that many bytes.
        unsafe { libc::strerror_r(self.0, words.as_mut_ptr(), words.len()) };
        write_words(formatter, &words)
    }
}

/// A failed look-up: the resolver's error number, and for `EAI_SYSTEM` the error number behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResolverError {
    pub(crate) number: i32,
    pub(crate) errno: Option<Errno>,
}

impl ResolverError {
    pub(crate) const NO_NAME: ResolverError = ResolverError { number: libc::EAI_NONAME, errno: None };

    /// The error that `getaddrinfo` or `getnameinfo` just returned.
    pub(crate) fn last(number: i32) -> Self {
        ResolverError { number, errno: (number == libc::EAI_SYSTEM).then(Errno::last) }
    }
}

impl fmt::Display for ResolverError {
    /// The system's words, as `gai_strerror(3)` gives them.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: returns a static string for any number.
        let words = unsafe { CStr::from_ptr(libc::gai_strerror(self.number)) };
        formatter.write_str(words.to_str().unwrap_or("unknown error"))
    }
}

#[allow(clippy::unnecessary_cast, reason = "a character has a sign on some systems")]
fn write_words(formatter: &mut fmt::Formatter<'_>, words: &[libc::c_char]) -> fmt::Result {
    // SAFETY: the same size and alignment.
    let words = unsafe { &*(std::ptr::from_ref(words) as *const [u8]) };
    let words = CStr::from_bytes_until_nul(words).unwrap_or_default();
    formatter.write_str(words.to_str().unwrap_or("unknown error"))
}
