//! Kernel controls (`PF_SYSTEM`), from `sys/sys_domain.h`.

use super::{Constant, constants};

/// Protocols.
pub(crate) const KERNEL_CONTROL: &[Constant] = constants! {
    #[cfg(macos)] {
        SYSPROTO_CONTROL
    }
};
