//! bind, listen, accept, connect, shutdown.

use std::time::Duration;

use super::call::Call;
use super::deadline::Deadline;
use super::park;
use super::{NewSocket, Socket, create};
use crate::address::{self, Address, AddressArgument};
use crate::error::{Cause, Error, Result};
use crate::lua::{Caller, Context, Either, Results, SIGNALS_RESTART_CALLS, interned};
use crate::resolve;
use crate::sys::{self, Errno};
use crate::tasks::TaskCall;

/// `socket:accept()`.
pub(super) fn accept(context: Context, socket: &Socket) -> Result<(NewSocket, impl Results)> {
    let (new, address) = next_connection(context.caller, socket, context.caller.shared().default_timeout.get())?;
    Ok((new, interned(address)))
}

/// Accepts a connection, whose socket has a timeout.
pub(crate) fn next_connection(caller: Caller, socket: &Socket, timeout: f64) -> Result<(NewSocket, Address)> {
    socket.open_fd()?;
    // A connection for which there is no place stays in the queue.
    let place = create::admit(caller)?;
    let call = Call::to_accept(caller, socket);
    let mut deadline = Deadline::NotStarted;
    call.wait_for_connection(&mut deadline)?;
    let (owned, address) =
        call.complete_other_by(&mut deadline, |fd| sys::accept(fd, timeout >= 0.0, socket.family()))?;
    create::audit_new_socket(caller, socket.family().into(), socket.kind().into(), socket.proto())?;
    let new = NewSocket::new(owned, place, (socket.family(), socket.kind()), socket.proto(), timeout);
    new.socket.inherit(socket);
    let address = address.of(socket.proto());
    caller.trace_success(|| Some(address));
    Ok((new, address))
}

impl Call<'_> {
    /// Waits until accept(2), which has no MSG_DONTWAIT, would not block, where it must not sleep in the kernel.
    fn wait_for_connection(self, deadline: &mut Deadline) -> Result<()> {
        if self.caller.must_not_sleep() {
            return Ok(self.keep_unblocked()?);
        }
        // With a timeout the descriptor does not block, as a rule; without one it does.
        let asks_first = SIGNALS_RESTART_CALLS && self.socket.blocks();
        if !asks_first && !self.could_sleep()? {
            return Ok(());
        }
        match sys::wait(self.fd, self.readiness, Some(Duration::ZERO)) {
            // accept(2) fails at once on a socket that does not listen.
            Ok(false) if self.could_sleep()? && sys::is_listening(self.fd) => {}
            Ok(_) => return Ok(()),
            Err(Errno::INTERRUPTED) => return self.check_hook(),
            Err(errno) => return Err(errno.into()),
        }
        self.would_wait();
        if !self.may_wait()? {
            return Err(Errno::WOULD_BLOCK.into());
        }
        self.wait_again(deadline, &mut 0)
    }
}

/// `socket:bind(address)`.
pub(super) fn bind(context: Context, socket: &Socket, given: AddressArgument) -> Result<()> {
    let address = context.space.address(socket.proto());
    resolve::parse(context.caller, socket.family(), &given, address)?;
    bind_to(context.caller, socket, address).map_err(|error| error.at(address))
}

/// Binds the socket that the method was called on.
pub(crate) fn bind_to(caller: Caller, socket: &Socket, address: &Address) -> Result<()> {
    caller.obey(|limits| limits.check_bind(address))?;
    caller.audit_self("socket.bind", || *address)?;
    Ok(sys::bind(socket.fd(), address)?)
}

/// `socket:listen([backlog])`.
pub(super) fn listen(context: Context, socket: &Socket, backlog: Option<i32>) -> Result<()> {
    listen_on(context.caller, socket, backlog.unwrap_or(sys::DEFAULT_BACKLOG).max(0))
}

/// Has the socket that the method was called on listen.
pub(crate) fn listen_on(caller: Caller, socket: &Socket, backlog: i32) -> Result<()> {
    // listen(2) binds an unbound Internet socket to the wildcard address.
    if caller.has_hooks() || caller.limits().is_some() {
        let address = sys::getsockname(socket.fd())?;
        if address.port() == Some(0) {
            caller.obey(|limits| limits.check_bind(&address)).map_err(|error| error.at(&address))?;
            caller.audit_self("socket.bind", || address)?;
        }
    }
    Ok(sys::listen(socket.fd(), backlog)?)
}

/// `socket:connect(address)`.
pub(super) fn connect(context: Context, socket: &Socket, peer: Either<(), AddressArgument>) -> Result<()> {
    let Some(given) = peer.given() else { return disconnect(context.caller, socket) };
    let address = context.space.address(socket.proto());
    park::parse_address(context.caller, socket.family(), &given, address)?;
    context.caller.audit_self("socket.connect", || *address)?;
    connect_to(context.caller, socket, address).map_err(|error| told(error, address).at(address))?;
    context.caller.trace_success(|| Some(*address));
    Ok(())
}

/// The refusal of a Unix socket, which is the same where nobody listens and where the path leads to no socket.
fn told(error: Error, address: &Address) -> Error {
    match (&error, address.path()) {
        (Error::Plain(Cause::System(Errno::REFUSED)), Some(path)) if sys::is_other_file(path) => {
            Error::named(Errno::REFUSED, "Connection refused: the file is no socket")
        }
        _ => error,
    }
}

/// `socket:connect_ex(address)`: the error number in place of a failure, 0 in place of success.
pub(super) fn connect_ex(context: Context, socket: &Socket, peer: Either<(), AddressArgument>) -> Result<i32> {
    let outcome = match peer.given() {
        None => disconnect(context.caller, socket),
        Some(given) => {
            let address = context.space.address(socket.proto());
            park::parse_address(context.caller, socket.family(), &given, address)?;
            context.caller.audit_self("socket.connect", || *address)?;
            let outcome = connect_to(context.caller, socket, address);
            match &outcome {
                Ok(()) => context.caller.trace_success(|| Some(*address)),
                Err(error) => context.caller.trace_failure(error),
            }
            outcome
        }
    };
    match outcome {
        Ok(()) => Ok(0),
        Err(error) => error.cause().and_then(|cause| cause.errno()).map(|errno| errno.0).ok_or(error),
    }
}

/// Connects to an address of AF_UNSPEC: the socket has no peer any more.
pub(crate) fn disconnect(caller: Caller, socket: &Socket) -> Result<()> {
    caller.audit_self("socket.connect", address::unspecified)?;
    loop {
        match sys::disconnect(socket.fd(), socket.family()) {
            Err(Errno::INTERRUPTED) => Call::to_write(caller, socket).check_hook()?,
            done => return Ok(done?),
        }
    }
}

pub(crate) fn connect_to(caller: Caller, socket: &Socket, address: &Address) -> Result<()> {
    caller.obey(|limits| limits.check_destination(address))?;
    let call = Call::to_write(caller, socket);
    let mut deadline = Deadline::NotStarted;
    let mut waits = 0;
    let task_call = caller.task_call();
    task_call.map_or(Ok(()), TaskCall::check)?;
    if !task_call.is_some_and(|task_call| task_call.task.begun.get()) {
        if begin(call, socket, address, &mut deadline, &mut waits)? {
            return Ok(());
        }
        if let Some(task_call) = task_call {
            task_call.task.begun.set(true);
        }
    }
    call.check_hook()?;
    if let Some(task_call) = task_call {
        call.await_connected(task_call, &mut deadline)?;
    } else {
        match call.wait_again(&mut deadline, &mut waits) {
            Err(Error::Plain(Cause::System(Errno::WOULD_BLOCK))) => return Err(Errno::IN_PROGRESS.into()),
            waited => waited?,
        }
    }
    sys::take_error(socket.fd())?;
    if socket.blocks() {
        // On Linux the next connect(2) after a non-blocking one reports success once; after a blocking one it fails
        // with EISCONN.
        let _ = sys::connect(socket.fd(), address);
    }
    Ok(())
}

/// Begins to connect: true when it is connected, false when the outcome has to be waited for.
fn begin(call: Call, socket: &Socket, address: &Address, deadline: &mut Deadline, waits: &mut u32) -> Result<bool> {
    loop {
        let (attempted, was_blocking) = call.without_sleeping(|fd| sys::connect(fd, address));
        match attempted {
            Ok(()) => return Ok(true),
            // The backlog of a Unix listener is full, and a signal has ended the wait.
            Err(Errno::INTERRUPTED) if sys::is_local(socket.family()) => call.check_hook()?,
            // The connection continues to be established; its outcome has to be waited for.
            Err(Errno::INTERRUPTED) => return Ok(false),
            Err(Errno::IN_PROGRESS) if was_blocking && socket.blocks() || call.may_wait()? => return Ok(false),
            Err(errno @ Errno::IN_PROGRESS) => {
                call.would_wait();
                return Err(errno.into());
            }
            // The backlog of a Unix listener is full, and poll(2) does not report when it has room.
            Err(Errno::WOULD_BLOCK) if sys::is_local(socket.family()) && call.may_wait()? => {
                call.check_hook()?;
                call.pause(deadline, waits)?;
            }
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// `socket:getsockname()`.
pub(super) fn getsockname(_: Context, socket: &Socket) -> Result<impl Results> {
    Ok(interned(sys::getsockname(socket.fd())?.of(socket.proto())))
}

/// `socket:getpeername()`.
pub(super) fn getpeername(_: Context, socket: &Socket) -> Result<impl Results> {
    Ok(interned(sys::getpeername(socket.fd())?.of(socket.proto())))
}

/// `socket:shutdown(how)`.
pub(super) fn shutdown(_: Context, socket: &Socket, how: i32) -> Result<()> {
    Ok(sys::shutdown(socket.fd(), how)?)
}
