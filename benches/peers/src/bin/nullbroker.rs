//! The broker that costs nearly nothing, as a process of its own.
//!
//! Prints its address first, then its counts for every line that it reads; ends when its standard input does, so
//! that it never outlives who started it.

#![forbid(unsafe_code)]

use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use kafka_peers::affinity::{Side, pin};
use kafka_peers::broker;
use kafka_peers::settings::Settings;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("nullbroker: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let (settings, rest) = Settings::parse(std::env::args().skip(1))?;
    if let Some(word) = rest.first() {
        return Err(format!("what is {word:?}?"));
    }
    pin(Side::Broker, &settings)?;
    let (address, counts) = broker::start(&settings).map_err(|error| error.to_string())?;
    let mut out = io::stdout().lock();
    let mut say = |line: String| {
        writeln!(out, "{line}")
            .and_then(|()| out.flush())
            .map_err(|e| e.to_string())
    };
    say(address.to_string())?;
    for line in io::stdin().lock().lines() {
        line.map_err(|error| error.to_string())?;
        say(counts.line())?;
    }
    Ok(())
}
