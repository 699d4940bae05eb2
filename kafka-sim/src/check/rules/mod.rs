//! The invariants, grouped by what they look at.

mod backoff;
mod blocking;
mod bumps;
mod consuming;
mod epochs;
mod flushes;
mod idle;
mod in_flight;
mod lag;
mod late;
mod ledger;
mod liveness;
mod logs;
mod loops;
mod missing;
mod order;
mod pipelining;
mod resources;
mod sequences;
mod sessions;
mod unneeded;
mod unused;
mod wasted;

use super::findings::Findings;
use super::run::Run;

/// A check of one invariant, or of a few that need the same walk.
pub(super) type Check = fn(&Run<'_>, &mut Findings);

/// All checks.
#[rustfmt::skip]
pub(super) const ALL: &[Check] = &[
    // What producers were told, and the logs.
    logs::check,
    order::check,
    ledger::check,
    flushes::check,
    // What consumers were handed out.
    consuming::check,
    consuming::branch::check,
    // What was on the wire.
    sequences::check,
    bumps::check,
    in_flight::check,
    epochs::check,
    sessions::check,
    // That there is an end to everything.
    liveness::check,
    missing::check,
    lag::check,
    loops::check,
    backoff::check,
    resources::check,
    unused::check,
    // That nothing is wasted, neither bytes nor time.
    wasted::check,
    late::check,
    blocking::check,
    unneeded::check,
    pipelining::check,
    idle::check,
];
