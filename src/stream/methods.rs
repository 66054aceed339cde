//! What a stream can do: the methods of Lua's files.

use super::{Buffering, DEFAULT_SIZE, Stream, read, write};
use crate::error::{Error, Result};
use crate::lua::{Context, Formats, Function, Lines, LinesState, Reading, Size, function, method};
use crate::socket::give_back;
use crate::sys::Errno;

/// The methods of a stream.
pub(crate) static METHODS: &[Function] = &[
    method("buffered", read::buffered),
    method("close", close),
    method("flush", write::flush),
    method("lines", lines),
    method("read", read::read),
    method("seek", seek),
    method("setvbuf", setvbuf),
    method("write", write::write),
];

/// What Lua itself calls on a stream.
pub(crate) static METAMETHODS: &[Function] =
    &[method("__gc", collect), method("__close", close), method("__tostring", describe)];

/// The function that `lines` returns; it carries the stream and the formats.
pub(crate) static NEXT_LINE: Function = function("lines", next_line);

/// `stream:close()`: sends what was written, then closes whatever came of that.
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

/// The end of a stream that nobody refers to any more. It must not wait.
fn collect(context: Context, stream: &Stream) -> Result<()> {
    write::flush_at_once(stream);
    end_in(context, stream)
}

/// Ends a stream, unless that has happened, and its use of the socket.
fn end_in(context: Context, stream: &Stream) -> Result<()> {
    let held = &context.caller.shared().held;
    held.streams().remove(stream);
    if stream.end() { give_back(&stream.socket, held) } else { Ok(()) }
}

/// Ends a stream at the end of its Lua state, which sees to the socket itself. It must not wait.
pub(crate) fn end_stream(stream: &Stream) {
    write::flush_at_once(stream);
    stream.end();
}

/// `stream:lines(...)`: a function that reads at each call. Both raise what fails: a loop has no other way to tell.
fn lines<'a>(_: Context, stream: &Stream, formats: Formats<'a>) -> Result<Lines<'a>> {
    stream.check(stream.settings.readable).map_err(Error::raised)?;
    Ok(Lines(formats))
}

fn next_line<'a>(context: Context<'a>, LinesState(stream, formats): LinesState<'a>) -> Result<Reading<'a>> {
    read::read(context, stream, formats).map_err(Error::raised)
}

/// `stream:seek()`: a socket has no positions.
fn seek(_: Context, stream: &Stream) -> Result<()> {
    stream.check(true)?;
    Err(Errno::NOT_SEEKABLE.into())
}

/// `stream:setvbuf(mode [, size])`.
fn setvbuf(_: Context, stream: &Stream, mode: &[u8], size: Option<Size>) -> Result<()> {
    stream.check(true)?;
    stream.buffering.set(match mode {
        b"no" => Buffering::None,
        b"line" => Buffering::Line,
        b"full" => Buffering::Full(size.map_or(DEFAULT_SIZE, |Size(size)| size.max(1))),
        _ => return Err(Error::misuse(2, "invalid option")),
    });
    Ok(())
}

fn describe(_: Context, stream: &Stream) -> Result<String> {
    Ok(if stream.open.get() {
        format!("stream (fd={})", stream.socket.lent_fd())
    } else {
        "stream (closed)".to_owned()
    })
}
