//! Noticing fork(2).

use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

static FORKS: AtomicUsize = AtomicUsize::new(0);
static WATCH: Once = Once::new();

/// The number of forks between the process that called this first and this one.
pub(crate) fn forks() -> usize {
    WATCH.call_once(|| {
        extern "C" fn count() {
            FORKS.fetch_add(1, Ordering::Relaxed);
        }
        // SAFETY: a function that may be called at any time, of a library that stays in memory.
        unsafe { libc::pthread_atfork(None, None, Some(count)) };
    });
    FORKS.load(Ordering::Relaxed)
}
