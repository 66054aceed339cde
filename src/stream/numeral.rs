//! The format "n" of `read`: finds the longest prefix of a numeral, as Lua's files do.

use std::ops::Range;

/// The longest numeral that is read.
const LONGEST: usize = 200;

/// Looks for a numeral, for Lua's own conversion, in the bytes from an offset on, which is moved behind white space: that
/// need not be scanned again. Returns the numeral's place, if there is one, and where the characters end that were read;
/// `None` when the bytes end before the numeral does. `ended` tells that no more will come.
pub(super) fn scan(bytes: &[u8], from: &mut usize, ended: bool) -> Option<(Option<Range<usize>>, usize)> {
    let is_space = |byte: &&u8| byte.is_ascii_whitespace() || **byte == 0x0b;
    let start = *from + bytes[*from..].iter().take_while(is_space).count();
    *from = start;
    // One byte more than a numeral may have.
    let text = &bytes[start..bytes.len().min(start + LONGEST + 1)];
    let has = |place: usize, wanted: &[u8]| text.get(place).is_some_and(|byte| wanted.contains(byte));
    let digits = |place: usize, hexadecimal: bool| {
        let is_digit = |byte: &&u8| if hexadecimal { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
        text[place..].iter().take_while(is_digit).count()
    };
    let mut end = usize::from(has(0, b"+-"));
    let hexadecimal = has(end, b"0") && has(end + 1, b"xX");
    end += if hexadecimal { 2 } else { 0 };
    let mut count = digits(end, hexadecimal);
    end += count;
    if has(end, b".") {
        let fraction = digits(end + 1, hexadecimal);
        count += fraction;
        end += 1 + fraction;
    }
    let mut is_numeral = count > 0;
    if is_numeral && has(end, if hexadecimal { b"pP" } else { b"eE" }) {
        end += if has(end + 1, b"+-") { 2 } else { 1 };
        let exponent = digits(end, false);
        is_numeral = exponent > 0;
        end += exponent;
    }
    if end > LONGEST {
        return Some((None, start + LONGEST));
    }
    if end == text.len() && !ended {
        return None;
    }
    let found = start..start + end;
    Some((is_numeral.then_some(found), start + end))
}
