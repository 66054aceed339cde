//! Counting the bytes that sockets send and receive, and limiting how many they do in a second.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::Limits;
use crate::sys::Ready;

/// How many seconds' bytes may be sent or received at once after a pause.
const BURST: f64 = 0.1;

/// The longest wait, where no byte is allowed.
const LONG: Duration = Duration::from_secs(3600);

/// What is received, or what is sent.
#[derive(Default)]
pub(super) struct Direction {
    bytes: Cell<u64>,
    calls: Cell<u64>,
    /// In bytes a second.
    rate: Cell<Option<f64>>,
    /// How many bytes may be moved now; negative after too many.
    level: Cell<f64>,
    at: Cell<Option<Instant>>,
}

impl Direction {
    pub(super) fn set_rate(&self, rate: Option<u64>) {
        self.rate.set(rate.map(|rate| rate as f64));
        self.level.set(rate.map_or(0.0, |rate| rate as f64 * BURST));
    }

    /// How long to wait before more bytes may be moved.
    fn debt(&self, now: Instant) -> Option<Duration> {
        let rate = self.rate.get()?;
        let passed = self.at.replace(Some(now)).map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        let level = (self.level.get() + rate * passed.as_secs_f64()).min(rate * BURST);
        self.level.set(level);
        if rate > 0.0 && level >= 0.0 {
            return None;
        }
        Some(Duration::try_from_secs_f64(-level / rate).unwrap_or(LONG).clamp(Duration::from_micros(1), LONG))
    }
}

impl Limits {
    fn direction(&self, readiness: Ready) -> &Direction {
        match readiness {
            Ready::READ => &self.received,
            _ => &self.sent,
        }
    }

    /// How long to wait before more bytes may be moved in a direction.
    pub(crate) fn debt(&self, readiness: Ready) -> Option<Duration> {
        let direction = self.direction(readiness);
        direction.rate.get().and_then(|_| direction.debt(Instant::now()))
    }

    /// Counts the bytes that a call has moved.
    pub(crate) fn moved(&self, readiness: Ready, count: usize) {
        let direction = self.direction(readiness);
        direction.bytes.set(direction.bytes.get() + count as u64);
        direction.calls.set(direction.calls.get() + 1);
        if direction.rate.get().is_some() {
            direction.level.set(direction.level.get() - count as f64);
        }
    }

    /// The bytes and the calls of a direction.
    pub(super) fn counts(&self, readiness: Ready) -> (u64, u64) {
        let direction = self.direction(readiness);
        (direction.bytes.get(), direction.calls.get())
    }

    /// Counts a wait that began then.
    pub(super) fn waited_since(&self, begun: Instant) {
        self.waits.set(self.waits.get() + 1);
        self.waited.set(self.waited.get() + begun.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_too_many_bytes_it_waits_until_the_rate_allows_more() {
        let direction = Direction::default();
        let start = Instant::now();
        assert_eq!(direction.debt(start), None);
        direction.set_rate(Some(1000));
        assert_eq!(direction.debt(start), None);
        direction.level.set(direction.level.get() - 1100.0);
        assert_eq!(direction.debt(start), Some(Duration::from_secs(1)));
        let later = start + Duration::from_millis(400);
        assert!(direction.debt(later).unwrap().abs_diff(Duration::from_millis(600)) < Duration::from_millis(1));
        assert_eq!(direction.debt(start + Duration::from_millis(1001)), None);
        // After a long pause there are no more than the bytes of `BURST`.
        assert_eq!(direction.debt(start + Duration::from_secs(100)), None);
        assert!(direction.level.get() <= 100.0);
        direction.set_rate(Some(0));
        assert_eq!(direction.debt(start), Some(LONG));
    }
}
