//! The formats of Lua 5.4's `string.pack`, option by option.

use std::ffi::{c_int, c_long, c_short};

use crate::text::Text;

/// What an option stands for, with its size in bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Signed(usize),
    Unsigned(usize),
    Float,
    Double,
    /// A string of fixed length.
    Fixed(usize),
    /// A string behind its length.
    Counted(usize),
    /// A string before a zero.
    Terminated,
    /// A zero.
    Padding,
    /// Nothing, but the next option may have to be aligned.
    Nothing,
}

impl Packing {
    /// How many bytes it takes, those of a string of any length not counted.
    pub(crate) fn size(self) -> usize {
        match self {
            Packing::Signed(size) | Packing::Unsigned(size) | Packing::Fixed(size) | Packing::Counted(size) => size,
            Packing::Float => 4,
            Packing::Double => 8,
            Packing::Padding => 1,
            Packing::Terminated | Packing::Nothing => 0,
        }
    }
}

/// What is wrong with a format, or with bytes that should have it.
pub(crate) enum Malformed {
    /// An error of the call.
    Call(Text<64>),
    /// An error of an argument: of the first, the format, or of the second, the bytes.
    Argument(i32, &'static str),
}

/// The largest number in a format, and the largest size of what it describes.
pub(crate) const LARGEST: usize = c_int::MAX as usize;

/// The largest size of an integer, and the alignment of `!`.
const LARGEST_INTEGER: usize = 16;
const LARGEST_ALIGNMENT: usize = 8;

/// The options of a format that are left.
#[derive(Clone, Copy)]
pub(crate) struct PackingFormat<'a> {
    rest: &'a [u8],
    pub(crate) little_endian: bool,
    /// The largest alignment.
    alignment: usize,
}

impl<'a> PackingFormat<'a> {
    pub(crate) fn new(format: &'a [u8]) -> Self {
        PackingFormat { rest: format, little_endian: cfg!(target_endian = "little"), alignment: 1 }
    }

    /// The next option, and how many zeros align it behind `before` bytes; `None` at the end.
    pub(crate) fn next(&mut self, before: usize) -> Result<Option<(Packing, usize)>, Malformed> {
        let Some(letter) = self.take() else {
            return Ok(None);
        };
        let (packing, mut align) = if letter == b'X' {
            let next = match self.take() {
                Some(b'X') | None => Packing::Nothing,
                Some(letter) => self.option(letter)?,
            };
            if matches!(next, Packing::Fixed(_)) || next.size() == 0 {
                return Err(Malformed::Argument(1, "invalid next option for option 'X'"));
            }
            (Packing::Nothing, next.size())
        } else {
            let packing = self.option(letter)?;
            (packing, packing.size())
        };
        if align <= 1 || matches!(packing, Packing::Fixed(_)) {
            return Ok(Some((packing, 0)));
        }
        align = align.min(self.alignment);
        if !align.is_power_of_two() {
            return Err(Malformed::Argument(1, "format asks for alignment not power of 2"));
        }
        Ok(Some((packing, before.wrapping_neg() & (align - 1))))
    }

    fn option(&mut self, letter: u8) -> Result<Packing, Malformed> {
        Ok(match letter {
            b'b' => Packing::Signed(1),
            b'B' => Packing::Unsigned(1),
            b'h' => Packing::Signed(size_of::<c_short>()),
            b'H' => Packing::Unsigned(size_of::<c_short>()),
            b'i' => Packing::Signed(self.size(size_of::<c_int>())?),
            b'I' => Packing::Unsigned(self.size(size_of::<c_int>())?),
            b'l' => Packing::Signed(size_of::<c_long>()),
            b'L' => Packing::Unsigned(size_of::<c_long>()),
            b'j' => Packing::Signed(8),
            b'J' => Packing::Unsigned(8),
            b'T' => Packing::Unsigned(size_of::<usize>()),
            b'f' => Packing::Float,
            b'd' | b'n' => Packing::Double,
            b's' => Packing::Counted(self.size(size_of::<usize>())?),
            b'c' => match self.number() {
                Some(size) => Packing::Fixed(size),
                None => return Err(Malformed::Call(Text::format(format_args!("missing size for format option 'c'")))),
            },
            b'z' => Packing::Terminated,
            b'x' => Packing::Padding,
            b' ' => Packing::Nothing,
            b'<' | b'>' | b'=' => {
                self.little_endian = letter == b'<' || letter == b'=' && cfg!(target_endian = "little");
                Packing::Nothing
            }
            b'!' => {
                self.alignment = self.size(LARGEST_ALIGNMENT)?;
                Packing::Nothing
            }
            _ => {
                let mut reason = Text::format(format_args!("invalid format option '"));
                reason.push(&[letter, b'\'']);
                return Err(Malformed::Call(reason));
            }
        })
    }

    fn take(&mut self) -> Option<u8> {
        let (&letter, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(letter)
    }

    /// The number that follows a letter, if there is one.
    fn number(&mut self) -> Option<usize> {
        let mut number = None;
        while let Some(digit @ b'0'..=b'9') = self.rest.first()
            && number.unwrap_or(0) <= (LARGEST - 9) / 10
        {
            number = Some(number.unwrap_or(0) * 10 + usize::from(digit - b'0'));
            self.take();
        }
        number
    }

    /// The size of an integer.
    fn size(&mut self, default: usize) -> Result<usize, Malformed> {
        match self.number().unwrap_or(default) {
            size @ 1..=LARGEST_INTEGER => Ok(size),
            size => {
                let limits = format_args!("integral size ({size}) out of limits [1,{LARGEST_INTEGER}]");
                Err(Malformed::Call(Text::format(limits)))
            }
        }
    }
}

/// The bytes of an integer; those beyond 8 are its sign.
pub(crate) fn integer_to_bytes(value: i64, packing: Packing, little_endian: bool) -> [u8; LARGEST_INTEGER] {
    let sign = if packing == Packing::Signed(packing.size()) && value < 0 { 0xff } else { 0 };
    let mut bytes = [sign; LARGEST_INTEGER];
    bytes[..8].copy_from_slice(&value.to_le_bytes());
    if !little_endian {
        bytes[..packing.size()].reverse();
    }
    bytes
}

/// The integer in bytes; `None` when it has more than 64 bits.
pub(crate) fn integer_of_bytes(from: &[u8], signed: bool, little_endian: bool) -> Option<i64> {
    let mut bytes = [0; LARGEST_INTEGER];
    let bytes = &mut bytes[..from.len()];
    bytes.copy_from_slice(from);
    if !little_endian {
        bytes.reverse();
    }
    let (low, high) = bytes.split_at(from.len().min(8));
    let fill = if signed && low.last().is_some_and(|byte| byte & 0x80 != 0) { 0xff } else { 0 };
    let mut value = [fill; 8];
    value[..low.len()].copy_from_slice(low);
    high.iter().all(|&byte| byte == fill).then_some(i64::from_le_bytes(value))
}
