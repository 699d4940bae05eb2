//! Prints the trace hashes of runs: `trace_hash SEED...`.
//!
//! They say nothing by themselves; builds of other profiles, in other folders and on other machines print the same.

use std::process::ExitCode;

use kafka_sim::sweep::{Plan, run};

fn main() -> ExitCode {
    for argument in std::env::args().skip(1) {
        let Ok(seed) = argument.parse() else {
            eprintln!("trace_hash SEED...");
            return ExitCode::from(2);
        };
        println!("{seed} {:016x}", run(&Plan::draw(seed), false).trace_hash);
    }
    ExitCode::SUCCESS
}
