//! A Kafka client on blocking sockets and threads: no async runtime, no executor.
//!
//! **A method that waits blocks its thread, and nothing else**: a thread of the client's own turns the engine, and each
//! connection has one that reads and one that writes.
//!
//! ```
//! use std::time::Duration;
//! use kafka_blocking::{Config, ConsumerConfig, ProducerConfig, Record, StartAt, connect};
//!
//! # let brokers = kafka_sim::serve(kafka_sim::ServeOptions::default())?;
//! # let address = brokers.bootstrap();
//! let client = connect(Config::new(&address)?)?;
//!
//! let producer = client.producer(ProducerConfig::default())?;
//! let delivery = producer.send(Record::to("greetings").key("en").value("hello"))?;
//! let written = delivery.wait()?;
//! assert_eq!((written.partition, written.offset), (0, Some(0)));
//!
//! let mut consumer = client.consumer(ConsumerConfig::default())?;
//! consumer.assign_topics(&["greetings"], StartAt::Beginning)?;
//! for record in &consumer.poll(Duration::from_secs(10))? {
//!     assert_eq!((record.offset, record.value), (0, Some(&b"hello"[..])));
//! }
//!
//! producer.close(Duration::from_secs(10))?;
//! client.close();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The types wrap those of [`kafka_handle`], whose docs say more. Every one of them gives its async twin by `handle()`.
#![forbid(unsafe_code)]

mod drive;
mod socket;

use std::sync::Arc;

pub use kafka_handle::blocking::{
    Admin, Client, Consumer, ConsumerHandle, Iter, Producer, TopicProducer,
};
pub use kafka_handle::{
    Acks, AutoOffsetReset, ByPartition, ByTopic, CloseCause, Cluster, Codec, Config, ConfigError,
    ConsumedRecord, ConsumerConfig, CreatedTopic, DeleteBefore, Deliveries, Delivery, Error,
    ErrorCode, ErrorKind, Fault, Header, HostPort, IsolationLevel, ListedOffset, NewTopic, Node,
    OffsetSpec, OwnedRecord, Partition, PartitionEnd, ProducerConfig, Record, RecordMetadata,
    Records, RecordsIter, StartAt, Topic, TrySendError, Uuid, Written, block_on, header,
    partition_for_key,
};

/// A client with a thread of its own, and two for each connection. It connects when something is first asked of it.
///
/// # Errors
/// A setting can't be used.
pub fn connect(config: Config) -> Result<Client, ConfigError> {
    let clock = Arc::new(kafka_handle::SystemClock::new());
    let (client, driver) = kafka_handle::Client::new(config, kafka_handle::random_seed(), clock)?;
    drive::spawn("kafka-driver", || drive::drive(driver));
    Ok(client.into())
}
