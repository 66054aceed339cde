//! The end of a socket, and its identity before.

use super::Socket;
use crate::error::{Message, Result};
use crate::lua::Context;
use crate::sys::{self, Descriptor, Errno};
use crate::text::Text;

/// `socket:close()`; also how a socket ends that is collected or goes out of scope.
pub(super) fn close(_: Context, socket: &Socket) -> Result<()> {
    match socket.take_fd().map_or(Ok(()), sys::close) {
        // The peer went first.
        Err(Errno::CONNECTION_RESET) | Ok(()) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// `socket:detach()`.
pub(super) fn detach(_: Context, socket: &Socket) -> Result<Descriptor> {
    socket.open_fd()?;
    Ok(socket.take_fd().unwrap_or(sys::NO_DESCRIPTOR))
}

/// `socket:fileno()`.
pub(super) fn fileno(_: Context, socket: &Socket) -> Result<Descriptor> {
    Ok(socket.fd())
}

/// `tostring(socket)`.
pub(super) fn describe(_: Context, socket: &Socket) -> Result<String> {
    let mut parts = vec![match socket.fd() {
        sys::NO_DESCRIPTOR => "closed".to_owned(),
        fd => format!("fd={fd}"),
    }];
    parts.push(format!("family={}", name_or_number("AF_", socket.family)));
    parts.push(format!("type={}", name_or_number("SOCK_", socket.kind)));
    parts.push(format!("proto={}", socket.proto));
    let ends = [("laddr", sys::getsockname(socket.fd())), ("raddr", sys::getpeername(socket.fd()))];
    for (end, address) in ends {
        if let Ok(address) = address
            && address.layout().is_some()
        {
            let mut text = Message::new();
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
