//! Closing, detaching, describing.

use super::Socket;
use crate::error::Result;
use crate::lua::{Caller, Context, OpenObjects};
use crate::sys::{self, Descriptor, Errno};
use crate::text::Text;

/// `socket:close()`, `<close>` and `__gc`.
pub(super) fn close(context: Context, socket: &Socket) -> Result<()> {
    close_socket(context.caller, socket)
}

/// Closes a socket, if it is open.
pub(crate) fn close_socket(caller: Caller, socket: &Socket) -> Result<()> {
    let held = &caller.shared().open_objects;
    caller.trace_close(socket, || socket.end(held).map(|fd| close_fd(held, fd)))
}

/// Closes the descriptor of a socket and its streams when the Lua state is closed, or the host wants it closed.
pub(crate) fn end_socket(socket: &Socket, held: &OpenObjects) {
    if let Some(fd) = socket.take_fd() {
        // No caller is left to report a failure to.
        let _ = close_fd(held, fd);
    }
}

/// Releases a stream's use of its socket, and closes the descriptor if it was the last use.
pub(crate) fn give_back(caller: Caller, socket: &Socket) -> Result<()> {
    let held = &caller.shared().open_objects;
    caller.trace_close(socket, || socket.give_back(held).map(|fd| close_fd(held, fd)))
}

/// Closes a descriptor. ECONNRESET counts as success.
fn close_fd(held: &OpenObjects, fd: Descriptor) -> Result<()> {
    if held.hurries() {
        sys::end_linger(fd);
    }
    match sys::close(fd) {
        Err(Errno::CONNECTION_RESET) | Ok(()) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// `socket:detach()`.
pub(super) fn detach(context: Context, socket: &Socket) -> Result<Descriptor> {
    socket.open_fd()?;
    socket.restore_blocking();
    Ok(socket.let_go(&context.caller.shared().open_objects).unwrap_or(sys::NO_DESCRIPTOR))
}

/// `socket:fileno()`.
pub(super) fn fileno(_: Context, socket: &Socket) -> Result<Descriptor> {
    Ok(socket.open_fd().unwrap_or(sys::NO_DESCRIPTOR))
}

/// `socket:get_inheritable()`.
pub(super) fn get_inheritable(_: Context, socket: &Socket) -> Result<bool> {
    Ok(sys::get_inheritable(socket.fd())?)
}

/// `socket:set_inheritable(flag)`.
pub(super) fn set_inheritable(_: Context, socket: &Socket, inheritable: bool) -> Result<()> {
    Ok(sys::set_inheritable(socket.fd(), inheritable)?)
}

/// `socket.close(fd)`.
pub(crate) fn close_descriptor(context: Context, fd: Descriptor) -> Result<()> {
    let held = &context.caller.shared().open_objects;
    held.scheduler.forget(fd);
    close_fd(held, fd)
}

/// `socket.dup(fd)`: a duplicate of a descriptor, close-on-exec.
pub(crate) fn dup_descriptor(_: Context, fd: Descriptor) -> Result<Descriptor> {
    Ok(sys::into_raw_fd(sys::duplicate(fd)?))
}

/// `socket.type(value)`: `"socket"`, `"closed socket"`, or nothing for what is no socket.
pub(crate) fn type_of(_: Context, value: std::result::Result<&Socket, ()>) -> Result<Option<&'static str>> {
    Ok(value.ok().map(|socket| if socket.open_fd().is_ok() { "socket" } else { "closed socket" }))
}

/// `tostring(socket)`.
pub(super) fn describe(_: Context, socket: &Socket) -> Result<String> {
    let mut parts = vec![socket.open_fd().map_or("closed".to_owned(), |fd| format!("fd={fd}"))];
    parts.push(format!("family={}", name_or_number("AF_", socket.family())));
    parts.push(format!("type={}", name_or_number("SOCK_", socket.kind())));
    parts.push(format!("proto={}", socket.proto()));
    let ends = [("laddr", sys::getsockname(socket.fd())), ("raddr", sys::getpeername(socket.fd()))];
    for (end, address) in ends {
        if let Ok(address) = address.map(|address| address.of(socket.proto()))
            && address.layout().is_some()
        {
            let mut text = Text::new();
            address.describe(&mut text);
            parts.push(format!("{end}={text}"));
        }
    }
    Ok(format!("socket ({})", parts.join(", ")))
}

fn name_or_number(prefix: &str, value: u16) -> Text<24> {
    match crate::constants::name(prefix, value.into()) {
        Some(name) => Text::format(format_args!("{name}")),
        None => Text::format(format_args!("{value}")),
    }
}
