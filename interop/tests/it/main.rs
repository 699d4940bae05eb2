//! Everything against real Kafka, in one binary. See the crate's documentation for how to run it.
#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod binary;
mod conformance;
mod cross;
mod foreign;
mod killed;
mod lines;
mod ours;
mod parity;
mod records;
mod shared;
mod single_node;
mod three_nodes;
mod wire;
