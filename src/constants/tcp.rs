//! TCP, from `netinet/tcp.h`.

use super::constants;

/// The level and its options.
pub(crate) const TCP: &[(&str, i64)] = constants! {
    SOL_TCP = 6 // netinet/tcp.h
    TCP_MAXSEG
    TCP_NODELAY
    #[cfg(linux_like)] {
        TCP_CC_INFO
        TCP_CORK
        TCP_DEFER_ACCEPT
        TCP_FASTOPEN_CONNECT
        TCP_FASTOPEN_KEY
        TCP_FASTOPEN_NO_COOKIE
        TCP_INQ
        TCP_LINGER2
        TCP_MD5SIG_EXT
        TCP_NOTSENT_LOWAT
        TCP_QUEUE_SEQ
        TCP_QUICKACK
        TCP_REPAIR
        TCP_REPAIR_OPTIONS
        TCP_REPAIR_QUEUE
        TCP_REPAIR_WINDOW
        TCP_SAVED_SYN
        TCP_SAVE_SYN
        TCP_SYNCNT
        TCP_THIN_DUPACK
        TCP_THIN_LINEAR_TIMEOUTS
        TCP_TIMESTAMP
        TCP_TX_DELAY = 37 // linux/tcp.h
        TCP_ULP
        TCP_USER_TIMEOUT
        TCP_WINDOW_CLAMP
        TCP_ZEROCOPY_RECEIVE
    }
    #[cfg(not(openbsd))] {
        TCP_KEEPCNT
        TCP_KEEPINTVL
    }
    #[cfg(all(unix, not(any(dragonfly, apple))))] {
        TCP_INFO
        TCP_MD5SIG
    }
    #[cfg(not(any(openbsd, apple)))] {
        TCP_KEEPIDLE
    }
    #[cfg(not(any(dragonfly, netbsd, openbsd)))] {
        TCP_FASTOPEN
    }
    #[cfg(any(linux_like, freebsd))] {
        TCP_CONGESTION
    }
    #[cfg(apple)] {
        TCP_CONNECTION_INFO
        TCP_KEEPALIVE
    }
};
