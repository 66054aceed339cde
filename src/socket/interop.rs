//! Methods that other libraries (LuaSocket, LuaSec, cqueues) call on sockets.

use super::Socket;
use crate::error::{Error, Result};
use crate::lua::Context;
use crate::sys::Ready;

/// `socket:setfd(-1)`, by which LuaSec takes ownership of the descriptor: releases it without closing it. The
/// descriptor that a closed socket keeps for its streams stays with them.
pub(super) fn setfd(context: Context, socket: &Socket, fd: i64) -> Result<()> {
    if fd != -1 {
        return Err(Error::misuse(2, "-1 expected: socket.socket { fileno = fd } takes a descriptor"));
    }
    if socket.open_fd().is_ok() {
        socket.restore_blocking();
        socket.let_go(&context.caller.shared().open_objects);
    }
    Ok(())
}

/// `socket:dirty()`: whether received bytes are buffered, for LuaSocket's `select`. A socket buffers nothing.
pub(super) fn dirty(_: Context, _: &Socket) -> Result<bool> {
    Ok(false)
}

/// `socket:events()`: what the last call that would have blocked was waiting for, in cqueues' letters.
pub(super) fn events(_: Context, socket: &Socket) -> Result<&'static str> {
    Ok(match socket.waits_for.get() {
        Ready::READ => "r",
        _ => "w",
    })
}
