//! What the engine holds in memory.

/// Bytes of records that the engine holds, from [`Engine::held`](crate::Engine::held).
///
/// What waits in the [`accumulator`](crate::accumulator) or was collected from it is charged to whoever lent the memory,
/// and not counted here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Held {
    /// Bytes of batches that are still on their way although their outcome has been told, because their delivery timeout
    /// was over: the accumulator has their memory back in its books, but a socket may still be writing them.
    pub overdue: usize,
    /// Bytes of batches that were fetched and not handed out in full.
    pub fetched: usize,
}
