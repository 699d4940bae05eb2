//! librdkafka through its C API, doing one row of the comparison.
//!
//! `peer-librdkafka WORKLOAD ADDRESS [--setting number ...] [name=value ...]`: the last are properties of librdkafka,
//! set over ours, to try whether another setting serves it better. Prints what it measured.

#![allow(unsafe_code)]

mod client;
mod consume;
mod produce;

use std::process::ExitCode;

use kafka_peers::affinity::{Side, pin};
use kafka_peers::measure::Measured;
use kafka_peers::row::Workload;
use kafka_peers::settings::Settings;

fn main() -> ExitCode {
    match run() {
        Ok(measured) => {
            println!("{measured}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("peer-librdkafka: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<Measured, String> {
    let (settings, rest) = Settings::parse(std::env::args().skip(1))?;
    let [workload, address, properties @ ..] = rest.as_slice() else {
        return Err(
            "usage: peer-librdkafka WORKLOAD ADDRESS [--setting number ...] [name=value ...]"
                .to_owned(),
        );
    };
    let over = properties
        .iter()
        .map(|word| {
            word.split_once('=')
                .ok_or_else(|| format!("what is {word:?}?"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    pin(Side::Client, &settings)?;
    match workload.parse()? {
        Workload::ProduceAwaited => produce::produce(&settings, address, true, &over),
        Workload::ProduceDropped => produce::produce(&settings, address, false, &over),
        Workload::Consume => consume::consume(&settings, address, &over),
    }
}
