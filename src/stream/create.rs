//! makefile.

use std::cell::Cell;

use super::codec::{Codec, REPLACEMENT};
use super::{DEFAULT_SIZE, Stream};
use crate::error::{Error, Result};
use crate::lua::{Context, OptionsTable, Results, new_stream, options};
use crate::socket::Socket;
use crate::sys::Errno;

/// `socket:makefile([mode [, {buffering=, encoding=, errors=, newline=, limit=}]])`.
pub(crate) fn makefile(
    _: Context,
    socket: &Socket,
    _: OptionsTable<{ options::MAKEFILE }>,
    mode: Option<&[u8]>,
    buffering: Option<i32>,
    texts: [Option<&[u8]>; 3],
    limit: Option<usize>,
) -> Result<impl Results> {
    let [encoding, errors, newline] = texts;
    let mode = mode.unwrap_or(b"r");
    let letter = |letter| mode.iter().filter(|&&given| given == letter).count();
    let (read, write, binary) = (letter(b'r'), letter(b'w'), letter(b'b'));
    if read + write + binary != mode.len() || read > 1 || write > 1 || binary > 1 {
        return Err(Error::misuse(2, "invalid mode (only r, w, rw, b are allowed)"));
    }
    if binary == 1 && (encoding.is_some() || errors.is_some() || newline.is_some()) {
        return Err(Error::misuse(2, "binary mode takes no encoding, errors or newline"));
    }
    let writable = write == 1;
    let readable = read == 1 || !writable;
    let size = match buffering {
        None | Some(-1 | 1) => DEFAULT_SIZE,
        Some(size @ 0..) => size as usize,
        Some(_) => return Err(Error::misuse(3, "invalid buffering size")),
    };
    let mark = mark(errors)?;
    let codec = codec(encoding, writable)?;
    let newline: Option<&[u8]> = match newline {
        None | Some(b"\n") => Some(b"\n"),
        Some(b"") => None,
        Some(b"\r") => Some(b"\r"),
        Some(b"\r\n") => Some(b"\r\n"),
        Some(_) => return Err(Error::misuse(6, "illegal newline value")),
    };
    let limit = match limit {
        None => usize::MAX,
        Some(0) => return Err(Error::misuse(7, "limit out of range")),
        Some(limit) => limit,
    };
    socket.open_fd()?;
    if !socket.can_lend() {
        return Err(Error::named(Errno::TOO_MANY_FILES, "too many streams"));
    }
    Ok(new_stream(socket, move |socket| {
        let (size, by_line) = (Cell::new(size), Cell::new(buffering == Some(1)));
        Stream { readable, writable, codec, mark, newline, limit, size, by_line, ..Stream::new(socket) }
    }))
}

/// What stands for what does not fit the encoding, by the option `errors`.
fn mark(errors: Option<&[u8]>) -> Result<Option<&'static str>> {
    match errors {
        None | Some(b"strict") => Ok(None),
        Some(b"ignore") => Ok(Some("")),
        Some(b"replace") => Ok(Some(REPLACEMENT)),
        Some(_) => Err(Error::misuse(5, "unknown error handler")),
    }
}

fn codec(encoding: Option<&[u8]>, writable: bool) -> Result<Option<Codec>> {
    let Some(name) = encoding else { return Ok(None) };
    let codec = Codec::named(name).ok_or_else(|| Error::misuse(4, "unknown encoding"))?;
    if writable && !codec.can_encode() {
        return Err(Error::misuse(4, "the encoding can only be read"));
    }
    Ok(Some(codec))
}
