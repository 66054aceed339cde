//! The format "n" of `read`: finds the longest prefix of a numeral, as Lua's files do.

use std::ops::Range;

use crate::lua::ReadValue;

/// The longest numeral that is read.
const LONGEST: usize = 200;

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

/// Looks for a numeral, for Lua's own conversion, in the bytes from an offset on, which is moved behind white space: that
/// need not be scanned again. Returns the numeral's place, if there is one, and where the characters end that were read;
/// `None` when the bytes end before the numeral does. `ended` tells that no more will come.
pub(super) fn scan(bytes: &[u8], from: &mut usize, ended: bool) -> Option<(ReadValue<Range<usize>>, usize)> {
    let mut cursor = Cursor { bytes, place: *from, start: *from, ended, unfinished: false, too_long: false };
    let is_space = |byte: u8| byte.is_ascii_whitespace() || byte == 0x0b;
    while bytes.get(cursor.place).copied().is_some_and(is_space) {
        cursor.place += 1;
    }
    *from = cursor.place;
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
        return None;
    }
    if is_numeral && !cursor.too_long {
        Some((ReadValue::Number(cursor.start..cursor.place), cursor.place))
    } else {
        Some((ReadValue::Nothing, cursor.place))
    }
}
