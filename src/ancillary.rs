//! Ancillary data as it looks in Lua: a sequence of items.

use crate::address::{Layout, Single};

/// An item, whose fields read by position and by name as those of an address do. Its key is beyond all families.
pub(crate) static LAYOUT: Layout = Layout { key: 1 << 16, fields: &["level", "type", "data"], single: Single::Table };
