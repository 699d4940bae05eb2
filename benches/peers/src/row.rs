//! The rows of the comparison: what is measured, and by which client.

use std::fmt;
use std::str::FromStr;

/// What a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workload {
    /// Produce, and learn of every record's delivery.
    ProduceAwaited,
    /// Produce, let go of the deliveries, flush at the end.
    ProduceDropped,
    /// Consume through `poll`, check every CRC, read every value.
    Consume,
}

impl Workload {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 3] = [Self::ProduceAwaited, Self::ProduceDropped, Self::Consume];

    /// Whether the broker must have got every record by the end.
    #[must_use]
    pub fn produces(self) -> bool {
        self != Self::Consume
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ProduceAwaited => "produce-awaited",
            Self::ProduceDropped => "produce-dropped",
            Self::Consume => "consume",
        })
    }
}

impl FromStr for Workload {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL
            .into_iter()
            .find(|workload| workload.to_string() == name);
        found.ok_or_else(|| format!("no workload {name:?}"))
    }
}

/// A client under measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// librdkafka through its C API: what the others are compared with.
    Librdkafka,
    /// Ours on kafka-tokio.
    Tokio,
    /// Ours on kafka-blocking.
    Blocking,
}

impl Client {
    /// All of them, the yardstick first.
    pub const ALL: [Self; 3] = [Self::Librdkafka, Self::Tokio, Self::Blocking];

    /// Whether it is one of ours.
    #[must_use]
    pub fn is_ours(self) -> bool {
        self != Self::Librdkafka
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Librdkafka => "librdkafka",
            Self::Tokio => "kafka-tokio",
            Self::Blocking => "kafka-blocking",
        })
    }
}

impl FromStr for Client {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL
            .into_iter()
            .find(|client| client.to_string() == name);
        found.ok_or_else(|| format!("no client {name:?}"))
    }
}
