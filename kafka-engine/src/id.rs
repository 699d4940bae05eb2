//! The names of things: connections, operations, producers, consumers, topics, batches.
//!
//! Every id is a number that is given out once and never again, so a late input that names
//! something retired is recognised and ignored.

/// A connection, named by the engine in [`Output::Connect`](crate::Output::Connect).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u64);

/// An operation that the application waits for, named by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId(pub u64);

/// A producer of this engine, named by the caller when it opens it.
///
/// Not Kafka's producer id, which the broker gives out and the engine keeps to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProducerKey(pub u32);

/// A consumer of this engine, named by the caller when it opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConsumerKey(pub u32);

/// A topic, numbered by the engine when it first hears its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicKey(pub u32);

/// A partition of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartitionKey {
    /// The topic.
    pub topic: TopicKey,
    /// Kafka's partition index, from 0.
    pub partition: i32,
}

/// A batch of a producer: its partition and a number that counts up there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId {
    /// The partition that the batch is for.
    pub partition: PartitionKey,
    /// Counts up by one for every batch that the accumulator opens for this partition.
    pub number: u64,
}
