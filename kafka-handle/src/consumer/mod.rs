//! Consuming: runs of batches out of the engine, checked, inflated, and handed out as borrowed records.

mod core;
mod fill;
mod handle;
mod inflate;
mod poll;
mod records;
mod run;
mod stream;

pub use handle::ConsumerHandle;
pub use poll::Consumer;
pub use records::{ConsumedRecord, OwnedRecord, PartitionEnd, Records, RecordsIter, Truncation};
pub use stream::RecordStream;

pub(crate) use self::core::ConsumerCore;
