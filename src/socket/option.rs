//! getsockopt, setsockopt.

use super::Socket;
use crate::error::{Error, Result};
use crate::lua::{Caller, Context, Either};
use crate::sys::{self, Bytes, Errno};

/// The largest `buflen`, in bytes.
const LONGEST: i32 = 1024;

/// `socket:getsockopt(level, optname [, buflen])`: an integer, or a string when `buflen` is given.
#[inline(always)]
pub(crate) fn getsockopt<'a>(
    context: Context<'a>,
    socket: &Socket,
    level: i32,
    name: i32,
    length: Option<i32>,
) -> Result<Either<i64, &'a [u8]>> {
    check(context.caller, level, name)?;
    match length {
        None | Some(0) if sys::has_wide_options(socket.family()) => {
            Ok(Either::Left(sys::getsockopt_wide(socket.fd(), level, name)?))
        }
        None | Some(0) => Ok(Either::Left(sys::getsockopt(socket.fd(), level, name)?.into())),
        Some(length @ 1..=LONGEST) => {
            let mut value = context.space.take(length as usize)?;
            sys::getsockopt_bytes(socket.fd(), level, name, &mut value)?;
            Ok(Either::Right(value.into_filled()))
        }
        Some(_) => Err(Error::named(Errno::INVALID, "buflen out of range")),
    }
}

/// `socket:setsockopt(level, optname, integer | boolean | bytes)`, or `setsockopt(level, optname, nil, optlen)`.
pub(crate) fn setsockopt(
    context: Context,
    socket: &Socket,
    level: i32,
    name: i32,
    value: Either<Option<i64>, Bytes>,
    length: Option<u32>,
) -> Result<()> {
    check(context.caller, level, name)?;
    context.caller.obey(|limits| {
        limits.check_option(socket.family(), level, name, value.given().unwrap_or_else(|| b""[..].into()))
    })?;
    socket.note_option(level, name);
    let done = match (value, length) {
        (Either::Left(Some(value)), None) if sys::has_wide_options(socket.family()) => {
            sys::setsockopt_wide(socket.fd(), level, name, value)
        }
        (Either::Left(Some(value)), None) => {
            let value = i32::try_from(value).map_err(|_| Error::misuse(4, "number out of range"))?;
            sys::setsockopt_integer(socket.fd(), level, name, value)
        }
        (Either::Right(value), None) => sys::setsockopt(socket.fd(), level, name, value),
        (Either::Left(None), Some(length)) => sys::setsockopt_length(socket.fd(), level, name, length),
        (Either::Left(None), None) => {
            return Err(Error::misuse(4, "number, boolean, string or buffer expected, got nil"));
        }
        (_, Some(_)) => return Err(Error::misuse(5, "a length goes with nil only")),
    };
    Ok(done?)
}

/// Fails for an option whose value is a descriptor, where the host refuses descriptors to scripts.
#[inline(always)]
fn check(caller: Caller, level: i32, name: i32) -> Result<()> {
    if sys::DESCRIPTOR_OPTIONS.contains(&(level, name)) && !caller.shared().names_descriptors.get() {
        return Err(Error::misuse(3, "descriptors are not accepted here"));
    }
    Ok(())
}
