//! sendfile.

use super::Socket;
use super::call::{Call, Retries};
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
    let deadline = Deadline::from_now(context.caller, socket);
    let sent = call.done() as u64;
    let mut sending = Sending { call, socket, deadline, left: count.map(|count| count as u64 - sent), sent };
    let outcome = if file.is_regular() { sending.regular(file, offset) } else { sending.other(file, offset) };
    call.has_done(sending.sent as usize);
    outcome.map_err(|error| error.after(sending.sent as usize))?;
    Ok(sending.sent)
}

struct Sending<'a> {
    call: Call<'a>,
    socket: &'a Socket,
    deadline: Deadline,
    /// How many bytes are still to be sent; `None` for all there are.
    left: Option<u64>,
    sent: u64,
}

impl Sending<'_> {
    fn regular(&mut self, file: File, offset: Option<i64>) -> Result<()> {
        file.flush()?;
        let start = self.call.start(|| offset.map_or_else(|| file.position(), Ok))?;
        let mut outcome = self.by_system(file, start);
        if let Ok(false) = outcome {
            file.set_position(start + self.sent as i64)?;
            outcome = self.by_reading(file).map(|()| true);
        }
        file.set_position(start + self.sent as i64)?;
        outcome.map(drop)
    }

    /// Sends by sendfile(2); false when the system cannot do that for this file.
    fn by_system(&mut self, file: File, start: i64) -> Result<bool> {
        while self.left != Some(0) {
            let count = self.left.map_or(BLOCK, |left| left.min(BLOCK)) as usize;
            let from = start + self.sent as i64;
            if self.call.caller.must_not_sleep() {
                self.call.keep_unblocked()?;
            } else if self.call.could_sleep()? {
                if !self.socket.blocks() {
                    return Ok(false);
                }
                // sendfile(2) returns at a signal once it has sent something, for which there is room now.
                self.call.wait_again(&mut self.deadline, &mut Retries::new())?;
            }
            let step = self.send_part(file, from, count)?;
            match step {
                None => return Ok(false),
                Some(0) => break,
                Some(count) => self.count(count),
            }
            // A signal may have interrupted the system call after a part.
            self.call.check_hook()?;
            self.deadline.left(self.call.caller, self.socket)?;
        }
        Ok(true)
    }

    fn send_part(&mut self, file: File, from: i64, count: usize) -> Result<Option<usize>> {
        let sent = self.call.complete_other_by(&mut self.deadline, |fd| sys::sendfile(fd, file.fd(), from, count))?;
        self.call.moved(sent.unwrap_or(0));
        Ok(sent)
    }

    /// Sends a pipe or a device by reading it.
    fn other(&mut self, file: File, offset: Option<i64>) -> Result<()> {
        // Offset 0 needs no seek, which a pipe does not support.
        if let Some(offset) = offset.filter(|&offset| offset > 0 && self.sent == 0) {
            file.set_position(offset)?;
        }
        self.by_reading(file)
    }

    fn by_reading(&mut self, file: File) -> Result<()> {
        let mut chunk = vec![0; CHUNK];
        while self.left != Some(0) {
            let most = self.left.map_or(CHUNK, |left| left.min(CHUNK as u64) as usize);
            let read = match file.read(&mut chunk[..most]) {
                Err(Errno::INTERRUPTED) => {
                    self.call.check_hook()?;
                    continue;
                }
                read => read?,
            };
            if read == 0 {
                break;
            }
            let data = Bytes::from(&chunk[..read]);
            let (call, flags) = self.call.with_flags(0);
            let outcome = send_by(call, &mut self.deadline, self.socket, data, (flags, 0));
            let sent = outcome.as_ref().map_or_else(|error| call.sent_before(error), |()| read);
            self.count(sent);
            file.unread(&chunk[sent..read]);
            outcome?;
        }
        Ok(())
    }

    fn count(&mut self, sent: usize) {
        self.sent += sent as u64;
        self.left = self.left.map(|left| left - sent as u64);
    }
}
