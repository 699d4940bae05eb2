//! Carries out runs until one does not hold: `first_violation FROM COUNT [--count]`.
//!
//! Prints the seed and the invariant of the first violation, or with `--count` how many of all the seeds do not hold and
//! which invariants say so. Ends with 1 if there was a violation. `kafka-sim/mutants` runs it on engines that were broken
//! on purpose.

use std::collections::BTreeMap;
use std::process::ExitCode;

use kafka_sim::sweep::{Plan, run};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse::<u64>().ok());
    let (Some(from), Some(count)) = (number(0), number(1)) else {
        eprintln!("first_violation FROM COUNT [--count]");
        return ExitCode::from(2);
    };
    let to_the_end = arguments.iter().any(|argument| argument == "--count");
    let (mut killed, mut by_invariant) = (0, BTreeMap::<&str, u64>::new());
    for seed in from..from.saturating_add(count) {
        let mut violations = run(&Plan::draw(seed), false).report.violations;
        let Some(first) = violations.first() else { continue };
        if !to_the_end {
            println!("{} at seed {seed}: {}", first.invariant.id_and_name().0, first.what);
            return ExitCode::from(1);
        }
        killed += 1;
        violations.sort_by_key(|violation| violation.invariant);
        violations.dedup_by_key(|violation| violation.invariant);
        for violation in violations {
            *by_invariant.entry(violation.invariant.id_and_name().0).or_default() += 1;
        }
    }
    if to_the_end {
        println!("{killed} of {count} seeds: {by_invariant:?}");
    }
    ExitCode::from(u8::from(killed > 0))
}
