//! Quoted-printable text: bytes that are not plain become `=` and two hexadecimal digits.

use super::{Coder, Output, SOFT_BREAK};
use crate::error::Result;

/// What an encoder knows of a byte.
enum Class {
    Plain,
    Quoted,
    /// It may begin the end of a line.
    Return,
    /// A space, which is plain unless a line ends behind it.
    Space,
}

fn class(byte: u8) -> Class {
    match byte {
        33..=60 | 62..=126 => Class::Plain,
        b'\t' | b' ' => Class::Space,
        b'\r' => Class::Return,
        _ => Class::Quoted,
    }
}

fn quote(byte: u8, out: &mut Output) -> Result<()> {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.add(&[b'=', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
}

/// Up to three bytes.
#[derive(Default)]
struct Held {
    bytes: [u8; 3],
    count: usize,
}

impl Held {
    #[inline(always)]
    fn add(&mut self, byte: u8) {
        self.bytes[self.count] = byte;
        self.count += 1;
    }

    fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.count]
    }
}

pub(super) struct QuotedEncoder<'a> {
    marker: &'a [u8],
    held: Held,
}

impl<'a> QuotedEncoder<'a> {
    /// The marker stands for each end of a line.
    pub(super) fn new(marker: &'a [u8]) -> Self {
        QuotedEncoder { marker, held: Held::default() }
    }

    /// The end of a line, which the held bytes make.
    fn end_line(&mut self, out: &mut Output) -> Result<()> {
        self.held.count = 0;
        out.add(self.marker)
    }
}

impl Coder for QuotedEncoder<'_> {
    #[inline(always)]
    fn take(&mut self, byte: u8, out: &mut Output) -> Result<()> {
        self.held.add(byte);
        while let [first, rest @ ..] = self.held.as_slice() {
            let first = *first;
            match (class(first), rest) {
                (Class::Return, []) | (Class::Space, [] | [_]) => return Ok(()),
                (Class::Return, [b'\n', ..]) => return self.end_line(out),
                (Class::Space, b"\r\n") => {
                    quote(first, out)?;
                    return self.end_line(out);
                }
                (Class::Plain | Class::Space, _) => out.add(&[first])?,
                (Class::Quoted | Class::Return, _) => quote(first, out)?,
            }
            self.held.bytes.copy_within(1.., 0);
            self.held.count -= 1;
        }
        Ok(())
    }

    fn held(&self) -> &[u8] {
        self.held.as_slice()
    }

    fn end(&mut self, out: &mut Output) -> Result<()> {
        for &byte in self.held.as_slice() {
            match class(byte) {
                Class::Plain => out.add(&[byte])?,
                _ => quote(byte, out)?,
            }
        }
        if self.held.count > 0 { out.add(SOFT_BREAK) } else { Ok(()) }
    }
}

/// Leaves out control characters, and carriage returns that end no line with the byte behind them.
#[derive(Default)]
pub(super) struct QuotedDecoder(Held);

impl Coder for QuotedDecoder {
    #[inline(always)]
    fn take(&mut self, byte: u8, out: &mut Output) -> Result<()> {
        self.0.add(byte);
        let made = match *self.0.as_slice() {
            [b'='] | [b'=', _] | [b'\r'] => return Ok(()),
            [b'=', b'\r', b'\n'] => Ok(()),
            [b'=', high, low] => match (digit(high), digit(low)) {
                (Some(high), Some(low)) => out.add(&[high << 4 | low]),
                _ => out.add(self.0.as_slice()),
            },
            [b'\r', b'\n'] => out.add(b"\r\n"),
            [byte @ (b'\t' | 32..=126)] => out.add(&[byte]),
            _ => Ok(()),
        };
        self.0.count = 0;
        made
    }

    fn held(&self) -> &[u8] {
        self.0.as_slice()
    }
}

/// The value of a hexadecimal digit.
fn digit(letter: u8) -> Option<u8> {
    char::from(letter).to_digit(16).map(|value| value as u8)
}
