//! Datagrams.

use super::class::{CONNECTED, DGRAM, UDP, UDP_UNCONNECTED, UNCONNECTED};
use super::lifetime::open;
use super::names::name;
use super::object::Object;
use super::words::{failed, words};
use crate::address;
use crate::error::{Error, Result};
use crate::lua::{Caller, Context, Either, Of, Results, Words};
use crate::names;
use crate::socket::Call;
use crate::sys::{self, Address, Bytes, Errno, headers};

/// The size of the datagrams that are received whole by default, and the largest.
const SIZE: f64 = 8192.0;
const MOST: usize = 1 << 24;

/// The words for a failure; `refused` for a peer that is gone.
fn refused(object: &Object, error: Error) -> Result<(Option<i32>, Words)> {
    let words = words(error, "refused")?;
    Ok((None, if object.socket.open_fd().is_ok() { words } else { Words::Known("refused") }))
}

/// How many bytes to receive; words for a number that is none of bytes.
fn size(object: &Object, wanted: Option<f64>) -> std::result::Result<usize, &'static str> {
    let wanted = wanted.unwrap_or(SIZE);
    if object.socket.open_fd().is_err() {
        return Err("closed");
    }
    // As LuaSocket converts it, a negative number is a very large one.
    if wanted < 0.0 || wanted > f64::from(i32::MAX) { Err("out of memory") } else { Ok((wanted as usize).min(MOST)) }
}

/// `object:receive([size])`.
pub(super) fn receive<'a>(
    context: Context<'a>,
    Of(object): Of<'a, { UDP | DGRAM }>,
    wanted: Option<f64>,
) -> Result<impl Results> {
    let size = match size(object, wanted) {
        Ok(size) => size,
        Err(words) => return Ok(Either::Right((None, Words::Known(words)))),
    };
    let mut data = match context.space.take(size) {
        Ok(data) => data,
        Err(error) => return Ok(Either::Right(refused(object, error)?)),
    };
    let (call, flags) = Call::to_read(context.caller, &object.socket).with_flags(0);
    match call.complete(|fd| sys::recv(fd, &mut data, flags)) {
        Ok(_) => Ok(Either::Left(data.into_filled())),
        Err(error) => Ok(Either::Right(refused(object, error)?)),
    }
}

/// `object:receivefrom([size])`: also the sender's host and port, or path.
pub(super) fn receivefrom<'a>(
    context: Context<'a>,
    Of(object): Of<'a, UNCONNECTED>,
    wanted: Option<f64>,
) -> Result<impl Results> {
    let size = match size(object, wanted) {
        Ok(size) => size,
        Err(words) => return Ok(Either::Right((None, Words::Known(words)))),
    };
    let (mut data, address) = match context.space.take_with_address(size, object.socket.proto()) {
        Ok(room) => room,
        Err(error) => return Ok(Either::Right(refused(object, error)?)),
    };
    let (call, flags) = Call::to_read(context.caller, &object.socket).with_flags(0);
    match call.complete(|fd| sys::recvfrom(fd, &mut data, flags, address)) {
        Ok(_) => {
            let (host, port) = name(address);
            let is_local = object.class.get() & DGRAM != 0;
            let sender = if is_local { Either::Left(host) } else { Either::Right((host, port)) };
            Ok(Either::Left((data.into_filled(), sender)))
        }
        Err(error) => Ok(Either::Right(refused(object, error)?)),
    }
}

/// `object:send(data)`.
pub(super) fn send(context: Context, Of(object): Of<CONNECTED>, data: &[u8]) -> Result<impl Results> {
    let (call, flags) = Call::to_send(context.caller, &object.socket, 0)?;
    match call.complete(|fd| sys::send(fd, data.into(), flags)) {
        Ok(count) => Ok(Either::Left(count)),
        Err(error) => Ok(Either::Right(refused(object, error)?)),
    }
}

/// `udp:sendto(data, host, port)`: the host is numeric.
pub(super) fn sendto(
    context: Context,
    Of(object): Of<UDP_UNCONNECTED>,
    data: &[u8],
    host: &[u8],
    port: std::result::Result<u16, &[u8]>,
) -> Result<impl Results> {
    let to = context.space.address(object.socket.proto());
    if let Err(error) = numeric(object.family.get(), host, port, to) {
        return match error.cause() {
            // The words of getaddrinfo(3) are the system's here.
            Some(cause) => Ok(Either::Right((None, Words::Of(cause)))),
            None => Err(error),
        };
    }
    if object.family.get() == sys::ANY_FAMILY && object.socket.open_fd().is_err() {
        let opened = open(context.caller, to.family().into(), headers::SOCK_DGRAM);
        match opened.and_then(|new| context.caller.shared().adopt(&object.socket, new)) {
            Ok(()) => object.family.set(to.family().into()),
            Err(error) => return Ok(Either::Right(failed(error)?)),
        }
    }
    send_to(context.caller, object, data, to)
}

/// A numeric host and port.
fn numeric(family: i32, host: &[u8], port: std::result::Result<u16, &[u8]>, to: &mut Address) -> Result<()> {
    let text = std::str::from_utf8(host).unwrap_or_default();
    if let (Ok(port), Ok(host)) = (port, text.parse::<std::net::Ipv4Addr>())
        && family != headers::AF_INET6
    {
        address::set_internet(to, host.octets(), port);
        return Ok(());
    }
    let digits = port.map(|port| port.to_string());
    let service = digits.as_ref().map_or_else(|port| *port, |port| port.as_bytes());
    let (node, service) = (names::terminated(host, 3, "host")?, names::terminated(service, 4, "port")?);
    let hints = [family, headers::SOCK_DGRAM, 0, headers::AI_NUMERICHOST | headers::AI_NUMERICSERV];
    let found = sys::getaddrinfo(Some(&node), Some(&service), hints);
    let found = found.map_err(|error| Error::from(crate::error::Cause::from(error)))?;
    *to = found.first().ok_or(Errno::INVALID)?.address;
    Ok(())
}

/// Sends to an address.
pub(super) fn send_to(
    caller: Caller,
    object: &Object,
    data: &[u8],
    to: &Address,
) -> Result<Either<usize, (Option<i32>, Words)>> {
    let allowed = caller.obey(|limits| limits.check_destination(to));
    let sent = allowed.and_then(|()| caller.audit_self("socket.sendto", || *to)).and_then(|()| {
        let (call, flags) = Call::to_send(caller, &object.socket, 0)?;
        call.to_address(true).complete(|fd| sys::sendto(fd, Bytes::from(data), flags, to))
    });
    match sent {
        Ok(count) => Ok(Either::Left(count)),
        Err(error) => Ok(Either::Right(refused(object, error)?)),
    }
}
