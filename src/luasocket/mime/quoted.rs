//! Quoted-printable text: bytes that are not plain become `=` and two hexadecimal digits.

use super::{SOFT_BREAK, add, add_marker, held};
use crate::error::Result;
use crate::text::Text;

fn quote(byte: u8, out: &mut Vec<u8>) -> Result<()> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    add(out, &[b'=', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
}

/// Encodes a block with a marker for each end of a line. A space is plain unless a line ends behind it. Holds back what
/// may be the end of a line, or stand before one.
pub(super) fn encode(mut block: &[u8], marker: &[u8], out: &mut Vec<u8>) -> Result<Text<4>> {
    let taken = block.len();
    while let &[byte, ref rest @ ..] = block {
        block = rest;
        match (byte, rest) {
            (b'\r', []) => return Ok(held(b"\r")),
            (b'\t' | b' ', []) => return Ok(held(&[byte])),
            (b'\t' | b' ', &[next]) => return Ok(held(&[byte, next])),
            (b'\r', [b'\n', rest @ ..]) => {
                add_marker(out, marker, taken)?;
                block = rest;
            }
            (b'\t' | b' ', [b'\r', b'\n', rest @ ..]) => {
                quote(byte, out)?;
                add_marker(out, marker, taken)?;
                block = rest;
            }
            (b'\t' | b' ' | 33..=60 | 62..=126, _) => add(out, &[byte])?,
            _ => quote(byte, out)?,
        }
    }
    Ok(Text::new())
}

/// The last bytes, which no line ends behind, and a break that is none of the text.
pub(super) fn end(rest: &[u8], out: &mut Vec<u8>) -> Result<()> {
    for &byte in rest {
        match byte {
            33..=60 | 62..=126 => add(out, &[byte])?,
            _ => quote(byte, out)?,
        }
    }
    if rest.is_empty() { Ok(()) } else { add(out, SOFT_BREAK) }
}

/// Decodes a block. Leaves out control characters, and carriage returns that end no line with the byte behind them. Holds
/// back what is incomplete.
pub(super) fn decode(mut block: &[u8], out: &mut Vec<u8>) -> Result<Text<4>> {
    loop {
        block = match block {
            [] | [b'='] | [b'=', _] | [b'\r'] => return Ok(held(block)),
            [b'=', b'\r', b'\n', rest @ ..] => rest,
            &[b'=', high, low, ref rest @ ..] => {
                match (digit(high), digit(low)) {
                    (Some(high), Some(low)) => add(out, &[high << 4 | low])?,
                    _ => add(out, &[b'=', high, low])?,
                }
                rest
            }
            [b'\r', b'\n', rest @ ..] => {
                add(out, b"\r\n")?;
                rest
            }
            [b'\r', _, rest @ ..] => rest,
            &[byte, ref rest @ ..] => {
                if matches!(byte, b'\t' | 32..=126) {
                    add(out, &[byte])?;
                }
                rest
            }
        };
    }
}

/// The value of a hexadecimal digit.
fn digit(letter: u8) -> Option<u8> {
    char::from(letter).to_digit(16).map(|value| value as u8)
}
