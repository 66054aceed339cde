//! Base64: three bytes as four letters.

use super::Output;
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

/// Takes a byte behind up to two others.
#[inline(always)]
pub(super) fn encode(held: &mut Text<4>, byte: u8, out: &mut Output) -> Result<()> {
    held.push(&[byte]);
    if let bytes @ [_, _, _] = held.as_bytes() {
        out.add(&letters(bytes))?;
        *held = Text::new();
    }
    Ok(())
}

/// The letters of the last bytes, with padding.
pub(super) fn end(held: &Text<4>, out: &mut Output) -> Result<()> {
    let held = held.as_bytes();
    if held.is_empty() {
        return Ok(());
    }
    let mut letters = letters(held);
    letters[held.len() + 1..].fill(b'=');
    out.add(&letters)
}

/// Takes a byte behind up to three letters. Passes over bytes that are no letters.
#[inline(always)]
pub(super) fn decode(held: &mut Text<4>, byte: u8, out: &mut Output) -> Result<()> {
    if VALUES[usize::from(byte)] == NONE {
        return Ok(());
    }
    held.push(&[byte]);
    let &[_, _, third, fourth] = held.as_bytes() else { return Ok(()) };
    let value = held.as_bytes().iter().fold(0, |value, &letter| value << 6 | u32::from(VALUES[usize::from(letter)]));
    let [_, bytes @ ..] = value.to_be_bytes();
    let valid = match (third, fourth) {
        (b'=', _) => 1,
        (_, b'=') => 2,
        _ => 3,
    };
    *held = Text::new();
    out.add(&bytes[..valid])
}
