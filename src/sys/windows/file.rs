//! stdio streams, which Lua's files are.

use std::marker::PhantomData;
use std::ptr::NonNull;

use windows_sys::Win32::Storage::FileSystem::{FILE_TYPE_DISK, GetFileType};

use super::*;

/// A stdio stream that is open during a call. Lua and this library must be linked with the same C library.
#[derive(Clone, Copy)]
pub(crate) struct File<'a> {
    stream: NonNull<libc::FILE>,
    lifetime: PhantomData<&'a libc::FILE>,
}

unsafe extern "C" {
    fn _fseeki64(stream: *mut libc::FILE, offset: i64, whence: i32) -> i32;
    fn _ftelli64(stream: *mut libc::FILE) -> i64;
}

/// Turns what the C library returned, a count or -1, into an error number when it failed.
fn succeed(returned: i64) -> Result<i64, Errno> {
    if returned >= 0 { Ok(returned) } else { Err(Errno::of_library()) }
}

impl File<'_> {
    /// # Safety
    /// `stream` is an open stream, and stays so for the lifetime.
    pub(crate) unsafe fn new(stream: NonNull<libc::FILE>) -> Self {
        File { stream, lifetime: PhantomData }
    }

    /// The C library's number of the file below the stream.
    pub(crate) fn fd(self) -> Descriptor {
        // SAFETY: an open stream.
        unsafe { libc::fileno(self.stream.as_ptr()) }.into()
    }

    /// Whether it is a regular file.
    pub(crate) fn is_regular(self) -> bool {
        // SAFETY: the number of an open file, and its handle.
        unsafe { GetFileType(libc::get_osfhandle(self.fd() as i32) as _) == FILE_TYPE_DISK }
    }

    /// fflush. It drops what was read ahead, so the position is set again.
    pub(crate) fn flush(self) -> Result<(), Errno> {
        let position = self.position();
        // SAFETY: an open stream.
        succeed(unsafe { libc::fflush(self.stream.as_ptr()) }.into())?;
        position.map_or(Ok(()), |position| self.set_position(position))
    }

    /// ftell: where the next read begins.
    pub(crate) fn position(self) -> Result<i64, Errno> {
        // SAFETY: an open stream.
        succeed(unsafe { _ftelli64(self.stream.as_ptr()) })
    }

    /// fseek with SEEK_SET.
    pub(crate) fn set_position(self, position: i64) -> Result<(), Errno> {
        // SAFETY: an open stream.
        succeed(unsafe { _fseeki64(self.stream.as_ptr(), position, libc::SEEK_SET) }.into()).map(drop)
    }

    /// fread: 0 at the end of the file.
    pub(crate) fn read(self, target: &mut [u8]) -> Result<usize, Errno> {
        // SAFETY: an open stream; the bytes are written within `target`.
        unsafe {
            let stream = self.stream.as_ptr();
            let count = libc::fread(target.as_mut_ptr().cast(), 1, target.len(), stream);
            if count == 0 && libc::ferror(stream) != 0 {
                return Err(Errno::of_library());
            }
            Ok(count)
        }
    }

    /// ungetc of several bytes, as many as the C library takes.
    pub(crate) fn unread(self, bytes: &[u8]) {
        for &byte in bytes.iter().rev() {
            // SAFETY: an open stream.
            if unsafe { libc::ungetc(byte.into(), self.stream.as_ptr()) } < 0 {
                return;
            }
        }
    }
}

/// Windows has no sendfile(2).
pub(crate) fn sendfile(_: Descriptor, _: Descriptor, _: i64, _: usize) -> Result<Option<usize>, Errno> {
    Ok(None)
}
