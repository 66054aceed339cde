//! What other libraries call on a socket that is handed to them.

use super::Socket;
use crate::error::{Error, Result};
use crate::lua::Context;
use crate::sys::Readiness;

/// `socket:setfd(-1)`, by which LuaSec says that the descriptor is its own from now on: releases it without closing it.
/// What a closed socket has left is its streams'.
pub(super) fn setfd(context: Context, socket: &Socket, fd: i64) -> Result<()> {
    if fd != -1 {
        return Err(Error::misuse(2, "-1 expected: socket.socket { fileno = fd } takes a descriptor"));
    }
    if socket.open_fd().is_ok() {
        socket.restore_blocking();
        socket.let_go(&context.caller.shared().held);
    }
    Ok(())
}

/// `socket:dirty()`: whether something was received that no call has returned, which LuaSocket's `select` would not see.
/// A socket keeps nothing back.
pub(super) fn dirty(_: Context, _: &Socket) -> Result<bool> {
    Ok(false)
}

/// `socket:events()`: what the last call that would have blocked was waiting for, in cqueues' letters.
pub(super) fn events(_: Context, socket: &Socket) -> Result<&'static str> {
    Ok(match socket.waits_for.get() {
        Readiness::Read => "r",
        Readiness::Write => "w",
    })
}
