//! The layout, host, port and text of a `sockaddr`.

use std::fmt;

use super::{Layout, inet, inet6, layout, unix};
use crate::sys::{Address, headers};
use crate::text::Text;

impl Address {
    /// How the address looks in Lua; `None` when there is none.
    #[inline(always)]
    pub(crate) fn layout(&self) -> Option<&'static Layout> {
        (!self.as_bytes().is_empty()).then(|| layout(self.family(), self.proto))
    }

    /// The host alone, in network byte order; empty for a family without hosts.
    pub(crate) fn packed(&self) -> &[u8] {
        let (start, length) = match i32::from(self.family()) {
            headers::AF_INET => (inet::HOST, 4),
            headers::AF_INET6 => (inet6::HOST, 16),
            _ => (0, 0),
        };
        self.as_bytes().get(start..start + length).unwrap_or_default()
    }

    /// The path or the abstract name of a Unix socket, empty where it has none.
    pub(crate) fn path(&self) -> Option<&[u8]> {
        (i32::from(self.family()) == headers::AF_UNIX).then(|| unix::path(self))
    }

    /// The port of a family that has ports.
    pub(crate) fn port(&self) -> Option<u16> {
        let place = match i32::from(self.family()) {
            headers::AF_INET => inet::PORT,
            headers::AF_INET6 => inet6::PORT,
            _ => return None,
        };
        Some(u16::from_be_bytes(self.get_or_zero(place)))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Text::new();
        self.describe(&mut text);
        write!(formatter, "{text}")
    }
}
