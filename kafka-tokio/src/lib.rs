//! Kafka client on tokio.
