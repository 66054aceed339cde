//! Files: stdio streams, which Lua's files are, sendfile(2), and what a path leads to.

use std::ffi::OsStr;
use std::marker::PhantomData;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::ptr::NonNull;

use super::*;

/// Whether a path leads to something that is no socket.
pub(crate) fn is_other_file(path: &[u8]) -> bool {
    std::fs::metadata(OsStr::from_bytes(path)).is_ok_and(|found| !found.file_type().is_socket())
}

/// A stdio stream that is open during a call.
#[derive(Clone, Copy)]
pub(crate) struct File<'a> {
    stream: NonNull<libc::FILE>,
    lifetime: PhantomData<&'a libc::FILE>,
}

impl File<'_> {
    /// # Safety
    /// `stream` is an open stream, and stays so for the lifetime.
    pub(crate) unsafe fn new(stream: NonNull<libc::FILE>) -> Self {
        File { stream, lifetime: PhantomData }
    }

    /// The descriptor below the stream.
    pub(crate) fn fd(self) -> Descriptor {
        // SAFETY: an open stream.
        unsafe { libc::fileno(self.stream.as_ptr()) }
    }

    /// Whether it is a regular file.
    pub(crate) fn is_regular(self) -> bool {
        // SAFETY: all fields may be zero; an open stream.
        unsafe {
            let mut status: libc::stat = std::mem::zeroed();
            libc::fstat(self.fd(), &mut status) == 0 && status.st_mode & libc::S_IFMT == libc::S_IFREG
        }
    }

    /// fflush(3).
    pub(crate) fn flush(self) -> Result<(), Errno> {
        // SAFETY: an open stream.
        check(unsafe { libc::fflush(self.stream.as_ptr()) } as isize).map(drop)
    }

    /// ftell(3): where the next read begins.
    pub(crate) fn position(self) -> Result<i64, Errno> {
        // SAFETY: an open stream.
        check(unsafe { libc::ftello(self.stream.as_ptr()) } as isize).map(|position| position as i64)
    }

    /// fseek(3) with SEEK_SET.
    pub(crate) fn set_position(self, position: i64) -> Result<(), Errno> {
        // SAFETY: an open stream.
        check(unsafe { libc::fseeko(self.stream.as_ptr(), position as _, libc::SEEK_SET) } as isize).map(drop)
    }

    /// fread(3): 0 at the end of the file.
    pub(crate) fn read(self, target: &mut [u8]) -> Result<usize, Errno> {
        // SAFETY: an open stream; the bytes are written within `target`.
        unsafe {
            let stream = self.stream.as_ptr();
            let count = libc::fread(target.as_mut_ptr().cast(), 1, target.len(), stream);
            if libc::ferror(stream) != 0 {
                let errno = Errno::last();
                libc::clearerr(stream);
                // After a partial read a lasting error is returned by the next one.
                if count == 0 {
                    return Err(errno);
                }
            }
            Ok(count)
        }
    }

    /// ungetc(3) of several bytes, as many as the C library takes.
    pub(crate) fn unread(self, bytes: &[u8]) {
        for &byte in bytes.iter().rev() {
            // SAFETY: an open stream.
            if unsafe { ungetc(byte.into(), self.stream.as_ptr()) } < 0 {
                return;
            }
        }
    }
}

unsafe extern "C" {
    fn ungetc(byte: libc::c_int, stream: *mut libc::FILE) -> libc::c_int;
}

/// sendfile(2): `count` bytes from `offset` of a regular file, 0 at its end. `None` where the system does not support
/// the two descriptors.
#[cfg(linux_like)]
pub(crate) fn sendfile(fd: Descriptor, file: Descriptor, offset: i64, count: usize) -> Result<Option<usize>, Errno> {
    let mut offset = offset as libc::off_t;
    // SAFETY: plain call.
    let sent = without_sigpipe(|| check(unsafe { libc::sendfile(fd, file, &mut offset, count) }));
    match sent {
        Err(Errno(libc::EINVAL | libc::ENOSYS | libc::EOVERFLOW)) => Ok(None),
        sent => sent.map(Some),
    }
}

/// The same where the call reports what it sent apart from its result, also when it fails.
#[cfg(any(apple, freebsd, dragonfly))]
pub(crate) fn sendfile(fd: Descriptor, file: Descriptor, offset: i64, count: usize) -> Result<Option<usize>, Errno> {
    #[cfg(apple)]
    let mut sent = count as libc::off_t;
    #[cfg(not(apple))]
    let mut sent = 0;
    #[cfg(apple)]
    // SAFETY: `sent` is all that is written to.
    let result = check(unsafe { libc::sendfile(file, fd, offset, &mut sent, std::ptr::null_mut(), 0) } as isize);
    #[cfg(not(apple))]
    let result = without_sigpipe(|| {
        // SAFETY: `sent` is all that is written to.
        check(unsafe { libc::sendfile(file, fd, offset, count, std::ptr::null_mut(), &mut sent, 0) } as isize)
    });
    match result {
        // After a partial send a lasting error is returned by the next call.
        Err(Errno(libc::EAGAIN | libc::EBUSY | libc::EINTR)) if sent > 0 => Ok(Some(sent as usize)),
        Err(Errno(number)) if [libc::EINVAL, libc::ENOTSUP, libc::EOPNOTSUPP, libc::ENOSYS].contains(&number) => {
            Ok(None)
        }
        result => result.map(|_| Some(sent as usize)),
    }
}

/// These systems have no such call.
#[cfg(any(netbsd, openbsd))]
pub(crate) fn sendfile(_: Descriptor, _: Descriptor, _: i64, _: usize) -> Result<Option<usize>, Errno> {
    Ok(None)
}

/// Blocks SIGPIPE in this thread during a call and consumes any it raised.
#[cfg(any(linux_like, freebsd, dragonfly))]
fn without_sigpipe<T>(call: impl FnOnce() -> Result<T, Errno>) -> Result<T, Errno> {
    // SAFETY: valid sets of signals, and the mask of this thread; `call` does not unwind.
    unsafe {
        let mut pipe: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut pipe);
        libc::sigaddset(&mut pipe, libc::SIGPIPE);
        let mut pending: libc::sigset_t = std::mem::zeroed();
        libc::sigpending(&mut pending);
        let was_pending = libc::sigismember(&pending, libc::SIGPIPE) == 1;
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::pthread_sigmask(libc::SIG_BLOCK, &pipe, &mut before);
        let result = call();
        // A partial send raises it too.
        if !was_pending {
            let at_once = libc::timespec { tv_sec: 0, tv_nsec: 0 };
            libc::sigtimedwait(&pipe, std::ptr::null_mut(), &at_once);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
        result
    }
}
