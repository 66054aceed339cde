//! recvall: a number of bytes by one deadline.

use super::Socket;
use super::call::Call;
use super::deadline::Deadline;
use crate::error::{Cause, Error, Result};
use crate::lua::{Caller, Context, Reading};
use crate::memory;
use crate::sys::{self, Errno, ReceiveBuffer};

/// Up to so many bytes are received on the stack, if they come at once.
const SMALL: usize = 2048;

/// The room for the first bytes of more; it doubles as it fills.
const FIRST: usize = 64 << 10;

/// `socket:recvall(n [, flags])`: the timeout counts for the whole call.
pub(super) fn recvall<'a>(
    context: Context<'a>,
    socket: &Socket,
    size: usize,
    flags: Option<i32>,
) -> Result<Reading<'a>> {
    let flags = flags.unwrap_or(0);
    check(socket, flags).map_err(|error| error.with_partial(Vec::new()))?;
    if size == 0 {
        return Ok(Reading::One(Some(b"")));
    }
    let (call, flags) = Call::to_read(context.caller, socket).with_flags(flags);
    // A call that sleeps in the kernel does so until all has come.
    let flags = if call.may_sleep() { flags | sys::WAIT_ALL } else { flags };
    let mut deadline = Deadline::from_now(context.caller, socket);
    let mut bytes = call.take_kept();
    if bytes.is_empty() && size <= SMALL {
        let mut room = context.space.take(size)?;
        let outcome = receive(call, flags, &mut deadline, &mut room, 0, size);
        let came = room.into_filled();
        if came.len() == size {
            return Ok(Reading::One(Some(came)));
        }
        memory::reserve_exact(&mut bytes, size).map_err(|errno| Error::from(errno).with_partial(Vec::new()))?;
        bytes.extend_from_slice(came);
        outcome.map_err(|error| call.keep_received(std::mem::take(&mut bytes), error))?;
    }
    match complete(call, flags, &mut deadline, &mut bytes, size) {
        Ok(()) => Ok(Reading::Block(bytes, 0..size)),
        Err(error) => Err(call.keep_received(bytes, error)),
    }
}

/// Fails where the call cannot be made.
fn check(socket: &Socket, flags: i32) -> Result<()> {
    socket.open_fd()?;
    if !sys::is_stream(socket.kind()) {
        return Err(Error::named(Errno::NOT_SUPPORTED, "not a stream socket"));
    }
    if flags & sys::PEEK != 0 {
        return Err(Error::named(Errno::NOT_SUPPORTED, "MSG_PEEK is not supported"));
    }
    Ok(())
}

/// Receives at least one byte after the `done` of `size` ones.
#[inline(always)]
fn receive(
    call: Call,
    flags: i32,
    deadline: &mut Deadline,
    room: &mut ReceiveBuffer,
    done: usize,
    size: usize,
) -> Result<()> {
    let wanted = room.left();
    let count = call.complete_by(deadline, |fd| sys::recv(fd, room, flags))?;
    call.received(count, wanted);
    if count == 0 { Err(Cause::Ended(done, size).into()) } else { Ok(()) }
}

/// Receives what is missing of `size` bytes behind `bytes`.
fn complete(call: Call, flags: i32, deadline: &mut Deadline, bytes: &mut Vec<u8>, size: usize) -> Result<()> {
    while bytes.len() < size {
        if !bytes.is_empty() {
            // A signal may have interrupted the system call after a part.
            call.check_hook()?;
            deadline.left(call.caller, call.socket)?;
        }
        let room = make_room(call.caller, bytes, size)?;
        let done = bytes.len();
        sys::fill_tail(bytes, room, |room| receive(call, flags, deadline, room, done, size))?;
    }
    Ok(())
}

/// Makes room for more of `size` bytes, as many as there are, and returns for how many there is. Fails with ENOMEM, and
/// with EMSGSIZE where the host allows no more.
fn make_room(caller: Caller, bytes: &mut Vec<u8>, size: usize) -> Result<usize> {
    let done = bytes.len();
    if bytes.capacity() == done {
        let allowed = caller.limits().map_or(usize::MAX, |limits| limits.room_to_buffer(0));
        let room = size.min((done * 2).max(FIRST)).min(allowed);
        if room <= done {
            return Err(Error::named(Errno::MESSAGE_SIZE, "more bytes than the host allows"));
        }
        memory::reserve_exact(bytes, room)?;
    }
    Ok(bytes.capacity().min(size) - done)
}

impl Call<'_> {
    /// The bytes that the earlier attempts have received.
    fn take_kept(self) -> Vec<u8> {
        match self.caller.task_call().filter(|task_call| task_call.again) {
            Some(task_call) => task_call.task.take_bytes(),
            None => Vec::new(),
        }
    }

    /// Keeps bytes for the next attempt of the call, or adds them to its failure.
    #[cold]
    fn keep_received(self, bytes: Vec<u8>, error: Error) -> Error {
        match (error, self.caller.task_call()) {
            (Error::Parked, Some(task_call)) => {
                let share = self.caller.limits().map(|limits| limits.share(bytes.capacity()));
                task_call.task.keep_bytes(bytes, share);
                Error::Parked
            }
            (error, _) => error.with_partial(bytes),
        }
    }
}
