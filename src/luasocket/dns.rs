//! `socket.dns`.

use crate::lua::NativeFunction;

/// The functions of the table.
pub(crate) static FUNCTIONS: &[NativeFunction] = &[];
