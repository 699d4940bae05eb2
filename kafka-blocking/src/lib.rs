//! A Kafka client on blocking sockets and threads.
#![forbid(unsafe_code)]

mod client;
mod consumer;
mod drive;
mod producer;
mod socket;

pub use client::{Admin, Client, connect};
pub use consumer::{Consumer, ConsumerHandle, Iter};
pub use producer::{Producer, TopicProducer};

pub use kafka_handle::{
    Acks, AutoOffsetReset, ByPartition, ByTopic, CloseCause, Cluster, Codec, Config, ConfigError, ConsumedRecord,
    ConsumerConfig, CreatedTopic, Deliveries, Delivery, Error, ErrorCode, ErrorKind, Fault, Header, HostPort,
    IsolationLevel, ListedOffset, NewTopic, Node, OffsetSpec, OwnedRecord, Partition, PartitionEnd,
    ProducerConfig, Record, RecordMetadata, Records, RecordsIter, StartAt, Topic, TrySendError, Uuid, Written,
    block_on, header, partition_for_key,
};
