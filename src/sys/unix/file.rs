//! Files of the C library, as Lua holds them, and sendfile(2).

use std::marker::PhantomData;
use std::ptr::NonNull;

use super::*;

/// A stdio stream that is open for the time of a call.
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

    /// Whether it is a regular file, of which any part can be read at any time.
    pub(crate) fn is_regular(self) -> bool {
        // SAFETY: all fields may be zero; an open stream.
        unsafe {
            let mut status: libc::stat = std::mem::zeroed();
            libc::fstat(self.fd(), &mut status) == 0 && status.st_mode & libc::S_IFMT == libc::S_IFREG
        }
    }

    /// fflush(3): what was written reaches the file.
    pub(crate) fn flush(self) -> Result<(), Errno> {
        // SAFETY: an open stream.
        check(unsafe { libc::fflush(self.stream.as_ptr()) } as isize).map(drop)
    }

    /// ftell(3): where the next read begins, whatever was read ahead.
    pub(crate) fn position(self) -> Result<i64, Errno> {
        // SAFETY: an open stream.
        check(unsafe { libc::ftello(self.stream.as_ptr()) } as isize).map(|position| position as i64)
    }

    /// fseek(3), from the beginning.
    pub(crate) fn set_position(self, position: i64) -> Result<(), Errno> {
        // SAFETY: an open stream.
        check(unsafe { libc::fseeko(self.stream.as_ptr(), position as _, libc::SEEK_SET) } as isize).map(drop)
    }

    /// fread(3): 0 at the end.
    pub(crate) fn read(self, target: &mut [u8]) -> Result<usize, Errno> {
        // SAFETY: an open stream; the bytes are written within `target`.
        unsafe {
            let stream = self.stream.as_ptr();
            let count = libc::fread(target.as_mut_ptr().cast(), 1, target.len(), stream);
            if libc::ferror(stream) != 0 {
                let errno = Errno::last();
                libc::clearerr(stream);
                // After a part the error comes again, if it lasts.
                if count == 0 {
                    return Err(errno);
                }
            }
            Ok(count)
        }
    }

    /// ungetc(3): the next reads give these bytes again, as far as the C library can.
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

/// sendfile(2): `count` bytes from `offset` of a regular file, 0 at its end. `None` where the system cannot do that
/// for these two.
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

/// The same where the call tells beside its result how much it sent, with an error too.
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
        // The count holds with these; after a part they come again, if they last.
        Err(Errno(libc::EAGAIN | libc::EBUSY | libc::EINTR)) if sent > 0 => Ok(Some(sent as usize)),
        Err(Errno(number)) if [libc::EINVAL, libc::ENOTSUP, libc::EOPNOTSUPP, libc::ENOSYS].contains(&number) => {
            Ok(None)
        }
        result => result.map(|_| Some(sent as usize)),
    }
}

/// The same where there is no such call.
#[cfg(any(netbsd, openbsd))]
pub(crate) fn sendfile(_: Descriptor, _: Descriptor, _: i64, _: usize) -> Result<Option<usize>, Errno> {
    Ok(None)
}

/// Runs a call that has no flag against SIGPIPE so that the signal reaches nobody: it is held back from this thread,
/// and taken away if the call caused it.
#[cfg(any(linux_like, freebsd, dragonfly))]
fn without_sigpipe<T>(call: impl FnOnce() -> Result<T, Errno>) -> Result<T, Errno> {
    // SAFETY: sets of signals, all of this thread; nothing between could end the call early.
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
        // It comes with a partial count too.
        if !was_pending {
            let at_once = libc::timespec { tv_sec: 0, tv_nsec: 0 };
            libc::sigtimedwait(&pipe, std::ptr::null_mut(), &at_once);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
        result
    }
}
