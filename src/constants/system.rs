//! Sockets to parts of the kernel, from `sys/sys_domain.h`.

use super::{Constant, constants};

/// Protocols.
pub(crate) const SYSTEM: &[Constant] = constants! {
    #[cfg(macos)] {
        SYSPROTO_CONTROL
    }
};
