//! Quoted-printable text: bytes that are not plain become `=` and two hexadecimal digits.

use super::{Output, SOFT_BREAK, held};
use crate::error::Result;
use crate::text::Text;

fn quote(byte: u8, out: &mut Output) -> Result<()> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.add(&[b'=', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
}

/// Encodes a block with a marker for each end of a line. A space is plain unless a line ends behind it. Holds back what
/// may be the end of a line, or stand before one.
pub(super) fn encode(mut block: &[u8], marker: &[u8], out: &mut Output) -> Result<Text<4>> {
    while let &[byte, ref rest @ ..] = block {
        block = rest;
        match (byte, rest) {
            (b'\r', []) => return Ok(held(b"\r")),
            (b'\t' | b' ', []) => return Ok(held(&[byte])),
            (b'\t' | b' ', &[next]) => return Ok(held(&[byte, next])),
            (b'\r', [b'\n', rest @ ..]) => {
                out.add(marker)?;
                block = rest;
            }
            (b'\t' | b' ', [b'\r', b'\n', rest @ ..]) => {
                quote(byte, out)?;
                out.add(marker)?;
                block = rest;
            }
            (b'\t' | b' ' | 33..=60 | 62..=126, _) => out.add(&[byte])?,
            _ => quote(byte, out)?,
        }
    }
    Ok(Text::new())
}

/// The last bytes, which no line ends behind, and a break that is none of the text.
pub(super) fn end(rest: &[u8], out: &mut Output) -> Result<()> {
    for &byte in rest {
        match byte {
            33..=60 | 62..=126 => out.add(&[byte])?,
            _ => quote(byte, out)?,
        }
    }
    if rest.is_empty() { Ok(()) } else { out.add(SOFT_BREAK) }
}

/// Decodes a block. Leaves out control characters, and carriage returns that end no line with the byte behind them. Holds
/// back what is incomplete.
pub(super) fn decode(mut block: &[u8], out: &mut Output) -> Result<Text<4>> {
    loop {
        block = match block {
            [] | [b'='] | [b'=', _] | [b'\r'] => return Ok(held(block)),
            [b'=', b'\r', b'\n', rest @ ..] => rest,
            &[b'=', high, low, ref rest @ ..] => {
                match (digit(high), digit(low)) {
                    (Some(high), Some(low)) => out.add(&[high << 4 | low])?,
                    _ => out.add(&[b'=', high, low])?,
                }
                rest
            }
            [b'\r', b'\n', rest @ ..] => {
                out.add(b"\r\n")?;
                rest
            }
            [b'\r', _, rest @ ..] => rest,
            &[byte, ref rest @ ..] => {
                if matches!(byte, b'\t' | 32..=126) {
                    out.add(&[byte])?;
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
