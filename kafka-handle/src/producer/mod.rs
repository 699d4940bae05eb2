//! Producing: records into batches, and their fates back out.

mod breath;
mod core;
mod deliveries;
mod delivery;
mod handle;
mod memory;
mod partitioner;
mod queues;
mod record;
mod send;
mod sending;
mod topic;

pub use deliveries::Deliveries;
pub use delivery::{Delivery, RecordMetadata};
pub use handle::Producer;
pub use partitioner::partition_for_key;
pub use record::{Header, Record, header};
pub use send::TrySendError;
pub use topic::TopicProducer;

pub(crate) use self::core::ProducerCore;
pub(crate) use queues::TopicQueues;
