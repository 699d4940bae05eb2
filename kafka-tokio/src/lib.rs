//! A Kafka client on [tokio].
//!
//! **The adapter moves bytes, names and time, and nothing else**: one task turns the engine, and each connection has a
//! task of its own.
//!
//! ```
//! use std::time::Duration;
//! use kafka_tokio::{Config, ConsumerConfig, ProducerConfig, Record, StartAt, connect};
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! # let brokers = kafka_sim::serve(kafka_sim::ServeOptions::default())?;
//! # let address = brokers.bootstrap();
//! let client = connect(Config::new(&address)?)?;
//!
//! let producer = client.producer(ProducerConfig::default())?;
//! // Ready when the record is accepted; the delivery is ready when the broker has it.
//! let delivery = producer.send(Record::to("greetings").key("en").value("hello")).await?;
//! let written = delivery.await?;
//! assert_eq!((written.partition, written.offset), (0, Some(0)));
//!
//! let mut consumer = client.consumer(ConsumerConfig::default())?;
//! consumer.assign_topics(&["greetings"], StartAt::Beginning).await?;
//! for record in &consumer.poll(Duration::from_secs(10)).await? {
//!     assert_eq!((record.offset, record.value), (0, Some(&b"hello"[..])));
//! }
//!
//! producer.close(Duration::from_secs(10)).await?;
//! client.close().await;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).map_err(|error| error.to_string())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Everything but [`connect`] is [`kafka_handle`]'s, and re-exported.
#![forbid(unsafe_code)]

mod drive;
mod socket;

use std::sync::Arc;

use tokio::runtime::Handle;

pub use kafka_handle::*;

/// A client on the current runtime. It connects when something is first asked of it.
///
/// # Errors
/// A setting can't be used.
///
/// # Panics
/// Outside of a tokio runtime, as [`tokio::spawn`] does.
pub fn connect(config: Config) -> Result<Client, ConfigError> {
    connect_on(&Handle::current(), config)
}

/// A client on this runtime. Its handles may be used on any other, and on none.
///
/// # Errors
/// A setting can't be used.
pub fn connect_on(runtime: &Handle, config: Config) -> Result<Client, ConfigError> {
    let _context = runtime.enter();
    let epoch = tokio::time::Instant::now();
    let (client, driver) = Client::new(config, random_seed(), Arc::new(TokioClock { epoch }))?;
    runtime.spawn(drive::drive(driver, epoch));
    Ok(client)
}

/// The runtime's clock, which tests can pause, and the system's wall clock.
struct TokioClock {
    epoch: tokio::time::Instant,
}

impl Clock for TokioClock {
    fn now(&self) -> Instant {
        Instant::ZERO + self.epoch.elapsed()
    }

    fn wall_ms(&self) -> i64 {
        unix_ms(std::time::SystemTime::now())
    }
}

/// The examples of the project's front page, for both adapters.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
