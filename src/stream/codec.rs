//! Text in other encodings: what Lua sees is UTF-8.

use encoding_rs::{Decoder, DecoderResult, EncoderResult, Encoding};

use super::illegal_sequence;
use crate::error::Result;

/// What to do with bytes that do not fit the encoding, and characters that it lacks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Errors {
    Strict,
    Ignore,
    Replace,
}

/// An encoding, and how strictly it is taken.
#[derive(Clone, Copy)]
pub(super) struct Codec {
    kind: Kind,
    errors: Errors,
}

#[derive(Clone, Copy)]
enum Kind {
    /// One byte a character: those below this number are Unicode's first ones.
    Bytes(u16),
    /// One that the library knows, and whether a byte order mark is dropped.
    Known(&'static Encoding, bool),
}

impl Codec {
    /// The encoding of that name. `latin-1` and `ascii` are what they say, and not the supersets that browsers take
    /// them for.
    pub(super) fn named(name: &[u8], errors: Errors) -> Option<Self> {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase().replace('_', "-");
        let kind = match name.as_str() {
            "ascii" | "us-ascii" => Kind::Bytes(0x80),
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" => Kind::Bytes(0x100),
            "utf-8-sig" => Kind::Known(encoding_rs::UTF_8, true),
            "utf-16" => Kind::Known(encoding_rs::UTF_16LE, true),
            "utf-16-le" => Kind::Known(encoding_rs::UTF_16LE, false),
            "utf-16-be" => Kind::Known(encoding_rs::UTF_16BE, false),
            "cp932" => Kind::Known(encoding_rs::SHIFT_JIS, false),
            "mac-roman" => Kind::Known(encoding_rs::MACINTOSH, false),
            _ => Kind::Known(Encoding::for_label_no_replacement(name.as_bytes())?, false),
        };
        Some(Codec { kind, errors })
    }

    pub(super) fn can_encode(self) -> bool {
        match self.kind {
            Kind::Bytes(_) => true,
            Kind::Known(encoding, _) => encoding.output_encoding() == encoding,
        }
    }

    /// Encodes UTF-8, all of it or nothing.
    pub(super) fn encode(self, text: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let text = match (std::str::from_utf8(text), self.errors) {
            (Ok(text), _) => text.into(),
            (Err(_), Errors::Strict) => return Err(illegal_sequence()),
            (Err(_), Errors::Replace) => String::from_utf8_lossy(text),
            (Err(_), Errors::Ignore) => text.utf8_chunks().map(|chunk| chunk.valid()).collect(),
        };
        match self.kind {
            Kind::Bytes(limit) => {
                for character in text.chars() {
                    match u8::try_from(character) {
                        Ok(byte) if u16::from(byte) < limit => out.push(byte),
                        _ => self.substitute(out)?,
                    }
                }
                Ok(())
            }
            Kind::Known(encoding, _) => self.encode_known(encoding, &text, out),
        }
    }

    fn encode_known(self, encoding: &'static Encoding, mut text: &str, out: &mut Vec<u8>) -> Result<()> {
        let mut encoder = encoding.new_encoder();
        loop {
            let room = encoder.max_buffer_length_from_utf8_without_replacement(text.len()).unwrap_or(text.len() * 4);
            out.reserve(room);
            let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(text, out, true);
            text = &text[read..];
            match result {
                EncoderResult::InputEmpty => return Ok(()),
                EncoderResult::OutputFull => {}
                EncoderResult::Unmappable(_) => self.substitute(out)?,
            }
        }
    }

    fn substitute(self, out: &mut Vec<u8>) -> Result<()> {
        match self.errors {
            Errors::Strict => return Err(illegal_sequence()),
            Errors::Ignore => {}
            Errors::Replace => out.push(b'?'),
        }
        Ok(())
    }
}

/// Decodes what arrives piece by piece.
pub(super) struct Decoding {
    codec: Codec,
    decoder: Option<Decoder>,
    /// Bytes were met that do not fit: nothing after them can be read.
    broken: bool,
}

impl Decoding {
    pub(super) fn new(codec: Codec) -> Self {
        let decoder = match codec.kind {
            Kind::Bytes(_) => None,
            Kind::Known(encoding, true) => Some(encoding.new_decoder()),
            Kind::Known(encoding, false) => Some(encoding.new_decoder_without_bom_handling()),
        };
        Decoding { codec, decoder, broken: false }
    }

    /// Fails when bytes were met that do not fit.
    pub(super) fn check(&self) -> Result<()> {
        if self.broken { Err(illegal_sequence()) } else { Ok(()) }
    }

    /// Decodes the next bytes, the last ones when they are followed by none. What comes before a failure is kept.
    pub(super) fn decode(&mut self, mut bytes: &[u8], last: bool, out: &mut String) -> Result<()> {
        self.check()?;
        let Some(decoder) = &mut self.decoder else { return self.decode_bytes(bytes, out) };
        loop {
            out.reserve(decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(bytes.len() * 3));
            let (result, read) = decoder.decode_to_string_without_replacement(bytes, out, last);
            bytes = &bytes[read..];
            match result {
                DecoderResult::InputEmpty => return Ok(()),
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => match self.codec.errors {
                    Errors::Ignore => {}
                    Errors::Replace => out.push(char::REPLACEMENT_CHARACTER),
                    Errors::Strict => {
                        self.broken = true;
                        return Err(illegal_sequence());
                    }
                },
            }
        }
    }

    fn decode_bytes(&mut self, bytes: &[u8], out: &mut String) -> Result<()> {
        let Kind::Bytes(limit) = self.codec.kind else { return Ok(()) };
        for &byte in bytes {
            match (u16::from(byte) < limit, self.codec.errors) {
                (true, _) => out.push(byte.into()),
                (false, Errors::Ignore) => {}
                (false, Errors::Replace) => out.push(char::REPLACEMENT_CHARACTER),
                (false, Errors::Strict) => {
                    self.broken = true;
                    return Err(illegal_sequence());
                }
            }
        }
        Ok(())
    }
}
