//! The built binary, run as a user runs it, against embedded brokers.

mod broker;
mod capture;
mod consume;
mod demo;
mod exits;
mod kafka;
mod perf;
mod produce;
mod protocol;
mod protocol_pcap;
mod protocol_records;
mod sim;
mod topics;
