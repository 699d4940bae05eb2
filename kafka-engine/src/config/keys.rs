//! Every key of the clients of Kafka 4.4, and where it belongs here.
