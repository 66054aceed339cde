//! Blocking, non-blocking and timeout mode.

use super::Socket;
use crate::error::Result;
use crate::lua::{Context, Either, Results, updated};
use crate::sys;

/// `socket:settimeout(seconds | nil)`.
pub(super) fn settimeout(_: Context, socket: &Socket, timeout: Either<(), f64>) -> Result<impl Results> {
    set(socket, timeout.given())?;
    Ok(updated(socket))
}

/// Sets the timeout in seconds. With any timeout the descriptor is non-blocking.
pub(super) fn set(socket: &Socket, timeout: Option<f64>) -> Result<()> {
    sys::set_nonblocking(socket.open_fd()?, timeout.is_some())?;
    socket.set(Socket::UNBLOCKED, false);
    socket.timeout.set(timeout.unwrap_or(-1.0));
    Ok(())
}

/// `socket:setblocking(flag)`.
pub(super) fn setblocking(_: Context, socket: &Socket, blocking: bool) -> Result<impl Results> {
    set(socket, if blocking { None } else { Some(0.0) })?;
    Ok(updated(socket))
}

/// `socket:gettimeout()`.
pub(super) fn gettimeout(_: Context, socket: &Socket) -> Result<Option<f64>> {
    Ok(socket.timeout())
}

/// `socket:getblocking()`.
pub(super) fn getblocking(_: Context, socket: &Socket) -> Result<bool> {
    Ok(socket.timeout.get() != 0.0)
}

/// `socket.getdefaulttimeout()`.
pub(crate) fn getdefaulttimeout(context: Context) -> Result<Option<f64>> {
    Ok(Some(context.caller.shared().default_timeout.get()).filter(|&seconds| seconds >= 0.0))
}

/// `socket.setdefaulttimeout(seconds | nil)`.
pub(crate) fn setdefaulttimeout(context: Context, timeout: Either<(), f64>) -> Result<()> {
    context.caller.shared().default_timeout.set(timeout.given().unwrap_or(-1.0));
    Ok(())
}
