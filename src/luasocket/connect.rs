//! bind, connect, listen, accept and shutdown of Internet sockets, and `setpeername` and `setsockname` of UDP.

use std::time::{Duration, Instant};

use super::class::{
    CLIENT, MASTER, SERVER, STREAM_CLIENT, STREAM_SERVER, TCP, TCP_CLIENT, TCP_MASTER, TCP_SERVER, UDP, UDP_CONNECTED,
    UDP_UNCONNECTED,
};
use super::lifetime::{open, shut};
use super::object::Object;
use super::words::told;
use crate::address::Port;
use crate::error::{Cause, Error, Result};
use crate::lua::{Caller, Context, Either, Of, Results, Words, new_object, reclassed};
use crate::resolve;
use crate::socket;
use crate::sys::{self, AddrInfo, ResolverError, headers};

/// A look-up that may take so long is made by a thread, and Ctrl-C ends the wait for it. LuaSocket's timeouts do not count
/// for look-ups.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// The addresses of a host and a service for an object, the arguments behind it.
fn look_up(caller: Caller, object: &Object, host: Option<&[u8]>, port: &[u8], flags: i32) -> Result<Vec<AddrInfo>> {
    let hints = [object.family.get(), object.socket.kind().into(), 0, flags];
    let end = Instant::now().checked_add(LONGEST);
    let found = resolve::resolve(caller, host, Some(Port::Name(port)), [2, 3], hints, end)?;
    if found.is_empty() { Err(Cause::Resolver(ResolverError::NO_NAME).into()) } else { Ok(found) }
}

/// Gives the object a socket of the address's family, if it has none.
fn ready(caller: Caller, object: &Object, family: i32) -> Result<()> {
    let socket = &object.socket;
    if socket.open_fd().is_ok() && i32::from(socket.family()) == family {
        return Ok(());
    }
    let new = open(caller, family, socket.kind().into())?;
    shut(caller, object);
    caller.shared().adopt(socket, new)
}

/// Connects to one address after the other. In a task each wait makes the call again.
fn connect_to(caller: Caller, object: &Object, host: &[u8], port: &[u8]) -> Result<()> {
    let found = look_up(caller, object, Some(host), port, 0)?;
    let socket = &object.socket;
    let mut outcome = Ok(());
    let (first, mut is_audited) = caller.task_call().map_or((0, false), |task_call| task_call.reached());
    for (n, found) in found.iter().enumerate().skip(first) {
        let reach = |raised| caller.task_call().into_iter().for_each(|task_call| task_call.reach(n, raised));
        outcome = if std::mem::take(&mut is_audited) {
            Ok(())
        } else {
            reach(false);
            let opened = ready(caller, object, found.family);
            let audited = opened.and_then(|()| caller.audit_self("socket.connect", || found.address));
            audited.inspect(|()| reach(true))
        };
        outcome = outcome.and_then(|()| socket::connect_to(caller, socket, &found.address));
        match &outcome {
            Err(error) if error.cause().is_none() || matches!(error, Error::Raised(_)) => return outcome,
            Err(_) if socket.timeout.get() != 0.0 && !caller.is_cancelled() => {}
            _ => {
                object.family.set(found.family);
                break;
            }
        }
    }
    outcome
}

/// `tcp:connect(host, port)`. The class changes even if it fails: a connection may be on its way.
pub(super) fn connect(context: Context, Of(object): Of<TCP>, host: &[u8], port: &[u8]) -> Result<impl Results> {
    let outcome = told(connect_to(context.caller, object, host, port).map(|()| 1))?;
    object.class.set(TCP_CLIENT);
    Ok(reclassed(TCP_CLIENT, outcome))
}

/// `udp:setpeername(host, port)`; `"*"` as the host ends the connection.
pub(super) fn setpeername(
    context: Context,
    Of(object): Of<UDP>,
    host: &[u8],
    port: Option<&[u8]>,
) -> Result<impl Results> {
    let before = object.class.get();
    let (outcome, class) = match (host, port) {
        (b"*", _) => {
            // Some systems report a failure where there is none.
            match socket::disconnect(context.caller, &object.socket) {
                Err(error @ (Error::Vetoed | Error::Parked)) => return Err(error),
                _ => (Either::Left(1), UDP_UNCONNECTED),
            }
        }
        (_, None) => return Err(Error::misuse(3, "string expected, got no value")),
        (host, Some(port)) => {
            let outcome = told(connect_to(context.caller, object, host, port).map(|()| 1))?;
            let class = if matches!(outcome, Either::Left(_)) { UDP_CONNECTED } else { before };
            (outcome, class)
        }
    };
    object.class.set(class);
    Ok(reclassed(class, outcome))
}

fn bind_to(caller: Caller, object: &Object, host: &[u8], port: &[u8]) -> Result<i32> {
    let host = Some(host).filter(|&host| host != b"*");
    let mut outcome = Ok(1);
    for found in look_up(caller, object, host, port, headers::AI_PASSIVE)? {
        outcome = ready(caller, object, found.family)
            .and_then(|()| socket::bind_to(caller, &object.socket, &found.address))
            .map(|()| 1);
        match &outcome {
            Ok(_) => {
                object.family.set(found.family);
                break;
            }
            Err(error) if error.cause().is_none() => break,
            Err(_) => {}
        }
    }
    outcome
}

/// `tcp:bind(host, port)`; `"*"` is any host.
pub(super) fn bind(context: Context, Of(object): Of<TCP_MASTER>, host: &[u8], port: &[u8]) -> Result<impl Results> {
    told(bind_to(context.caller, object, host, port))
}

/// `udp:setsockname(host, port)`.
pub(super) fn setsockname(
    context: Context,
    Of(object): Of<UDP_UNCONNECTED>,
    host: &[u8],
    port: &[u8],
) -> Result<impl Results> {
    told(bind_to(context.caller, object, host, port))
}

/// `object:listen([backlog])` of TCP and Unix streams.
pub(super) fn listen(context: Context, Of(object): Of<MASTER>, backlog: Option<f64>) -> Result<impl Results> {
    let backlog = backlog.map_or(32, |backlog| backlog as i32);
    let outcome = told(socket::listen_on(context.caller, &object.socket, backlog).map(|()| 1))?;
    let class = object.class.get();
    let class = match outcome {
        Either::Left(_) if class & TCP != 0 => TCP_SERVER,
        Either::Left(_) => STREAM_SERVER,
        Either::Right(_) => class,
    };
    // Another process may take a connection away between poll(2) and accept(2).
    object.socket.stop_blocking();
    object.class.set(class);
    Ok(reclassed(class, outcome))
}

/// `server:accept()`.
pub(super) fn accept(context: Context, Of(object): Of<SERVER>) -> Result<impl Results> {
    let class = if object.class.get() & TCP != 0 { TCP_CLIENT } else { STREAM_CLIENT };
    if object.socket.open_fd().is_err() {
        return Ok(Either::Right((None, Words::Known("closed"))));
    }
    let accepted = socket::next_connection(context.caller, &object.socket, -1.0);
    told(accepted.map(|(new, _)| {
        new.socket.keep_time();
        new_object(class, new)
    }))
}

/// `client:shutdown([how])`.
pub(super) fn shutdown(_: Context, Of(object): Of<CLIENT>, how: Option<&[u8]>) -> Result<i32> {
    let how = match how {
        None | Some(b"both") => headers::SHUT_RDWR,
        Some(b"send") => headers::SHUT_WR,
        Some(b"receive") => headers::SHUT_RD,
        Some(other) => return Err(Error::misuse(2, format!("invalid option '{}'", String::from_utf8_lossy(other)))),
    };
    let _ = sys::shutdown(object.socket.fd(), how);
    Ok(1)
}
