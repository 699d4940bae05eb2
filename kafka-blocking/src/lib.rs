//! Kafka client on blocking std sockets.
