//! Making a failure smaller: the fewest faults, clients and records that still show it.

use std::time::Duration;

use super::plan::{Plan, Role};
use crate::world::Conditions;

/// Leaves out and simplifies parts of a plan as long as `fails` says that it still fails, at most `tries` times.
///
/// Faults go first, in halves, quarters and so on (delta debugging); then clients fall silent, bursts of records shrink to
/// one, the network becomes quiet, and the run ends soon after its last fault.
pub fn shrink(plan: &Plan, tries: usize, mut fails: impl FnMut(&Plan) -> bool) -> Plan {
    let mut smallest = plan.clone();
    let mut left = tries;
    let mut attempt = |candidate: Plan, smallest: &mut Plan| {
        if left == 0 || candidate == *smallest {
            return false;
        }
        left -= 1;
        let failed = fails(&candidate);
        if failed {
            *smallest = candidate;
        }
        failed
    };
    loop {
        let before = smallest.clone();
        fewer_faults(&mut smallest, &mut attempt);
        for at in 0..smallest.clients.len() {
            let mut silent = smallest.clone();
            silence(&mut silent, at);
            attempt(silent, &mut smallest);
        }
        for simpler in [one_record_at_a_time, quiet_network, shorter] {
            let mut candidate = smallest.clone();
            simpler(&mut candidate);
            attempt(candidate, &mut smallest);
        }
        if smallest == before {
            return smallest;
        }
    }
}

fn fewer_faults(smallest: &mut Plan, attempt: &mut impl FnMut(Plan, &mut Plan) -> bool) {
    let mut size = smallest.faults.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < smallest.faults.len() {
            let mut candidate = smallest.clone();
            candidate.faults.drain(at..(at + size).min(smallest.faults.len()));
            if !attempt(candidate, smallest) {
                at += size;
            }
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
}

fn silence(plan: &mut Plan, at: usize) {
    if let Some(client) = plan.clients.get_mut(at) {
        client.role = Role::Idle;
    }
}

fn one_record_at_a_time(plan: &mut Plan) {
    for client in &mut plan.clients {
        if let Role::Producer(producer) = &mut client.role {
            producer.burst = 1;
        }
    }
}

fn quiet_network(plan: &mut Plan) {
    plan.conditions = Conditions::default();
}

fn shorter(plan: &mut Plan) {
    let last = plan.faults.iter().map(|fault| fault.at + fault.lasts).max().unwrap_or_default();
    plan.safety = plan.safety.min(last + Duration::from_secs(1));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::{FaultKind, FaultPlan};

    #[test]
    fn what_it_takes_is_what_stays() {
        // Fails by the second kill together with the third, whatever else there is.
        let kill = |at, node| FaultPlan {
            at: Duration::from_secs(at),
            lasts: Duration::from_secs(1),
            kind: FaultKind::Kill(node),
        };
        let mut plan = Plan::draw(1);
        plan.faults = (0..40).map(|at| kill(at, at as i32)).collect();
        let fails = |plan: &Plan| {
            let has = |node| plan.faults.iter().any(|fault| fault.kind == FaultKind::Kill(node));
            has(17) && has(31) && plan.clients.iter().any(|client| client.role != Role::Idle)
        };
        let smallest = shrink(&plan, 1_000, fails);
        assert_eq!(smallest.faults, [kill(17, 17), kill(31, 31)]);
        let busy = smallest.clients.iter().filter(|client| client.role != Role::Idle).count();
        assert_eq!((busy, smallest.safety), (1, Duration::from_secs(33)));
    }

    #[test]
    fn it_stops_when_it_may_try_no_more() {
        let plan = Plan::draw(2);
        let mut tries = 0;
        shrink(&plan, 5, |_| {
            tries += 1;
            false
        });
        assert_eq!(tries, 5);
    }
}
