//! The invariants, grouped by what they look at.

mod ledger;
mod logs;
mod order;
mod resources;

use super::findings::Findings;
use super::run::Run;

/// A check of one invariant or a few that need the same walk.
pub(super) type Check = fn(&Run<'_>, &mut Findings);

/// All checks.
pub(super) const ALL: &[Check] = &[logs::check, order::check, ledger::check];
