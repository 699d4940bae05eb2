//! `kafka sim replay`.

use clap::Args;
use kafka_sim::sweep::{Plan, run};

use super::report;
use crate::failure::Failure;
use crate::output::Output;

/// Options of `kafka sim replay`.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The seed.
    seed: u64,

    /// Print a line for everything that happens.
    #[arg(long)]
    trace: bool,

    /// Don't look for a smaller failure.
    #[arg(long)]
    no_shrink: bool,
}

/// Runs one seed, and tells what came of it.
pub(crate) fn replay(options: &Replay) -> Result<(), Failure> {
    let plan = Plan::draw(options.seed);
    let outcome = run(&plan, options.trace);
    let mut lines = Output::new();
    for line in &outcome.trace {
        lines.line(line)?;
    }
    let violations = &outcome.report.violations;
    if violations.is_empty() {
        let hash = outcome.trace_hash;
        lines.line(format_args!("seed={} trace={hash:016x}: all holds", plan.seed))?;
        lines.line(&outcome.report.summary)?;
        return lines.flush();
    }
    lines.line(report::failure(&plan, violations, !options.no_shrink))?;
    lines.flush()?;
    Err(Failure::Said)
}
