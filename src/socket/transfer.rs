//! send, recv and their like.

use super::Socket;
use super::call::Call;
use super::deadline::Deadline;
use super::park;
use crate::address::AddressArgument;
use crate::error::{Error, Result};
use crate::lua::{Context, Either, Memory, Results, interned};
use crate::sys::{self, Bytes, ReceiveBuffer};

/// `socket:recv(bufsize [, flags])`.
#[inline(always)]
pub(super) fn recv<'a>(context: Context<'a>, socket: &Socket, size: usize, flags: Option<i32>) -> Result<&'a [u8]> {
    if size == 0 {
        socket.open_fd()?;
        return Ok(b"");
    }
    let mut data = context.space.take(size)?;
    let (call, flags) = Call::to_read(context.caller, socket).with_flags(flags.unwrap_or(0));
    let mut count = call.restore(&mut data);
    if count == 0 {
        count = call.complete(|fd| call.receive_part(&mut data, flags, |data| sys::recv(fd, data, flags)))?;
        call.received(count, size);
    }
    match call.receive_rest(&mut data, flags, count) {
        Err(error) => Err(call.keep(data.into_filled(), error)),
        Ok(_) => Ok(data.into_filled()),
    }
}

/// `socket:recvfrom(bufsize [, flags])`.
pub(super) fn recvfrom<'a>(
    context: Context<'a>,
    socket: &Socket,
    size: usize,
    flags: Option<i32>,
) -> Result<(&'a [u8], impl Results)> {
    let (mut data, address) = context.space.take_with_address(size, socket.proto())?;
    let (call, flags) = Call::to_read(context.caller, socket).with_flags(flags.unwrap_or(0));
    let mut count = call.restore(&mut data);
    if count == 0 {
        count =
            call.complete(|fd| call.receive_part(&mut data, flags, |data| sys::recvfrom(fd, data, flags, address)))?;
    }
    match call.receive_rest(&mut data, flags, count) {
        Err(error) => Err(call.keep(data.into_filled(), error)),
        Ok(_) => Ok((data.into_filled(), interned(address))),
    }
}

/// `socket:recv_into(buffer [, nbytes [, flags]])`.
pub(super) fn recv_into(
    context: Context,
    socket: &Socket,
    buffer: &Memory,
    size: Option<usize>,
    flags: Option<i32>,
) -> Result<usize> {
    let mut target = part(buffer, size)?;
    if target.left() == 0 {
        socket.open_fd()?;
        return Ok(0);
    }
    let (call, flags) = Call::to_read(context.caller, socket).with_flags(flags.unwrap_or(0));
    let done = call.done();
    if done > 0 {
        return call.receive_rest(
            &mut ReceiveBuffer::of_cells(&buffer.cells()[done..done + target.left() - done]),
            flags,
            done,
        );
    }
    let count = call.complete(|fd| call.receive_part(&mut target, flags, |target| sys::recv(fd, target, flags)))?;
    call.receive_rest(&mut target, flags, count)
}

/// `socket:recvfrom_into(buffer [, nbytes [, flags]])`.
pub(super) fn recvfrom_into<'a>(
    context: Context<'a>,
    socket: &Socket,
    buffer: &Memory,
    size: Option<usize>,
    flags: Option<i32>,
) -> Result<(usize, impl Results)> {
    let mut target = part(buffer, size)?;
    let address = context.space.address(socket.proto());
    if target.left() == 0 {
        socket.open_fd()?;
        return Ok((0, interned(address)));
    }
    let (call, flags) = Call::to_read(context.caller, socket).with_flags(flags.unwrap_or(0));
    let done = call.done();
    if done > 0 {
        let mut rest = ReceiveBuffer::of_cells(&buffer.cells()[done..done + target.left() - done]);
        return Ok((call.receive_rest(&mut rest, flags, done)?, interned(address)));
    }
    let count =
        call.complete(|fd| call.receive_part(&mut target, flags, |target| sys::recvfrom(fd, target, flags, address)))?;
    Ok((call.receive_rest(&mut target, flags, count)?, interned(address)))
}

/// The first `size` bytes of a buffer, all of it when that is 0 or left out.
#[inline(always)]
fn part(buffer: &Memory, size: Option<usize>) -> Result<ReceiveBuffer<'_, true>> {
    let cells = buffer.cells();
    match size {
        None | Some(0) => Ok(ReceiveBuffer::of_cells(cells)),
        Some(size) => {
            cells.get(..size).map(ReceiveBuffer::of_cells).ok_or_else(|| Error::misuse(3, "buffer too small"))
        }
    }
}

/// `socket:send(bytes [, flags])`.
#[inline(always)]
pub(super) fn send(context: Context, socket: &Socket, data: Bytes, flags: Option<i32>) -> Result<usize> {
    let (call, flags) = Call::to_send(context.caller, socket, flags.unwrap_or(0))?;
    let mut sent = call.done();
    if sent == 0 {
        sent = call.complete(|fd| sys::send(fd, data, flags))?;
    }
    if sent < data.len() && call.transfers_all() {
        sent += send_rest(call, data.after(sent), flags, sent)?;
    }
    Ok(sent)
}

/// Sends the rest after a partial send of a blocking socket, caused by a signal or by MSG_DONTWAIT, and returns how
/// many bytes were sent, `before` not counted. An error is left to the next call; only a task's wait is returned.
#[cold]
pub(super) fn send_rest(call: Call, data: Bytes, flags: i32, before: usize) -> Result<usize> {
    let mut sent = 0;
    while sent < data.len() && call.check_hook().is_ok() {
        call.has_done(before + sent);
        match call.complete(|fd| sys::send(fd, data.after(sent), flags)) {
            Ok(count) => sent += count,
            Err(Error::Parked) => return Err(Error::Parked),
            Err(_) => break,
        }
    }
    Ok(sent)
}

/// `socket:sendall(bytes [, flags])`: the timeout counts for the whole call.
pub(super) fn sendall(context: Context, socket: &Socket, data: Bytes, flags: Option<i32>) -> Result<()> {
    let (call, flags) = Call::to_send(context.caller, socket, flags.unwrap_or(0))?;
    let sent = call.done();
    send_by(call, &mut Deadline::from_now(context.caller, socket), socket, data, (flags, sent))
}

/// Sends all of `data` by a deadline, except the bytes that an earlier attempt has sent. A failure carries the number of
/// bytes that were sent.
pub(crate) fn send_by(
    call: Call,
    deadline: &mut Deadline,
    socket: &Socket,
    data: Bytes,
    (flags, mut sent): (i32, usize),
) -> Result<()> {
    loop {
        call.has_done(sent);
        let step = call.complete_by(deadline, |fd| sys::send(fd, data.after(sent), flags));
        sent += step.map_err(|error| error.after(sent))?;
        if sent >= data.len() {
            return Ok(());
        }
        // A signal may have interrupted the system call after a part.
        let goes_on = call.check_hook().and_then(|()| deadline.left(call.caller, socket));
        goes_on.map_err(|error| error.after(sent))?;
    }
}

/// `socket:sendto(bytes, [flags,] address)`.
pub(super) fn sendto(
    context: Context,
    socket: &Socket,
    data: Bytes,
    flags: Either<(), i32>,
    address: AddressArgument,
) -> Result<usize> {
    let to = context.space.address(socket.proto());
    park::parse_address(context.caller, socket.family(), &address, to)?;
    context.caller.obey(|limits| limits.check_destination(to)).map_err(|error| error.at(to))?;
    context.caller.audit_self("socket.sendto", || *to)?;
    let (call, flags) = Call::to_send(context.caller, socket, flags.given().unwrap_or(0))?;
    let (call, mut sent) = (call.to_address(true), call.done());
    if sent == 0 {
        sent = call.complete(|fd| sys::sendto(fd, data, flags, to)).map_err(|error| error.sending_to(to))?;
    }
    if sent < data.len() && call.transfers_all() {
        sent += send_rest(call, data.after(sent), flags, sent)?;
    }
    Ok(sent)
}
