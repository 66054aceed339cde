//! The format "n" of `read`: finds the longest prefix of a numeral, as Lua's files do.

/// The longest numeral that is read.
const LONGEST: usize = 200;

/// The result of a scan, with offsets into the bytes.
pub(super) enum Numeral {
    /// A numeral, for Lua's own conversion.
    Number(usize, usize),
    /// No numeral; the characters that were read end here.
    None(usize),
    /// The bytes end before the numeral does.
    Unfinished,
}

/// A scan, repeated whenever more bytes were received.
pub(super) struct Scan {
    from: usize,
}

struct Cursor<'a> {
    bytes: &'a [u8],
    place: usize,
    start: usize,
    ended: bool,
    unfinished: bool,
    /// A digit more than a numeral may have.
    too_long: bool,
}

impl Cursor<'_> {
    /// The next byte, when it is one that `wanted` accepts and the numeral is not too long.
    fn accept(&mut self, wanted: impl Fn(u8) -> bool) -> bool {
        match self.bytes.get(self.place) {
            Some(&byte) if wanted(byte) => {
                self.too_long |= self.place - self.start >= LONGEST;
                self.place += usize::from(!self.too_long);
                !self.too_long
            }
            None if !self.ended => {
                self.unfinished = true;
                false
            }
            _ => false,
        }
    }

    fn digits(&mut self, hexadecimal: bool) -> usize {
        let first = self.place;
        while self.accept(|byte| if hexadecimal { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() }) {}
        self.place - first
    }
}

impl Scan {
    pub(super) fn new(from: usize) -> Self {
        Scan { from }
    }

    /// Up to where there is nothing but white space.
    pub(super) fn place(&self) -> usize {
        self.from
    }

    /// Looks at all bytes there are; `ended` tells that no more will come.
    pub(super) fn run(&mut self, bytes: &[u8], ended: bool) -> Numeral {
        let mut cursor =
            Cursor { bytes, place: self.from, start: self.from, ended, unfinished: false, too_long: false };
        let is_space = |byte: u8| byte.is_ascii_whitespace() || byte == 0x0b;
        while bytes.get(cursor.place).copied().is_some_and(is_space) {
            cursor.place += 1;
        }
        // White space is not scanned again.
        self.from = cursor.place;
        cursor.start = cursor.place;
        cursor.accept(|byte| byte == b'+' || byte == b'-');
        let mut count = 0;
        let mut hexadecimal = false;
        if cursor.accept(|byte| byte == b'0') {
            hexadecimal = cursor.accept(|byte| byte == b'x' || byte == b'X');
            count = usize::from(!hexadecimal);
        }
        count += cursor.digits(hexadecimal);
        if cursor.accept(|byte| byte == b'.') {
            count += cursor.digits(hexadecimal);
        }
        let exponent: &[u8] = if hexadecimal { b"pP" } else { b"eE" };
        let mut is_numeral = count > 0;
        if count > 0 && cursor.accept(|byte| exponent.contains(&byte)) {
            cursor.accept(|byte| byte == b'+' || byte == b'-');
            is_numeral = cursor.digits(false) > 0;
        }
        if cursor.unfinished {
            return Numeral::Unfinished;
        }
        if is_numeral && !cursor.too_long {
            Numeral::Number(cursor.start, cursor.place)
        } else {
            Numeral::None(cursor.place)
        }
    }
}
