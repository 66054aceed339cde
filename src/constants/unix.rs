//! Local sockets, from `sys/un.h`.

use super::{Constant, constants};

/// Options; what they do is `SO_PEERCRED` and `SO_PASSCRED` elsewhere.
pub(crate) const UNIX: &[Constant] = constants! {
    #[cfg(any(target_os = "freebsd", target_os = "netbsd"))] {
        LOCAL_CREDS
    }
    #[cfg(any(target_os = "dragonfly", target_os = "freebsd", target_vendor = "apple"))] {
        LOCAL_PEERCRED
    }
    #[cfg(target_os = "freebsd")] {
        LOCAL_CREDS_PERSISTENT
    }
};
