//! The built binary, run as a user runs it, against embedded brokers.

mod broker;
mod consume;
mod demo;
mod exits;
mod kafka;
mod perf;
mod produce;
mod topics;
