//! [`Client`], [`Producer`], [`Consumer`] and [`Admin`]: the same on every runtime, and on none.
//!
//! Most programs depend on an adapter, kafka-tokio or kafka-blocking, which gives these types a driver and re-exports them.
//! This crate is for those who write an adapter. It holds the only locks and wakers of the client, and no timer: every
//! timeout is a deadline of the engine, so the one thing that an adapter brings is what touches the world.
//!
//! **A [`Driver`] is turned until it is over.** Each turn leaves names to look up and addresses to connect to, and says
//! when the next one is due at the latest:
//!
//! ```
//! use std::sync::Arc;
//! use kafka_handle::{Action, Client, Config, Record, SystemClock, Turn, thread_waker};
//!
//! let clock = Arc::new(SystemClock::new());
//! let (client, mut driver) = Client::new(Config::new("192.0.2.1:9092")?, [7; 32], clock)?;
//!
//! // An application somewhere sends a record: it has to wait, for nothing is known of the topic.
//! let producer = client.producer(Default::default())?;
//! assert!(producer.try_send(Record::to("greetings").value("hello")).is_err());
//!
//! // The driver finds out: it wants a connection to the broker that was named.
//! let mut actions = Vec::new();
//! let turn = driver.turn(&thread_waker(), &mut actions);
//! assert!(matches!(turn, Turn::Wait(Some(_))));
//! let Some(Action::Connect(connection)) = actions.pop() else { panic!("an address needs no look-up") };
//! assert_eq!(connection.address().to_string(), "192.0.2.1:9092");
//! # Ok::<(), kafka_handle::ConfigError>(())
//! ```
//!
//! The [`Connection`] goes to whatever serves its socket: it hands out a buffer to read into and bytes to write, and does
//! the work that is found in its [`Outbox`]. Dropped, at any time, it reports that the connection is gone; a driver that is
//! dropped completes all that waits with [`ErrorKind::Closed`].
//!
//! [`blocking`] has the same handles with methods that block their thread.
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
mod memory_use;
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
    RecordsIter, Truncation,
};
pub use driver::{Action, Driver, Lookup, Turn};
pub use memory_use::MemoryUse;
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
    CloseCause, Cluster, CreatedTopic, DeleteBefore, EngineState, Error, ErrorKind, Fault, Instant,
    ListedOffset, NewTopic, Node, OffsetSpec, Partition, StartAt, Topic, Transitions, Written,
};
pub use kafka_proto::records::Codec;
pub use kafka_proto::{Chunks, ErrorCode, Uuid};
