//! The monotonic clock.

use std::sync::OnceLock;
use std::time::Instant;

/// When the process first asked for the time.
pub(crate) fn beginning() -> Instant {
    static BEGINNING: OnceLock<Instant> = OnceLock::new();
    *BEGINNING.get_or_init(Instant::now)
}

/// Seconds since the beginning.
pub(crate) fn monotonic() -> f64 {
    beginning().elapsed().as_secs_f64()
}
