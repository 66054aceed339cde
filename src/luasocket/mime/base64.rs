//! Base64: three bytes as four letters.

use super::{add, held};
use crate::error::Result;
use crate::text::Text;

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// No letter.
const NONE: u8 = 255;

/// The value of each letter. The padding counts as 0.
const VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < LETTERS.len() {
        values[LETTERS[value] as usize] = value as u8;
        value += 1;
    }
    values[b'=' as usize] = 0;
    values
};

/// The letters of up to three bytes.
#[inline(always)]
fn letters(bytes: &[u8]) -> [u8; 4] {
    let mut value = [0; 4];
    value[1..][..bytes.len()].copy_from_slice(bytes);
    let value = u32::from_be_bytes(value);
    [18, 12, 6, 0].map(|shift| LETTERS[(value >> shift & 63) as usize])
}

/// Encodes three bytes each, and holds back the rest.
pub(super) fn encode(block: &[u8], out: &mut Vec<u8>) -> Result<Text<4>> {
    let chunks = block.chunks_exact(3);
    let rest = chunks.remainder();
    for bytes in chunks {
        add(out, &letters(bytes))?;
    }
    Ok(held(rest))
}

/// The letters of the last bytes, with padding.
pub(super) fn end(rest: &[u8], out: &mut Vec<u8>) -> Result<()> {
    if rest.is_empty() {
        return Ok(());
    }
    let mut letters = letters(rest);
    letters[rest.len() + 1..].fill(b'=');
    add(out, &letters)
}

/// Decodes four letters each, and holds back the rest. Passes over bytes that are no letters.
pub(super) fn decode(block: &[u8], out: &mut Vec<u8>) -> Result<Text<4>> {
    let (mut letters, mut count) = ([0; 4], 0);
    for &byte in block {
        if VALUES[usize::from(byte)] == NONE {
            continue;
        }
        letters[count] = byte;
        count += 1;
        if count < 4 {
            continue;
        }
        count = 0;
        let value = letters.iter().fold(0, |value, &letter| value << 6 | u32::from(VALUES[usize::from(letter)]));
        let [_, bytes @ ..] = value.to_be_bytes();
        let valid = match letters {
            [_, _, b'=', _] => 1,
            [_, _, _, b'='] => 2,
            _ => 3,
        };
        add(out, &bytes[..valid])?;
    }
    Ok(Text::from_parts(letters, count))
}
