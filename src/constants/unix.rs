//! Unix sockets, from `sys/un.h`.

use super::constants;

/// Options. Other systems have `SO_PEERCRED` and `SO_PASSCRED` instead.
pub(crate) const UNIX: &[(&str, i64)] = constants! {
    #[cfg(any(freebsd, netbsd))] {
        LOCAL_CREDS
    }
    #[cfg(any(dragonfly, freebsd, apple))] {
        LOCAL_PEERCRED
    }
    #[cfg(freebsd)] {
        LOCAL_CREDS_PERSISTENT
    }
};
