//! Runtime-neutral handles over [`kafka_engine`].
#![forbid(unsafe_code)]

mod admin;
mod block_on;
pub mod blocking;
mod client;
mod clock;
mod connection;
mod consumer;
mod driver;
mod mailbox;
mod op;
mod outbox;
mod producer;
mod seal;
mod shared;
mod sync;
mod timer;

pub use admin::{Admin, ByPartition, ByTopic};
pub use block_on::{block_on, thread_waker};
pub use client::{Client, random_seed};
pub use clock::{Clock, SystemClock, unix_ms};
pub use connection::{Connection, Flow};
pub use consumer::{
    ConsumedRecord, Consumer, ConsumerHandle, OwnedRecord, PartitionEnd, RecordStream, Records,
    RecordsIter,
};
pub use driver::{Action, Driver, Lookup, Turn};
pub use outbox::{LinkWork, Outbox, Work};
pub use producer::{
    Deliveries, Delivery, Header, Producer, Record, RecordMetadata, TopicProducer, TrySendError,
    header, partition_for_key,
};
pub use seal::Seal;

pub use kafka_engine::config::{
    Acks, AutoOffsetReset, Config, ConfigError, ConsumerConfig, HostPort, IsolationLevel,
    ProducerConfig,
};
pub use kafka_engine::{
    CloseCause, Cluster, CreatedTopic, Error, ErrorKind, Fault, Instant, ListedOffset, NewTopic,
    Node, OffsetSpec, Partition, StartAt, Topic, Written,
};
pub use kafka_proto::records::Codec;
pub use kafka_proto::{Chunks, ErrorCode, Uuid};
