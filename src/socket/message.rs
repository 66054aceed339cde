//! sendmsg, recvmsg and their like: scatter/gather and ancillary data.

use std::cell::Cell;

use super::Socket;
use super::call::Call;
use super::park;
use super::transfer::send_rest;
use crate::address::{Address, AddressArgument};
use crate::error::{Error, Result};
use crate::lua::{Caller, Context, Received};
use crate::sys::{self, Bytes, ControlBuffer, Errno, IoSlice, ReceiveBuffer};

/// `socket:sendmsg(buffers [, ancdata [, flags [, address]]])`.
pub(super) fn sendmsg(
    context: Context,
    socket: &Socket,
    pieces: &[IoSlice<Bytes>],
    items: Option<&[(i32, i32, Bytes)]>,
    flags: Option<i32>,
    given: Option<AddressArgument>,
) -> Result<usize> {
    send(context, socket, pieces, items.unwrap_or_default(), flags.unwrap_or(0), given)
}

/// `socket.send_fds(sock, buffers, fds [, flags [, address]])`.
#[cfg(unix)]
pub(crate) fn send_fds(
    context: Context,
    socket: &Socket,
    pieces: &[IoSlice<Bytes>],
    descriptors: &[sys::Descriptor],
    flags: Option<i32>,
    given: Option<AddressArgument>,
) -> Result<usize> {
    send(context, socket, pieces, &[sys::scm_rights(descriptors)], flags.unwrap_or(0), given)
}

/// Raises the audit event `socket.sendmsg`, then sends, to an address if there is one.
fn send(
    context: Context,
    socket: &Socket,
    pieces: &[IoSlice<Bytes>],
    items: &[(i32, i32, Bytes)],
    flags: i32,
    given: Option<AddressArgument>,
) -> Result<usize> {
    let Some(given) = given else {
        context.caller.audit_self("socket.sendmsg", || None::<Address>)?;
        return deliver(context.caller, socket, pieces, items, flags, None);
    };
    let to = context.space.address(socket.proto());
    park::parse_address(context.caller, socket.family(), &given, to)?;
    context.caller.obey(|limits| limits.check_destination(to)).map_err(|error| error.at(to))?;
    context.caller.audit_self("socket.sendmsg", || *to)?;
    deliver(context.caller, socket, pieces, items, flags, Some(to)).map_err(|error| error.sending_to(to))
}

/// Sends without an audit event.
pub(super) fn deliver(
    caller: Caller,
    socket: &Socket,
    pieces: &[IoSlice<Bytes>],
    items: &[(i32, i32, Bytes)],
    flags: i32,
    to: Option<&Address>,
) -> Result<usize> {
    check_count(pieces.len())?;
    if items.len() > sys::IOV_MAX {
        return Err(Error::named(Errno::MESSAGE_SIZE, "too many items"));
    }
    let holds_descriptors = items.iter().any(|&(level, kind, _)| sys::holds_descriptors(level, kind));
    if holds_descriptors && !caller.shared().names_descriptors.get() {
        return Err(Error::misuse(3, "descriptors are not accepted here"));
    }
    caller.obey(|limits| limits.check_control(socket.family(), items))?;
    let control = ControlBuffer::of_items(items)?;
    let (call, flags) = Call::to_send(caller, socket, flags)?;
    let (call, mut sent) = (call.to_address(to.is_some()), call.done());
    if sent == 0 {
        sent = call.complete(|fd| sys::sendmsg(fd, pieces, &control, flags, to))?;
    }
    if call.transfers_all() {
        // The ancillary data was sent with the first part.
        for (piece, skipped) in after(pieces.iter().map(|piece| piece.bytes().len()), sent) {
            let rest = pieces[piece].bytes().after(skipped);
            let count = send_rest(call, rest, flags, sent)?;
            sent += count;
            if count < rest.len() {
                break;
            }
        }
    }
    Ok(sent)
}

/// Which buffers of these lengths have bytes after the first `count` of all, and how many bytes of each are before.
fn after(lengths: impl Iterator<Item = usize>, mut count: usize) -> impl Iterator<Item = (usize, usize)> {
    lengths.enumerate().filter_map(move |(piece, length)| {
        let skipped = count.min(length);
        count -= skipped;
        (skipped < length).then_some((piece, skipped))
    })
}

/// `socket:recvmsg(bufsize [, ancbufsize [, flags]])`: data, ancdata, msg_flags, address.
pub(super) fn recvmsg<'a>(
    context: Context<'a>,
    socket: &Socket,
    size: usize,
    room: Option<usize>,
    flags: Option<i32>,
) -> Result<Received<'a, &'a [u8]>> {
    receive(context, socket, size, room.unwrap_or(0), flags, false)
}

/// `socket.recv_fds(sock, bufsize, maxfds [, flags])`: data, descriptors, msg_flags, address.
#[cfg(unix)]
pub(crate) fn recv_fds<'a>(
    context: Context<'a>,
    socket: &Socket,
    size: usize,
    most: usize,
    flags: Option<i32>,
) -> Result<Received<'a, &'a [u8]>> {
    let bytes = u32::try_from(most * size_of::<sys::Descriptor>()).ok().filter(|&bytes| bytes <= sys::MAX_CMSG_DATA);
    let bytes = bytes.ok_or_else(|| Error::misuse(3, "too many descriptors"))?;
    receive(context, socket, size, sys::cmsg_len(bytes), flags, true)
}

fn receive<'a>(
    context: Context<'a>,
    socket: &Socket,
    size: usize,
    room: usize,
    flags: Option<i32>,
    only_descriptors: bool,
) -> Result<Received<'a, &'a [u8]>> {
    let (mut data, address) = context.space.take_with_address(size, socket.proto())?;
    let mut control = ControlBuffer::with_room(room)?;
    let (call, given, at_once) = to_receive(context.caller, socket, flags.unwrap_or(0), room)?;
    let (count, flags) = call.complete_other(|fd| sys::recvmsg(fd, &mut data, &mut control, given, address))?;
    call.moved(count);
    if !at_once {
        call.receive_rest(&mut data, given, count)?;
    }
    let descriptors = only_descriptors.then(|| control.rights());
    Ok(Received { head: data.into_filled(), control, flags, address, descriptors })
}

/// `socket:recvmsg_into(buffers [, ancbufsize [, flags]])`: nbytes, ancdata, msg_flags, address.
pub(super) fn recvmsg_into<'a>(
    context: Context<'a>,
    socket: &Socket,
    pieces: &[IoSlice<&[Cell<u8>]>],
    room: Option<usize>,
    flags: Option<i32>,
) -> Result<Received<'a, usize>> {
    check_count(pieces.len())?;
    let address = context.space.address(socket.proto());
    let room = room.unwrap_or(0);
    let mut control = ControlBuffer::with_room(room)?;
    let (call, given, at_once) = to_receive(context.caller, socket, flags.unwrap_or(0), room)?;
    let (mut count, flags) = call.complete_other(|fd| sys::recvmsg_into(fd, pieces, &mut control, given, address))?;
    call.moved(count);
    if !at_once {
        for (piece, skipped) in after(pieces.iter().map(|piece| piece.cells().len()), count) {
            let mut part = ReceiveBuffer::of_cells(&pieces[piece].cells()[skipped..]);
            count = call.receive_rest(&mut part, given, count)?;
            if part.left() > 0 {
                break;
            }
        }
    }
    Ok(Received { head: count, control, flags, address, descriptors: None })
}

/// The call, the flags for the system call, and whether a single system call has to receive all bytes: several would
/// not give the same ancillary data, nor the same bytes with MSG_PEEK.
#[allow(clippy::bad_bit_mask, reason = "some systems have no such flag")]
fn to_receive<'a>(caller: Caller<'a>, socket: &'a Socket, flags: i32, room: usize) -> Result<(Call<'a>, i32, bool)> {
    let given = flags | sys::cmsg_cloexec_flag(socket.family());
    let (call, flags) = Call::to_read(caller, socket).with_flags(given);
    // In a task one attempt is all: what it received would have to be kept with its ancillary data.
    let at_once = room > 0 || given & sys::PEEK != 0 || call.is_of_task();
    Ok((call, if at_once { call.flags_at_once(given, flags)? } else { flags }, at_once))
}

fn check_count(pieces: usize) -> Result<()> {
    if pieces <= sys::IOV_MAX { Ok(()) } else { Err(Error::named(Errno::MESSAGE_SIZE, "too many buffers")) }
}

/// `socket.CMSG_LEN(length)`.
pub(crate) fn cmsg_len(_: Context, length: u32) -> Result<usize> {
    check_item(sys::cmsg_len(length))
}

/// `socket.CMSG_SPACE(length)`.
pub(crate) fn cmsg_space(_: Context, length: u32) -> Result<usize> {
    check_item(sys::cmsg_space(length))
}

/// Fails for a length that does not fit into an `int`.
fn check_item(length: usize) -> Result<usize> {
    if length <= i32::MAX as usize { Ok(length) } else { Err(Error::misuse(1, "number out of range")) }
}
