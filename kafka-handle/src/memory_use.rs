//! How much memory a client uses.

/// The memory of a client in bytes, from [`Driver::memory_use`](crate::Driver::memory_use).
///
/// Each part has its bound among the settings. Records that the application holds are its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryUse {
    /// What producers were lent for records that have no outcome yet: no more than `buffer.memory` each.
    pub records: usize,
    /// What was given back and is kept for the next records. With `records` it is no more than `buffer.memory` either.
    pub pooled: usize,
    /// Batches still on their way though their delivery timeout is over: no more than
    /// `max.in.flight.requests.per.connection` requests of each producer to each broker.
    pub overdue: usize,
    /// What consumers have fetched and not handed out: of each partition at most three times the longer of
    /// `max.partition.fetch.bytes` and its longest batch.
    pub fetched: usize,
    /// Open connections.
    pub connections: usize,
    /// The buffers that they read into. They grow with the answers that come, and shrink again.
    pub receiving: usize,
}
