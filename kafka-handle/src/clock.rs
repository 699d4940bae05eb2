//! The two clocks of a client: one that only goes forward, and the one on the wall.

use std::time::{SystemTime, UNIX_EPOCH};

use kafka_engine::Instant;

/// Time, as an adapter or a simulated world has it.
pub trait Clock: Send + Sync {
    /// Monotonic time, counted from an epoch of the clock's own.
    fn now(&self) -> Instant;

    /// Wall-clock time in milliseconds since 1970: what records are stamped with.
    fn wall_ms(&self) -> i64;
}

/// The operating system's clocks; monotonic time counts from when it was made.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    epoch: std::time::Instant,
}

impl SystemClock {
    /// A clock that stands at [`Instant::ZERO`].
    pub fn new() -> Self {
        Self { epoch: std::time::Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::ZERO + self.epoch.elapsed()
    }

    fn wall_ms(&self) -> i64 {
        unix_ms(SystemTime::now())
    }
}

/// Milliseconds since 1970, 0 for a clock that stands before.
pub fn unix_ms(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
