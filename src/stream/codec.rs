//! Encodings of streams, to and from UTF-8.

use encoding_rs::{EncoderResult, Encoding};

use super::illegal_sequence;
use crate::error::Result;
use crate::memory;
use crate::text::Text;

/// What stands for invalid bytes where `errors` of `makefile` is `"replace"`.
pub(super) const REPLACEMENT: &str = "\u{FFFD}";

/// An encoding.
#[derive(Clone, Copy)]
pub(super) enum Codec {
    /// One byte a character: the first so many of Unicode (ASCII, Latin-1).
    Bytes(u16),
    /// An encoding of encoding_rs.
    Known(&'static Encoding),
    /// The same; a byte order mark at the beginning is removed.
    Marked(&'static Encoding),
    /// UTF-16 in the byte order of its byte order mark, else of this machine.
    Utf16,
}

/// The longest name that an encoding has.
const LONGEST_NAME: usize = 32;

/// How many bytes are encoded at once.
const STEP: usize = 512;

impl Codec {
    /// The encoding of that name. `latin-1` and `ascii` are exactly these, not windows-1252 as in browsers.
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        let mut text = [0; LONGEST_NAME];
        let text = text.get_mut(..name.len())?;
        text.copy_from_slice(name);
        text.make_ascii_lowercase();
        text.iter_mut().filter(|byte| **byte == b'_').for_each(|byte| *byte = b'-');
        Some(match &*text {
            b"ascii" | b"us-ascii" => Codec::Bytes(0x80),
            b"latin-1" | b"latin1" | b"iso-8859-1" | b"iso8859-1" | b"l1" => Codec::Bytes(0x100),
            b"utf-8-sig" => Codec::Marked(encoding_rs::UTF_8),
            b"utf-16" => Codec::Utf16,
            b"utf-16-le" => Codec::Known(encoding_rs::UTF_16LE),
            b"utf-16-be" => Codec::Known(encoding_rs::UTF_16BE),
            b"cp932" => Codec::Known(encoding_rs::SHIFT_JIS),
            b"mac-roman" => Codec::Known(encoding_rs::MACINTOSH),
            name => Codec::Known(Encoding::for_label_no_replacement(name)?),
        })
    }

    pub(super) fn can_encode(self) -> bool {
        match self {
            Codec::Bytes(_) => true,
            Codec::Known(encoding) | Codec::Marked(encoding) => encoding.output_encoding() == encoding,
            Codec::Utf16 => false,
        }
    }

    /// Encodes UTF-8. A character may be given in parts: `partial` keeps its first bytes. `mark` stands for bytes that are
    /// not UTF-8, which fail without one; characters that the encoding lacks become `?` then, or nothing where it is empty.
    pub(super) fn encode(
        self,
        mark: Option<&str>,
        mut text: &[u8],
        partial: &mut Text<4>,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        while !partial.as_bytes().is_empty()
            && let Some((&byte, rest)) = text.split_first()
        {
            let before = *partial;
            partial.push(&[byte]);
            match std::str::from_utf8(partial.as_bytes()) {
                Ok(character) => self.encode_text(mark, character, out)?,
                Err(error) if error.error_len().is_none() => {
                    text = rest;
                    continue;
                }
                Err(_) => {
                    // The byte does not belong to it.
                    *partial = before;
                    self.finish(mark, partial, out)?;
                    continue;
                }
            }
            text = rest;
            *partial = Text::default();
        }
        let mut chunks = text.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            self.encode_text(mark, chunk.valid(), out)?;
            let unfinished = |error: std::str::Utf8Error| chunks.peek().is_none() && error.error_len().is_none();
            match std::str::from_utf8(chunk.invalid()).map_err(unfinished) {
                Ok(_) => {}
                Err(true) => chunk.invalid().iter().for_each(|&byte| partial.push(&[byte])),
                Err(false) => self.refuse(mark, out)?,
            }
        }
        Ok(())
    }

    /// The text ends, and with it a character that is not whole.
    pub(super) fn finish(self, mark: Option<&str>, partial: &mut Text<4>, out: &mut Vec<u8>) -> Result<()> {
        if !partial.as_bytes().is_empty() {
            self.refuse(mark, out)?;
            *partial = Text::default();
        }
        Ok(())
    }

    /// Encodes a mark in the place of bytes that are not UTF-8.
    fn refuse(self, mark: Option<&str>, out: &mut Vec<u8>) -> Result<()> {
        self.encode_text(mark, mark.ok_or_else(illegal_sequence)?, out)
    }

    fn encode_text(self, mark: Option<&str>, text: &str, out: &mut Vec<u8>) -> Result<()> {
        match self {
            Codec::Bytes(limit) => {
                memory::reserve(out, text.len())?;
                for character in text.chars() {
                    match u8::try_from(character) {
                        Ok(byte) if u16::from(byte) < limit => out.push(byte),
                        _ => substitute(mark, out)?,
                    }
                }
                Ok(())
            }
            Codec::Known(encoding) | Codec::Marked(encoding) => encode_known(mark, encoding, text, out),
            Codec::Utf16 => Err(illegal_sequence()),
        }
    }
}

fn encode_known(mark: Option<&str>, encoding: &'static Encoding, mut text: &str, out: &mut Vec<u8>) -> Result<()> {
    let mut encoder = encoding.new_encoder();
    let mut bytes = [0; STEP];
    loop {
        let (result, read, made) = encoder.encode_from_utf8_without_replacement(text, &mut bytes, true);
        // With room for the mark of a character that the encoding lacks.
        memory::reserve(out, made + 1)?;
        out.extend_from_slice(&bytes[..made]);
        text = &text[read..];
        match result {
            EncoderResult::InputEmpty => return Ok(()),
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(_) => substitute(mark, out)?,
        }
    }
}

/// Puts a mark in the place of a character that the encoding lacks; there is room for it.
fn substitute(mark: Option<&str>, out: &mut Vec<u8>) -> Result<()> {
    if !mark.ok_or_else(illegal_sequence)?.is_empty() {
        out.push(b'?');
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Encodes a text that is written in pieces of `size` bytes.
    fn in_pieces(name: &[u8], mark: Option<&str>, text: &[u8], size: usize) -> Result<Vec<u8>> {
        let codec = Codec::named(name).unwrap();
        let (mut partial, mut out) = (Text::default(), Vec::new());
        for piece in text.chunks(size) {
            codec.encode(mark, piece, &mut partial, &mut out)?;
        }
        codec.finish(mark, &mut partial, &mut out)?;
        Ok(out)
    }

    #[test]
    fn where_a_text_is_cut_makes_no_difference() {
        let texts: [&[u8]; 5] =
            ["aé€😀é".as_bytes(), b"a\xffb\xc3", b"\xe2\x82\xe2\x82\xac", b"\xf0\x9f\x98a", b"\xc3\xc3"];
        for text in texts {
            for mark in [None, Some(""), Some(REPLACEMENT)] {
                for name in [&b"utf-8"[..], b"latin-1", b"shift_jis", b"gb18030"] {
                    let whole = in_pieces(name, mark, text, text.len()).ok();
                    for size in 1..4 {
                        assert_eq!(in_pieces(name, mark, text, size).ok(), whole);
                    }
                }
            }
        }
        assert_eq!(in_pieces(b"utf-8", Some(REPLACEMENT), b"a\xe2\x82", 1).unwrap(), "a\u{FFFD}".as_bytes());
        assert!(in_pieces(b"utf-8", None, b"a\xe2\x82", 1).is_err());
    }
}
