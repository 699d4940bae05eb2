//! `kafka sim replay`.

use clap::Args;
use kafka_sim::sweep::run;

use super::{report, twice};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::Output;

/// Options of `kafka sim replay`.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The seed.
    seed: u64,

    /// Only faults whose names begin with one of these, as in the `kafka sim run` that failed.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = super::fault)]
    faults: Vec<String>,

    /// Print a line for everything that happens.
    #[arg(long)]
    trace: bool,

    /// Don't look for a smaller failure.
    #[arg(long)]
    no_shrink: bool,
}

/// Runs one seed twice, and tells what came of it and whether that was the same.
pub(crate) fn replay(options: &Replay, interrupt: &Interrupt) -> Result<(), Failure> {
    let plan = super::plan(options.seed, &options.faults);
    let mut outcome = run(&plan, options.trace);
    twice::compare(&mut outcome, |trace| run(&plan, trace));
    let mut lines = Output::new();
    for line in &outcome.trace {
        lines.line(line)?;
    }
    let violations = &outcome.report.violations;
    if violations.is_empty() {
        let hash = outcome.trace_hash;
        let (seed, commit) = (plan.seed, report::BUILT_FROM);
        lines.line(format_args!("seed={seed} commit={commit} trace={hash:016x}: all holds"))?;
        lines.line(&outcome.report.summary)?;
        return lines.flush();
    }
    let smaller = (!options.no_shrink).then_some(interrupt);
    lines.line(report::failure(options.seed, &options.faults, violations, smaller))?;
    lines.flush()?;
    Err(Failure::Said)
}
