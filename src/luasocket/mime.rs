//! `mime.core`.

use crate::lua::NativeFunction;

/// The functions of the module.
pub(crate) static FUNCTIONS: &[NativeFunction] = &[];
