//! Text of bounded length without an allocation, which needs no drop when a Lua error is raised over it.

use std::fmt;

/// At most `N` bytes of text, truncated to fit; by default as many as an error message has.
#[derive(Clone, Copy)]
pub(crate) struct Text<const N: usize = 320> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Text<N> {
    /// An empty text.
    pub(crate) fn new() -> Self {
        Text { bytes: [0; N], length: 0 }
    }

    /// A text made of the first `length` bytes.
    #[inline(always)]
    pub(crate) fn from_parts(bytes: [u8; N], length: usize) -> Self {
        Text { bytes, length: length.min(N) }
    }

    /// A text made of formatted arguments.
    pub(crate) fn format(arguments: fmt::Arguments) -> Self {
        let mut text = Text::new();
        // Writing to a Text truncates and never fails.
        let _ = fmt::Write::write_fmt(&mut text, arguments);
        text
    }

    /// Appends bytes, which need not be UTF-8.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let count = bytes.len().min(N - self.length);
        self.bytes[self.length..self.length + count].copy_from_slice(&bytes[..count]);
        self.length += count;
    }

    /// The bytes written so far.
    #[inline(always)]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Text::new()
    }
}

impl<const N: usize> fmt::Write for Text<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&String::from_utf8_lossy(self.as_bytes()))
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", String::from_utf8_lossy(self.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn what_does_not_fit_is_cut() {
        let text = Text::<4>::format(format_args!("{}{}", 123, 456));
        assert_eq!(text.as_bytes(), b"1234");
    }
}
