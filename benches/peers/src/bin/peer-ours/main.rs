//! Our client, doing one row of the comparison on one of its adapters.
//!
//! `peer-ours WORKLOAD ADDRESS ADAPTER [--setting number ...]` prints what it measured.

#![forbid(unsafe_code)]

mod consume;
mod produce;

use std::process::ExitCode;

use kafka_peers::affinity::{Side, pin};
use kafka_peers::measure::Measured;
use kafka_peers::row::{Client, Workload};
use kafka_peers::settings::Settings;

fn main() -> ExitCode {
    match run() {
        Ok(measured) => {
            println!("{measured}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("peer-ours: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<Measured, String> {
    let (settings, rest) = Settings::parse(std::env::args().skip(1))?;
    let [workload, address, adapter] = rest.as_slice() else {
        return Err("usage: peer-ours WORKLOAD ADDRESS ADAPTER [--setting number ...]".to_owned());
    };
    let adapter = match adapter.parse()? {
        Client::Tokio => Adapter::Tokio,
        Client::Blocking => Adapter::Blocking,
        Client::Librdkafka => return Err("librdkafka is not ours".to_owned()),
    };
    pin(Side::Client, &settings)?;
    match workload.parse()? {
        Workload::ProduceAwaited => produce::produce(adapter, true, &settings, address),
        Workload::ProduceDropped => produce::produce(adapter, false, &settings, address),
        Workload::Consume => consume::consume(adapter, &settings, address),
    }
}

/// What carries the client's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Adapter {
    /// kafka-tokio.
    Tokio,
    /// kafka-blocking.
    Blocking,
}

/// An error in words.
fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
