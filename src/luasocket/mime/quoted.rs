//! Quoted-printable text: bytes that are not plain become `=` and two hexadecimal digits.

use super::{Output, SOFT_BREAK};
use crate::error::Result;
use crate::text::Text;

fn quote(byte: u8, out: &mut Output) -> Result<()> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.add(&[b'=', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
}

/// Takes a byte behind up to two others. The marker stands for each end of a line. A space is plain unless a line ends
/// behind it.
#[inline(always)]
pub(super) fn encode(held: &mut Text<4>, byte: u8, marker: &[u8], out: &mut Output) -> Result<()> {
    held.push(&[byte]);
    while let &[first, ref rest @ ..] = held.as_bytes() {
        match (first, rest) {
            (b'\r', []) | (b'\t' | b' ', [] | [_]) => return Ok(()),
            (b'\r', [b'\n', ..]) | (b'\t' | b' ', b"\r\n") => {
                if first != b'\r' {
                    quote(first, out)?;
                }
                *held = Text::new();
                return out.add(marker);
            }
            (b'\t' | b' ' | 33..=60 | 62..=126, _) => out.add(&[first])?,
            _ => quote(first, out)?,
        }
        let left = *held;
        *held = Text::new();
        held.push(&left.as_bytes()[1..]);
    }
    Ok(())
}

/// The last bytes, which no line ends behind, and a break that is none of the text.
pub(super) fn end(held: &Text<4>, out: &mut Output) -> Result<()> {
    for &byte in held.as_bytes() {
        match byte {
            33..=60 | 62..=126 => out.add(&[byte])?,
            _ => quote(byte, out)?,
        }
    }
    if held.as_bytes().is_empty() { Ok(()) } else { out.add(SOFT_BREAK) }
}

/// Takes a byte behind up to two others. Leaves out control characters, and carriage returns that end no line with the
/// byte behind them.
#[inline(always)]
pub(super) fn decode(held: &mut Text<4>, byte: u8, out: &mut Output) -> Result<()> {
    held.push(&[byte]);
    let made = match *held.as_bytes() {
        [b'='] | [b'=', _] | [b'\r'] => return Ok(()),
        [b'=', b'\r', b'\n'] => Ok(()),
        [b'=', high, low] => match (digit(high), digit(low)) {
            (Some(high), Some(low)) => out.add(&[high << 4 | low]),
            _ => out.add(held.as_bytes()),
        },
        [b'\r', b'\n'] => out.add(b"\r\n"),
        [byte @ (b'\t' | 32..=126)] => out.add(&[byte]),
        _ => Ok(()),
    };
    *held = Text::new();
    made
}

/// The value of a hexadecimal digit.
fn digit(letter: u8) -> Option<u8> {
    char::from(letter).to_digit(16).map(|value| value as u8)
}
