//! The methods of a stream, which are those of Lua's files.

use super::{DEFAULT_SIZE, Stream, read, write};
use crate::error::{Error, Result};
use crate::lua::{self, Anchored, Context, Format, NativeFunction, Reading, Rest, Results, function, method};
use crate::socket::give_back;
use crate::sys::{Errno, Ready};

/// The methods of a stream.
pub(crate) static METHODS: &[NativeFunction] = &[
    method("buffered", read::buffered),
    method("close", close),
    method("flush", write::flush),
    method("lines", lines),
    method("read", read::read),
    method("seek", seek),
    method("setvbuf", setvbuf),
    method("write", write::write),
];

/// The metamethods of a stream.
pub(crate) static METAMETHODS: &[NativeFunction] =
    &[method("__gc", collect), method("__close", leave), method("__tostring", describe)];

/// The function that `lines` returns; it carries the stream and the formats.
pub(crate) static NEXT_LINE: NativeFunction = function("lines", next_line);

/// The same for Lua code that raises the failure.
pub(crate) static LINE_OR_FAILURE: NativeFunction = function("lines", line_or_failure);

/// `stream:close()`: flushes, then closes the stream even if that failed.
fn close(context: Context, stream: &Stream) -> Result<()> {
    if !stream.open.get() {
        return Ok(());
    }
    let flushed = write::flush_all(stream, context.caller);
    if let Err(Error::Parked) = flushed {
        return flushed;
    }
    end_in(context, stream)?;
    flushed
}

/// `__close`: as `close`; where it may not wait in a task, as `__gc`.
fn leave(context: Context, stream: &Stream) -> Result<()> {
    if context.caller.may_wait() { close(context, stream) } else { collect(context, stream) }
}

/// `__gc`: sends what can be sent without waiting, and closes the stream.
fn collect(context: Context, stream: &Stream) -> Result<()> {
    let limits = context.caller.limits();
    // What may not be sent now is lost, as what does not go at once.
    if limits.is_none_or(|limits| limits.debt(Ready::WRITE).is_none()) {
        let sent = write::flush_at_once(stream);
        limits.inspect(|limits| limits.moved(Ready::WRITE, sent));
        context.caller.shared().open_objects.moved(&stream.socket, Ready::WRITE, sent);
    }
    end_in(context, stream)
}

/// Closes an open stream and releases its use of the socket.
fn end_in(context: Context, stream: &Stream) -> Result<()> {
    context.caller.shared().open_objects.remove_stream(stream);
    let was_open = stream.end();
    stream.settle(context.caller);
    if was_open { give_back(context.caller, &stream.socket) } else { Ok(()) }
}

/// Closes a stream when the Lua state is closed, which closes the socket itself. Does not wait.
pub(crate) fn end_stream(stream: &Stream) {
    write::flush_at_once(stream);
    stream.end();
}

/// `stream:lines(...)`: a function that reads at each call. Both raise failures as Lua errors, as Lua's files do.
fn lines(_: Context, stream: &Stream, formats: Rest<Format>) -> Result<impl Results> {
    stream.check(stream.readable).map_err(Error::raised)?;
    Ok(lua::lines(formats))
}

fn next_line<'a>(context: Context<'a>, stream: Anchored<Stream>, formats: &[Format]) -> Result<Reading<'a>> {
    line_or_failure(context, stream, formats).map_err(Error::raised)
}

fn line_or_failure<'a>(context: Context<'a>, stream: Anchored<Stream>, formats: &[Format]) -> Result<Reading<'a>> {
    read::read(context, &stream, Rest::new(formats))
}

/// `stream:seek()`: always ESPIPE.
fn seek(_: Context, stream: &Stream) -> Result<()> {
    stream.check(true)?;
    Err(Errno::NOT_SEEKABLE.into())
}

/// `stream:setvbuf(mode [, size])`.
fn setvbuf(_: Context, stream: &Stream, mode: &[u8], size: Option<usize>) -> Result<()> {
    stream.check(true)?;
    stream.size.set(match mode {
        b"no" => 0,
        b"line" => DEFAULT_SIZE,
        b"full" => size.map_or(DEFAULT_SIZE, |size| size.max(1)),
        _ => return Err(Error::misuse(2, "invalid option")),
    });
    stream.by_line.set(mode == b"line");
    Ok(())
}

fn describe(_: Context, stream: &Stream) -> Result<String> {
    Ok(if stream.open.get() {
        format!("stream (fd={})", stream.socket.lent_fd())
    } else {
        "stream (closed)".to_owned()
    })
}
