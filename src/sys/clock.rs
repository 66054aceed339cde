//! The monotonic clock.

use std::num::NonZeroU64;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// When the process first asked for the time.
fn beginning() -> Instant {
    static BEGINNING: OnceLock<Instant> = OnceLock::new();
    *BEGINNING.get_or_init(Instant::now)
}

/// Seconds since the beginning.
pub(crate) fn monotonic() -> f64 {
    beginning().elapsed().as_secs_f64()
}

/// A time in eight bytes, where `Instant` has sixteen: one more than the nanoseconds since the beginning.
pub(crate) fn to_nanoseconds(time: Instant) -> NonZeroU64 {
    let nanoseconds = time.saturating_duration_since(beginning()).as_nanos();
    NonZeroU64::MIN.saturating_add(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

/// The time that `to_nanoseconds` was given.
pub(crate) fn from_nanoseconds(time: NonZeroU64) -> Instant {
    beginning() + Duration::from_nanos(time.get() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_the_same_after_conversion() {
        let earlier = Instant::now();
        let time = from_nanoseconds(to_nanoseconds(Instant::now() + Duration::from_nanos(123_456_789)));
        assert_eq!(from_nanoseconds(to_nanoseconds(time)), time);
        assert!(to_nanoseconds(earlier) < to_nanoseconds(time));
    }

    #[test]
    fn a_time_too_far_away_is_the_last_one() {
        let Some(far) = Instant::now().checked_add(Duration::from_secs(1 << 40)) else { return };
        assert!(from_nanoseconds(to_nanoseconds(far)) > Instant::now() + Duration::from_secs(1 << 30));
    }
}
