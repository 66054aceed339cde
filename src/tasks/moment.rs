//! Points in time in eight bytes: `Instant` has sixteen.

use std::num::NonZeroU64;
use std::time::{Duration, Instant};

use crate::sys;

/// One more than the nanoseconds since [`sys::beginning`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(NonZeroU64);

impl From<Instant> for Moment {
    fn from(time: Instant) -> Self {
        let nanoseconds = time.saturating_duration_since(sys::beginning()).as_nanos();
        let nanoseconds = u64::try_from(nanoseconds).unwrap_or(u64::MAX);
        Moment(NonZeroU64::MIN.saturating_add(nanoseconds))
    }
}

impl From<Moment> for Instant {
    fn from(moment: Moment) -> Self {
        sys::beginning() + Duration::from_nanos(moment.0.get() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_the_same_after_conversion() {
        let earlier = Instant::now();
        let time = Instant::from(Moment::from(Instant::now() + Duration::from_nanos(123_456_789)));
        assert_eq!(Instant::from(Moment::from(time)), time);
        assert!(Moment::from(earlier) < Moment::from(time));
    }

    #[test]
    fn a_time_too_far_away_is_the_last_one() {
        let Some(far) = Instant::now().checked_add(Duration::from_secs(1 << 40)) else { return };
        assert!(Instant::from(Moment::from(far)) > Instant::now() + Duration::from_secs(1 << 30));
    }
}
