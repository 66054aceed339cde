//! The monotonic clock.

use std::sync::OnceLock;
use std::time::Instant;

static BEGIN: OnceLock<Instant> = OnceLock::new();

/// Seconds since the first call.
pub(crate) fn monotonic() -> f64 {
    BEGIN.get_or_init(Instant::now).elapsed().as_secs_f64()
}
