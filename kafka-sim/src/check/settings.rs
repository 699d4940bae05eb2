//! What the invariants must know of a run beside its history.

use std::time::Duration;

/// The limits that a run is held to: take the defaults, and change what is otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// One tick of a timer: how much later than its deadline something may be.
    pub tick: Duration,
    /// How long a client that stood still reads what came meanwhile before it goes by its timers.
    pub wake: Duration,
    /// `request.timeout.ms`.
    pub request_timeout: Duration,
    /// `session.timeout.ms` of consumer groups; zero where there are none.
    pub session_timeout: Duration,
    /// `retry.backoff.max.ms`.
    pub retry_backoff_max: Duration,
    /// `reconnect.backoff.ms` and `reconnect.backoff.max.ms`.
    pub reconnect_backoff: (Duration, Duration),
    /// How long a failed refresh of metadata may wait for the next.
    pub metadata_backoff_max: Duration,
    /// How long after the last fault, and after the last move of a leader, the efficiency of clients is judged again.
    pub settle: Duration,
    /// Requests of a connection per second that change nothing, beyond which it is a hot loop.
    pub requests_per_second_max: u32,
    /// Turns of a driver at one instant without anything to do, beyond which it is a hot loop.
    pub idle_turns_max: u32,
    /// Turns per second of an idle client beyond those that its frames explain.
    pub idle_turns_per_second: u32,
}

impl Default for Settings {
    /// Kafka's defaults, and the limits of the invariants' definitions.
    fn default() -> Self {
        Self {
            tick: Duration::from_millis(1),
            wake: Duration::from_millis(100),
            request_timeout: Duration::from_secs(30),
            session_timeout: Duration::ZERO,
            retry_backoff_max: Duration::from_secs(1),
            reconnect_backoff: (Duration::from_millis(50), Duration::from_secs(1)),
            metadata_backoff_max: Duration::from_secs(1),
            settle: Duration::from_secs(5),
            requests_per_second_max: 50,
            idle_turns_max: 8,
            idle_turns_per_second: 4,
        }
    }
}

impl Settings {
    /// By when after the heal all must flow again, for a client with this delivery timeout.
    #[must_use]
    pub fn t_live(&self, delivery_timeout: Duration) -> Duration {
        self.request_timeout.max(self.session_timeout).max(delivery_timeout)
            + self.retry_backoff_max * 2
            + self.metadata_backoff_max
    }
}
