//! Messages: gathered, scattered, and with ancillary data.

use super::Socket;
use super::call::Call;
use crate::address::{self, Address, Given};
use crate::error::{Error, Result};
use crate::lua::{Caller, Context, Descriptors, Flags, Gather, Items, Received, Scatter, Sequence, Size};
use crate::sys::{self, Arrival, Control, Errno, Item, Piece};

/// `socket:sendmsg(buffers [, ancdata [, flags [, address]]])`.
pub(super) fn sendmsg(
    context: Context,
    socket: &Socket,
    Gather(pieces): Gather,
    items: Option<Items>,
    Flags(flags): Flags,
    given: Option<Given>,
) -> Result<usize> {
    send(context, socket, pieces, items.map_or(&[], |Items(items)| items), flags, given)
}

/// `socket.send_fds(sock, buffers, fds [, flags [, address]])`.
pub(crate) fn send_fds(
    context: Context,
    socket: &Socket,
    Gather(pieces): Gather,
    Descriptors(descriptors): Descriptors,
    Flags(flags): Flags,
    given: Option<Given>,
) -> Result<usize> {
    send(context, socket, pieces, &[Item::of_descriptors(descriptors)], flags, given)
}

/// Sends to an address, when there is one, after audit hooks had their say.
fn send(
    context: Context,
    socket: &Socket,
    pieces: &[Piece],
    items: &[Item],
    flags: i32,
    given: Option<Given>,
) -> Result<usize> {
    let Some(given) = given else {
        context.caller.audit_self("socket.sendmsg", || None::<Address>)?;
        return deliver(context.caller, socket, pieces, items, flags, None);
    };
    let to = context.space.address(socket.proto);
    address::parse(socket.family, &given, to)?;
    context.caller.audit_self("socket.sendmsg", || *to)?;
    deliver(context.caller, socket, pieces, items, flags, Some(to)).map_err(|error| error.at(to))
}

/// Sends what hooks have not forbidden, or need not know.
pub(super) fn deliver(
    caller: Caller,
    socket: &Socket,
    pieces: &[Piece],
    items: &[Item],
    flags: i32,
    to: Option<&Address>,
) -> Result<usize> {
    check_count(pieces)?;
    if items.len() > sys::MOST_PIECES {
        return Err(Error::named(Errno::MESSAGE_SIZE, "too many items"));
    }
    if items.iter().any(Item::holds_descriptors) && !caller.shared().names_descriptors.get() {
        return Err(Error::misuse(3, "descriptors are not accepted here"));
    }
    let control = Control::of_items(items)?;
    let (call, flags) = Call::to_write(caller, socket).with_flags(flags);
    call.complete(|fd| sys::sendmsg(fd, pieces, &control, flags, to))
}

/// `socket:recvmsg(bufsize [, ancbufsize [, flags]])`: data, ancdata, msg_flags, address.
pub(super) fn recvmsg<'a>(
    context: Context<'a>,
    socket: &Socket,
    size: Size,
    room: Option<Size>,
    flags: Flags,
) -> Result<Received<'a, &'a [u8]>> {
    receive(context, socket, size, room.map_or(0, |Size(room)| room), flags, false)
}

/// `socket.recv_fds(sock, bufsize, maxfds [, flags])`: data, descriptors, msg_flags, address.
pub(crate) fn recv_fds<'a>(
    context: Context<'a>,
    socket: &Socket,
    size: Size,
    Size(most): Size,
    flags: Flags,
) -> Result<Received<'a, &'a [u8]>> {
    let bytes = u32::try_from(most * size_of::<sys::Descriptor>()).ok().filter(|&bytes| bytes <= sys::LONGEST_ITEM);
    let bytes = bytes.ok_or_else(|| Error::misuse(3, "too many descriptors"))?;
    receive(context, socket, size, sys::control_length(bytes), flags, true)
}

fn receive<'a>(
    context: Context<'a>,
    socket: &Socket,
    Size(size): Size,
    room: usize,
    Flags(flags): Flags,
    only_descriptors: bool,
) -> Result<Received<'a, &'a [u8]>> {
    let (mut data, address) = context.space.take_with_address(size, socket.proto)?;
    let mut control = Control::with_room(room)?;
    let Arrival { flags, .. } =
        arrive(context.caller, socket, flags, |fd, flags| sys::recvmsg(fd, &mut data, &mut control, flags, address))?;
    let descriptors = only_descriptors.then(|| Sequence(control.rights()));
    Ok(Received { head: data.into_filled(), control, flags, address, descriptors })
}

/// `socket:recvmsg_into(buffers [, ancbufsize [, flags]])`: nbytes, ancdata, msg_flags, address.
pub(super) fn recvmsg_into<'a>(
    context: Context<'a>,
    socket: &Socket,
    Scatter(pieces): Scatter,
    room: Option<Size>,
    Flags(flags): Flags,
) -> Result<Received<'a, usize>> {
    check_count(pieces)?;
    let address = context.space.address(socket.proto);
    let mut control = Control::with_room(room.map_or(0, |Size(room)| room))?;
    let Arrival { count, flags } =
        arrive(context.caller, socket, flags, |fd, flags| sys::recvmsg_into(fd, pieces, &mut control, flags, address))?;
    Ok(Received { head: count, control, flags, address, descriptors: None })
}

fn arrive(
    caller: Caller,
    socket: &Socket,
    flags: i32,
    mut attempt: impl FnMut(sys::Descriptor, i32) -> std::result::Result<Arrival, Errno>,
) -> Result<Arrival> {
    let (call, actual) = Call::to_read(caller, socket).with_flags(flags | sys::guard(socket.family));
    call.complete(|fd| attempt(fd, actual))
}

fn check_count(pieces: &[Piece]) -> Result<()> {
    if pieces.len() <= sys::MOST_PIECES { Ok(()) } else { Err(Error::named(Errno::MESSAGE_SIZE, "too many buffers")) }
}

/// `socket.CMSG_LEN(length)`.
pub(crate) fn cmsg_len(_: Context, length: u32) -> Result<usize> {
    check_item(sys::control_length(length))
}

/// `socket.CMSG_SPACE(length)`.
pub(crate) fn cmsg_space(_: Context, length: u32) -> Result<usize> {
    check_item(sys::control_space(length))
}

/// The system tells lengths in an `int`.
fn check_item(length: usize) -> Result<usize> {
    if length <= i32::MAX as usize { Ok(length) } else { Err(Error::misuse(1, "number out of range")) }
}
