//! Settings, typed, with Kafka's names, defaults and ranges.
//!
//! A setting is a public field of [`Config`] (what concerns the whole client), [`ProducerConfig`] or
//! [`ConsumerConfig`]; [`Default`] gives what Kafka's own clients default to. Two ways lead to one that is not
//! default: the field, or [`set`](Config::set) with Kafka's key and a text, as a properties file has them.
//!
//! ```
//! use kafka_engine::config::{Config, ConfigError, ProducerConfig};
//!
//! let mut config = Config::new("broker-1:9092,broker-2:9092")?;
//! config.set("request.timeout.ms", "20000")?;
//!
//! let mut producer = ProducerConfig::default();
//! producer.linger = std::time::Duration::from_millis(20);
//! producer.set("compression.type", "lz4")?;
//! producer.validate()?;
//!
//! let mistake = producer.set("batchsize", "1000").unwrap_err();
//! assert_eq!(mistake.to_string(), "unknown setting batchsize: did you mean batch.size?");
//! # Ok::<(), ConfigError>(())
//! ```

mod client;
mod consumer;
mod error;
mod host;
pub mod keys;
mod producer;
mod value;

pub use client::Config;
pub use consumer::{AutoOffsetReset, ConsumerConfig, IsolationLevel};
pub use error::ConfigError;
pub use host::HostPort;
pub use producer::{Acks, ProducerConfig};
