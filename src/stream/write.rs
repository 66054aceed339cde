//! Writing: bytes are collected, and sent when there are enough or when it is asked for.

use std::cell::Cell;

use super::create::Newline;
use super::{Buffering, Stream};
use crate::error::Result;
use crate::lua::{Bytes, Caller, Context, Myself, Rest};
use crate::socket::{Deadline, send_by};
use crate::sys::{self, Errno};

/// Bytes that were written and are not sent yet.
#[derive(Default)]
pub(super) struct Outgoing {
    data: Vec<u8>,
}

/// `stream:write(...)`. After a failure what was not sent stays, and the next flush sends it.
pub(super) fn write(context: Context, stream: &Stream, pieces: Rest) -> Result<Myself> {
    stream.check(stream.settings.writable)?;
    let buffering = stream.buffering.get();
    let mut due = buffering == Buffering::None;
    {
        let mut outgoing = stream.outgoing.borrow_mut();
        let before = outgoing.data.len();
        for piece in pieces.all() {
            match append(stream, *piece, &mut outgoing.data) {
                Ok(ends_line) => due |= ends_line && buffering == Buffering::Line,
                Err(error) => {
                    // All of the call's bytes, or none.
                    outgoing.data.truncate(before);
                    return Err(error);
                }
            }
        }
        due |= outgoing.data.len() >= stream.size().max(1);
    }
    if due {
        flush_by(stream, context.caller, &mut stream.deadline())?;
    }
    Ok(Myself)
}

/// Appends bytes as they go over the line, and tells whether a line ends among them.
fn append(stream: &Stream, bytes: Bytes, out: &mut Vec<u8>) -> Result<bool> {
    let end: &[u8] = match stream.settings.newline {
        Newline::Lf | Newline::Universal => b"\n",
        Newline::Cr => b"\r",
        Newline::CrLf => b"\r\n",
    };
    if stream.settings.codec.is_none() && end == b"\n" {
        let before = out.len();
        out.try_reserve(bytes.0.len()).map_err(|_| Errno::NO_MEMORY)?;
        bytes.append_to(out);
        return Ok(memchr::memchr(b'\n', &out[before..]).is_some());
    }
    let mut text = bytes.to_vec();
    let ends_line = text.contains(&b'\n');
    if end != b"\n" {
        text = text.split(|&byte| byte == b'\n').collect::<Vec<_>>().join(end);
    }
    match stream.settings.codec {
        Some(codec) => codec.encode(&text, out)?,
        None => out.extend_from_slice(&text),
    }
    Ok(ends_line)
}

/// `stream:flush()`.
pub(super) fn flush(context: Context, stream: &Stream) -> Result<()> {
    stream.check(true)?;
    flush_by(stream, context.caller, &mut stream.deadline())
}

/// Sends what was written, by a deadline. What was not sent stays.
pub(super) fn flush_by(stream: &Stream, caller: Caller, deadline: &mut Deadline) -> Result<()> {
    let mut outgoing = stream.outgoing.borrow_mut();
    if outgoing.data.is_empty() {
        return Ok(());
    }
    let (call, flags) = stream.to_write(caller).with_flags(0);
    let data = Cell::from_mut(outgoing.data.as_mut_slice()).as_slice_of_cells();
    let outcome = send_by(call, deadline, &stream.socket, data, flags);
    match &outcome {
        Ok(()) => outgoing.data.clear(),
        Err(error) => {
            let sent = error.sent().unwrap_or(0);
            outgoing.data.drain(..sent);
        }
    }
    outcome.map_err(|error| error.without_count())
}

/// Sends what can be sent without waiting.
pub(super) fn flush_at_once(stream: &Stream) {
    let mut outgoing = stream.outgoing.borrow_mut();
    while !outgoing.data.is_empty() {
        let data = Cell::from_mut(outgoing.data.as_mut_slice()).as_slice_of_cells();
        match sys::send_at_once(stream.socket.lent_fd(), data, stream.socket.blocks()) {
            Ok(sent) => drop(outgoing.data.drain(..sent)),
            Err(_) => return,
        }
    }
}
