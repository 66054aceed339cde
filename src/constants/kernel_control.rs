//! Kernel controls (`PF_SYSTEM`), from `sys/sys_domain.h`.

use super::constants;

/// Protocols.
pub(crate) const KERNEL_CONTROL: &[(&str, i64)] = constants! {
    #[cfg(macos)] {
        SYSPROTO_CONTROL
    }
};
