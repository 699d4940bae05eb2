//! Kafka brokers as state machines, served over TCP or simulated.
