//! sendfile.

use super::Socket;
use super::call::Call;
use super::deadline::Deadline;
use super::transfer::send_by;
use crate::error::{Error, Result};
use crate::lua::Context;
use crate::sys::{self, Bytes, Errno, File};

/// The most bytes for one sendfile(2), and for one fread(3).
const BLOCK: u64 = 1 << 30;
const CHUNK: usize = 1 << 16;

/// `socket:sendfile(file [, offset [, count]])`: from `offset`, or else from where the file's next read would begin,
/// to the end, or `count` bytes. The file's position ends after what was sent, on failure too.
pub(super) fn sendfile(
    context: Context,
    socket: &Socket,
    file: std::result::Result<File, Errno>,
    offset: Option<i64>,
    count: Option<i64>,
) -> Result<u64> {
    if socket.timeout.get() == 0.0 {
        return Err(Error::misuse(1, "non-blocking sockets are not supported"));
    }
    if !sys::is_stream(socket.kind()) {
        return Err(Error::misuse(1, "only SOCK_STREAM sockets are supported"));
    }
    if offset.is_some_and(|offset| offset < 0) {
        return Err(Error::misuse(3, "offset out of range"));
    }
    if count.is_some_and(|count| count <= 0) {
        return Err(Error::misuse(4, "count out of range"));
    }
    socket.open_fd()?;
    let file = file.map_err(|errno| Error::named(errno, "file is closed"))?;

    let call = Call::to_write(context.caller, socket);
    let deadline = &mut Deadline::from_now(context.caller, socket);
    let most = count.map_or(u64::MAX, |count| count as u64);
    let mut sent = call.done() as u64;
    let send = if file.is_regular() { send_regular } else { send_other };
    let outcome = send(call, deadline, file, offset, most, &mut sent);
    call.has_done(sent as usize);
    outcome.map_err(|error| error.after(sent as usize))?;
    Ok(sent)
}

/// Sends a regular file until `sent`, which earlier attempts of the call have begun with, is `most`.
fn send_regular(
    call: Call,
    deadline: &mut Deadline,
    file: File,
    offset: Option<i64>,
    most: u64,
    sent: &mut u64,
) -> Result<()> {
    file.flush()?;
    let start = call.start(|| offset.map_or_else(|| file.position(), Ok))?;
    let mut outcome = send_by_system(call, deadline, file, start, most, sent);
    if let Ok(false) = outcome {
        file.set_position(start + *sent as i64)?;
        outcome = send_by_reading(call, deadline, file, most, sent).map(|()| true);
    }
    file.set_position(start + *sent as i64)?;
    outcome.map(drop)
}

/// Sends by sendfile(2); false when the system cannot do that for this file.
fn send_by_system(
    call: Call,
    deadline: &mut Deadline,
    file: File,
    start: i64,
    most: u64,
    sent: &mut u64,
) -> Result<bool> {
    while *sent < most {
        let (from, size) = (start + *sent as i64, (most - *sent).min(BLOCK) as usize);
        if call.caller.must_not_sleep() {
            call.keep_unblocked()?;
        } else if call.could_sleep()? {
            if !call.socket.blocks() {
                return Ok(false);
            }
            // sendfile(2) returns at a signal once it has sent something, for which there is room now.
            call.wait_again(&mut Deadline::NotStarted, &mut 0)?;
        }
        let step = call.complete_other_by(deadline, |fd| sys::sendfile(fd, file.fd(), from, size))?;
        call.moved(step.unwrap_or(0));
        match step {
            None => return Ok(false),
            Some(0) => break,
            Some(count) => *sent += count as u64,
        }
        // A signal may have interrupted the system call after a part.
        call.check_hook()?;
        deadline.left(call.caller, call.socket)?;
    }
    Ok(true)
}

/// Sends a pipe or a device by reading it.
fn send_other(
    call: Call,
    deadline: &mut Deadline,
    file: File,
    offset: Option<i64>,
    most: u64,
    sent: &mut u64,
) -> Result<()> {
    // Offset 0 needs no seek, which a pipe does not support.
    if let Some(offset) = offset.filter(|&offset| offset > 0 && *sent == 0) {
        file.set_position(offset)?;
    }
    send_by_reading(call, deadline, file, most, sent)
}

fn send_by_reading(call: Call, deadline: &mut Deadline, file: File, most: u64, sent: &mut u64) -> Result<()> {
    let mut chunk = vec![0; CHUNK];
    while *sent < most {
        let size = (most - *sent).min(CHUNK as u64) as usize;
        let read = match file.read(&mut chunk[..size]) {
            Err(Errno::INTERRUPTED) => {
                call.check_hook()?;
                continue;
            }
            read => read?,
        };
        if read == 0 {
            break;
        }
        let data = Bytes::from(&chunk[..read]);
        let (step, flags) = call.with_flags(0);
        let outcome = send_by(step, deadline, call.socket, data, (flags, 0));
        let count = outcome.as_ref().map_or_else(|error| step.sent_before(error), |()| read);
        *sent += count as u64;
        file.unread(&chunk[count..read]);
        outcome?;
    }
    Ok(())
}
