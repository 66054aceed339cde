//! Base64: three bytes as four letters.

use super::{Coder, Output};
use crate::error::Result;

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

#[derive(Default)]
pub(super) struct Base64Encoder {
    bytes: [u8; 3],
    count: usize,
}

impl Base64Encoder {
    /// The letters of the bytes.
    fn letters(&self) -> [u8; 4] {
        let [first, second, third] = self.bytes.map(u32::from);
        let value = first << 16 | second << 8 | third;
        [18, 12, 6, 0].map(|shift| LETTERS[(value >> shift & 63) as usize])
    }
}

impl Coder for Base64Encoder {
    #[inline(always)]
    fn take(&mut self, byte: u8, out: &mut Output) -> Result<()> {
        self.bytes[self.count] = byte;
        self.count += 1;
        if self.count == 3 {
            out.add(&self.letters())?;
            self.count = 0;
        }
        Ok(())
    }

    fn held(&self) -> &[u8] {
        &self.bytes[..self.count]
    }

    fn end(&mut self, out: &mut Output) -> Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        self.bytes[self.count..].fill(0);
        let mut letters = self.letters();
        letters[self.count + 1..].fill(b'=');
        out.add(&letters)
    }
}

/// Passes over bytes that are no letters.
#[derive(Default)]
pub(super) struct Base64Decoder {
    letters: [u8; 4],
    count: usize,
}

impl Coder for Base64Decoder {
    #[inline(always)]
    fn take(&mut self, byte: u8, out: &mut Output) -> Result<()> {
        if VALUES[usize::from(byte)] == NONE {
            return Ok(());
        }
        self.letters[self.count] = byte;
        self.count += 1;
        if self.count < 4 {
            return Ok(());
        }
        self.count = 0;
        let value = self.letters.iter().fold(0, |value, &letter| value << 6 | u32::from(VALUES[usize::from(letter)]));
        let [_, bytes @ ..] = value.to_be_bytes();
        let valid = match self.letters {
            [_, _, b'=', _] => 1,
            [_, _, _, b'='] => 2,
            _ => 3,
        };
        out.add(&bytes[..valid])
    }

    fn held(&self) -> &[u8] {
        &self.letters[..self.count]
    }
}
