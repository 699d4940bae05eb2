//! `kafka sim`: simulated clusters and clients, by the thousand.

mod replay;
mod report;
mod run;
mod twice;

use clap::Subcommand;
use kafka_sim::sweep::{FaultKind, Plan};

use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// Commands of `kafka sim`.
#[derive(Debug, Subcommand)]
pub(crate) enum Sim {
    /// Run many seeds, each with a cluster, clients and faults of its own, and check what must hold.
    Run(run::Run),
    /// Run one seed again, twice: what happens must be the same.
    Replay(replay::Replay),
}

/// Runs it.
pub(crate) fn run(sim: Sim, interrupt: &Interrupt) -> Result<(), Failure> {
    match sim {
        Sim::Run(options) => run::sweep(&options, interrupt),
        Sim::Replay(options) => replay::replay(&options, interrupt),
    }
}

/// The beginning of a fault's name, which there has to be.
fn fault(start: &str) -> Result<String, String> {
    if FaultKind::NAMES.iter().any(|name| name.starts_with(start)) {
        return Ok(start.to_owned());
    }
    Err(format!("no fault's name begins so; there are {}", FaultKind::NAMES.join(", ")))
}

/// The plan of a seed, with those of its faults alone whose names begin with one of `faults`; with all of them, if none is named.
fn plan(seed: u64, faults: &[String]) -> Plan {
    let mut plan = Plan::draw(seed);
    if !faults.is_empty() {
        let wanted = |name: &str| faults.iter().any(|start| name.starts_with(start.as_str()));
        plan.faults.retain(|fault| wanted(fault.kind.name()));
    }
    plan
}
