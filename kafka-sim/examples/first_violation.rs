//! Carries out runs until one does not hold: `first_violation FROM COUNT [--count] [--by I42]`.
//!
//! Prints the seed and the invariant of the first violation, or with `--count` how many of all the seeds do not hold and
//! which invariants say so. With `--by` it goes on past violations of others until that invariant is violated. Ends with 1
//! if there was a violation, of that invariant if one is named. `kafka-sim/mutants` runs it on engines that were broken on
//! purpose.

use std::collections::BTreeMap;
use std::process::ExitCode;

use kafka_sim::sweep::{Plan, run};

const USAGE: &str = "first_violation FROM COUNT [--count] [--by INVARIANT]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse::<u64>().ok());
    let by = arguments.iter().position(|argument| argument == "--by");
    let meant = by.map(|at| arguments.get(at + 1).map_or("", String::as_str));
    let (Some(from), Some(count)) = (number(0), number(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let to_the_end = arguments.iter().any(|argument| argument == "--count");
    let (mut killed, mut by_invariant) = (0, BTreeMap::<&str, u64>::new());
    for seed in from..from.saturating_add(count) {
        let mut violations = run(&Plan::draw(seed), false).report.violations;
        if violations.is_empty() {
            continue;
        }
        killed += 1;
        violations.sort_by_key(|violation| violation.invariant);
        violations.dedup_by_key(|violation| violation.invariant);
        for violation in violations {
            let id = violation.invariant.id_and_name().0;
            *by_invariant.entry(id).or_default() += 1;
            if !to_the_end && meant.is_none_or(|meant| meant == id) {
                println!("{id} at seed {seed}: {}", violation.what);
                return ExitCode::from(1);
            }
        }
    }
    if to_the_end || killed > 0 {
        println!("{killed} of {count} seeds: {by_invariant:?}");
    }
    let seen = meant.map_or(killed > 0, |meant| by_invariant.contains_key(meant));
    ExitCode::from(u8::from(seen))
}
