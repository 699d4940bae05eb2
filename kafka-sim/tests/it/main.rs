//! Stories about the broker: on the state machine with a clock turned by hand, and over TCP.

mod admin;
mod compaction;
mod determinism;
mod elections;
mod epochs;
mod faults;
mod fetch;
mod handshake;
mod hostile;
mod idempotence;
mod killed;
mod nodes;
mod offsets;
mod produce;
mod refusals;
mod releases;
mod replication;
mod restore;
mod retention;
mod sessions;
mod tcp;
mod throttling;
mod topics;
mod truth;
mod views;
mod world;
