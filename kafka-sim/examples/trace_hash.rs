//! Prints the trace hashes of runs: `trace_hash SEED...`.
//!
//! They say nothing by themselves; builds of other profiles, in other folders and on other machines print the same.
//! Ends with 1 if something does not hold in one of the runs: what was to be compared is not what was meant.

use std::process::ExitCode;

use kafka_sim::sweep::{Plan, run};

fn main() -> ExitCode {
    let mut holds = true;
    for argument in std::env::args().skip(1) {
        let Ok(seed) = argument.parse() else {
            eprintln!("trace_hash SEED...");
            return ExitCode::from(2);
        };
        let outcome = run(&Plan::draw(seed), false);
        println!("{seed} {:016x}", outcome.trace_hash);
        for violation in &outcome.report.violations {
            eprintln!("{seed} {violation}");
            holds = false;
        }
    }
    ExitCode::from(u8::from(!holds))
}
