//! What plans have besides, drawn from numbers of its own, so that all else in a plan stays as it is.

use std::time::Duration;

use super::fault::{FaultKind, FaultPlan};
use super::plan::Plan;
use crate::Rng;
use crate::world::ClientId;

/// Clients that stand still for a while, or whose clocks jump: a few times in one plan of six.
pub(super) fn draw_standstills(plan: &Plan, rng: &mut Rng) -> Vec<FaultPlan> {
    let end = plan.safety.as_millis() as u64;
    let times = if rng.chance(15) { rng.between(1..5) } else { 0 };
    let standstill = |_| {
        let client = ClientId(1 + rng.below(plan.clients.len() as u64) as u32);
        let at = Duration::from_millis(rng.below(end));
        let by = Duration::from_millis(rng.between(1_000..120_000));
        let (lasts, kind) = match rng.chance(60) {
            true => (Duration::from_millis(rng.between(500..10_000)), FaultKind::Freeze(client)),
            false => (Duration::from_millis(1), FaultKind::JumpClock(client, by)),
        };
        FaultPlan { at, lasts, kind }
    };
    (0..times).map(standstill).collect()
}
