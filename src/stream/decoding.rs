//! Decoding of received bytes, piece by piece.

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_16BE, UTF_16LE};

use super::codec::Codec;
use super::illegal_sequence;
use super::incoming::Incoming;
use crate::error::Result;

/// The byte order of UTF-16 without a byte order mark.
const NATIVE: &Encoding = if cfg!(target_endian = "little") { UTF_16LE } else { UTF_16BE };

/// The state of a decoder between two receives.
pub(super) enum Decoding {
    /// One byte a character, up to this one.
    Bytes(u16),
    Known(Decoder),
    /// UTF-16, whose first two bytes tell their order; the first of them, when it is here.
    Unordered(Option<u8>),
    /// Invalid bytes were received; nothing after them can be read.
    Broken,
}

impl Decoding {
    pub(super) fn new(codec: Codec) -> Self {
        match codec {
            Codec::Bytes(limit) => Decoding::Bytes(limit),
            Codec::Known(encoding) => Decoding::Known(encoding.new_decoder_without_bom_handling()),
            Codec::Marked(encoding) => Decoding::Known(encoding.new_decoder_with_bom_removal()),
            Codec::Utf16 => Decoding::Unordered(None),
        }
    }

    /// Fails with EILSEQ after invalid bytes.
    pub(super) fn check(&self) -> Result<()> {
        if matches!(self, Decoding::Broken) { Err(illegal_sequence()) } else { Ok(()) }
    }

    /// The most bytes of text that `count` more bytes become.
    pub(super) fn room(&self, count: usize) -> usize {
        // A mark is as long as anything that one byte becomes; the rest is what the decoder holds back.
        let most = 3 * count + 24;
        match self {
            Decoding::Known(decoder) => decoder.max_utf8_buffer_length(count).unwrap_or(most).max(most),
            _ => most,
        }
    }

    /// Decodes the next bytes, the last ones when they are followed by none, into room that was made before. What comes
    /// before a failure is kept. `mark` stands for invalid bytes, which fail without one.
    pub(super) fn decode(&mut self, bytes: &[u8], last: bool, mark: Option<&str>, out: &mut Incoming) -> Result<()> {
        self.check()?;
        match self {
            Decoding::Bytes(limit) => {
                let limit = *limit;
                bytes.iter().try_for_each(|&byte| {
                    if u16::from(byte) < limit {
                        out.append(char::from(byte).encode_utf8(&mut [0; 2]))
                    } else {
                        self.refuse(mark, out)
                    }
                })
            }
            Decoding::Known(_) | Decoding::Broken => self.decode_known(bytes, last, mark, out),
            Decoding::Unordered(first) => {
                let (held, mut start) = (*first, first.iter().chain(bytes).copied());
                let decoder = match [start.next(), start.next()] {
                    [_, None] if !last => {
                        *first = held.or(bytes.first().copied());
                        return Ok(());
                    }
                    [Some(0xff), Some(0xfe)] => UTF_16LE.new_decoder_with_bom_removal(),
                    [Some(0xfe), Some(0xff)] => UTF_16BE.new_decoder_with_bom_removal(),
                    _ => NATIVE.new_decoder_without_bom_handling(),
                };
                *self = Decoding::Known(decoder);
                self.decode_known(held.as_slice(), false, mark, out)?;
                self.decode_known(bytes, last, mark, out)
            }
        }
    }

    fn decode_known(&mut self, mut bytes: &[u8], last: bool, mark: Option<&str>, out: &mut Incoming) -> Result<()> {
        while let Decoding::Known(decoder) = self {
            let (result, read, written) = decoder.decode_to_utf8_without_replacement(bytes, out.room(), last);
            out.end += written;
            bytes = &bytes[read..];
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => out.make_room(self.room(bytes.len()))?,
                DecoderResult::Malformed(..) => self.refuse(mark, out)?,
            }
        }
        Ok(())
    }

    /// Appends a mark in the place of invalid bytes.
    fn refuse(&mut self, mark: Option<&str>, out: &mut Incoming) -> Result<()> {
        match mark {
            Some(mark) => out.append(mark),
            None => {
                *self = Decoding::Broken;
                Err(illegal_sequence())
            }
        }
    }
}
