//! `mime.core`: transfer encodings and line ends, one block of a stream at a time.

mod base64;
mod quoted;

use crate::error::{Error, Result};
use crate::lua::{Context, NativeFunction, Results, function};
use crate::memory;
use crate::sys::Errno;
use crate::text::Text;

/// The functions.
pub(crate) static FUNCTIONS: &[NativeFunction] = &[
    function("b64", b64),
    function("unb64", unb64),
    function("qp", qp),
    function("unqp", unqp),
    function("wrp", wrp),
    function("qpwrp", qpwrp),
    function("eol", eol),
    function("dot", dot),
];

const CRLF: &[u8] = b"\r\n";
const SOFT_BREAK: &[u8] = b"=\r\n";

/// The bytes of a line that are given when no length is.
const LINE: f64 = 76.0;

/// A block may become as long by markers as by the coding that makes most bytes of one, and by so many bytes longer.
const MOST_OF_BYTE: usize = 4;
const MOST_OF_MARKERS: usize = 64 << 20;

/// Makes others of the bytes of a block and the one after it, and gives what is held back; at the end, when there is no
/// block after it, of all bytes. No text at the end is `nil`. `coder` gives the bytes that it holds back, of which `end`
/// makes what comes last.
fn code(
    first: Option<&[u8]>,
    second: Option<&[u8]>,
    room: impl FnOnce(usize) -> usize,
    coder: impl FnOnce(&[u8], &mut Vec<u8>) -> Result<Text<4>>,
    end: impl FnOnce(&[u8], &mut Vec<u8>) -> Result<()>,
) -> Result<impl Results> {
    let Some(first) = first else { return Ok((None, None)) };
    let joined;
    let block = match second {
        None | Some([]) => first,
        Some(second) => {
            joined = join(first, second)?;
            &joined[..]
        }
    };
    let mut out = with_room(room(block.len()))?;
    let held = coder(block, &mut out)?;
    if second.is_some() {
        return Ok((Some(out), Some(held)));
    }
    end(held.as_bytes(), &mut out)?;
    Ok((Some(out).filter(|bytes| !bytes.is_empty()), None))
}

/// ENOMEM, which is raised.
#[cold]
fn no_memory(errno: Errno) -> Error {
    Error::from(errno).raised()
}

fn with_room(count: usize) -> Result<Vec<u8>> {
    memory::with_room(count).map_err(no_memory)
}

#[inline(always)]
fn add(out: &mut Vec<u8>, bytes: &[u8]) -> Result<()> {
    memory::reserve(out, bytes.len()).map_err(no_memory)?;
    out.extend_from_slice(bytes);
    Ok(())
}

/// Adds a marker for the end of a line to what is made of `taken` bytes: it may be long.
fn add_marker(out: &mut Vec<u8>, marker: &[u8], taken: usize) -> Result<()> {
    if out.len() + marker.len() > taken * MOST_OF_BYTE + MOST_OF_MARKERS {
        return Err(no_memory(Errno::NO_MEMORY));
    }
    add(out, marker)
}

fn join(first: &[u8], second: &[u8]) -> Result<Vec<u8>> {
    let mut joined = with_room(first.len() + second.len())?;
    joined.extend_from_slice(first);
    joined.extend_from_slice(second);
    Ok(joined)
}

/// The bytes that a coder holds back.
fn held(bytes: &[u8]) -> Text<4> {
    let mut held = Text::new();
    held.push(bytes);
    held
}

/// `mime.b64(block [, next])`: its encoding in Base64, and the bytes that are left for the next block.
fn b64(_: Context, first: Option<&[u8]>, second: Option<&[u8]>) -> Result<impl Results> {
    code(first, second, |taken| taken / 3 * 4 + 4, base64::encode, base64::end)
}

/// `mime.unb64(block [, next])`.
fn unb64(_: Context, first: Option<&[u8]>, second: Option<&[u8]>) -> Result<impl Results> {
    code(first, second, |taken| taken / 4 * 3 + 3, base64::decode, |_, _| Ok(()))
}

/// `mime.qp(block [, next [, marker]])`: its encoding as quoted-printable text, with a marker for each end of a line.
fn qp(_: Context, first: Option<&[u8]>, second: Option<&[u8]>, marker: Option<&[u8]>) -> Result<impl Results> {
    let marker = marker.map_or(CRLF, up_to_nul);
    code(first, second, |taken| taken, |block, out| quoted::encode(block, marker, out), quoted::end)
}

/// `mime.unqp(block [, next])`.
fn unqp(_: Context, first: Option<&[u8]>, second: Option<&[u8]>) -> Result<impl Results> {
    code(first, second, |taken| taken, quoted::decode, |_, _| Ok(()))
}

/// `mime.wrp(left, block [, length])`: the block in lines of so many bytes, `left` in the first one, and how many bytes
/// the last one has left.
fn wrp(_: Context, left: f64, block: Option<&[u8]>, length: Option<f64>) -> Result<impl Results> {
    wrap(left, block, length, CRLF, |_| 0)
}

/// `mime.qpwrp(left, block [, length])`: the same for quoted-printable text.
fn qpwrp(_: Context, left: f64, block: Option<&[u8]>, length: Option<f64>) -> Result<impl Results> {
    wrap(left, block, length, SOFT_BREAK, |byte| if byte == b'=' { 3 } else { 1 })
}

/// A byte goes into the next line when no more than so many are left in this one.
fn wrap(
    left: f64,
    block: Option<&[u8]>,
    length: Option<f64>,
    line_break: &[u8],
    needs: impl Fn(u8) -> i32,
) -> Result<impl Results> {
    let (mut left, length) = (left as i32, length.unwrap_or(LINE) as i32);
    let Some(block) = block else {
        return Ok(((left < length).then(|| line_break.to_vec()), length));
    };
    let mut out = with_room(block.len())?;
    for &byte in block {
        if byte == b'\n' {
            add(&mut out, CRLF)?;
            left = length;
        } else if byte != b'\r' {
            if left <= needs(byte) {
                add(&mut out, line_break)?;
                left = length;
            }
            add(&mut out, &[byte])?;
            left = left.saturating_sub(1);
        }
    }
    Ok((Some(out), left))
}

/// `mime.eol(context, block [, marker])`: the block with a marker for each end of a line, and the context of the next.
fn eol(_: Context, context: i64, block: Option<&[u8]>, marker: Option<&[u8]>) -> Result<impl Results> {
    let marker = marker.map_or(CRLF, up_to_nul);
    let Some(block) = block else { return Ok((None, 0)) };
    let mut out = with_room(block.len())?;
    // The first of two bytes that may be one end of a line; 0 for none.
    let mut before = context as i32;
    for &byte in block {
        let (first, second) = (i32::from(b'\r'), i32::from(b'\n'));
        let this = i32::from(byte);
        let ends = |it| it == first || it == second;
        if !ends(this) {
            add(&mut out, &[byte])?;
            before = 0;
        } else if !ends(before) {
            add_marker(&mut out, marker, block.len())?;
            before = this;
        } else {
            if this == before {
                add_marker(&mut out, marker, block.len())?;
            }
            before = 0;
        }
    }
    Ok((Some(out), before))
}

/// `mime.dot(context, block)`: the block with a second dot behind each one that begins a line, and the context of the
/// next block: 2 where a line begins, 1 behind a carriage return.
fn dot(_: Context, context: f64, block: Option<&[u8]>) -> Result<impl Results> {
    let Some(block) = block else { return Ok((None, 2)) };
    let mut out = with_room(block.len())?;
    let mut context = context as u64;
    for &byte in block {
        add(&mut out, &[byte])?;
        if byte == b'.' && context == 2 {
            add(&mut out, b".")?;
        }
        context = match byte {
            b'\r' => 1,
            b'\n' if context == 1 => 2,
            _ => 0,
        };
    }
    Ok((Some(out), context))
}

/// A marker ends where a string of C does.
fn up_to_nul(marker: &[u8]) -> &[u8] {
    marker.split(|&byte| byte == 0).next().unwrap_or_default()
}
