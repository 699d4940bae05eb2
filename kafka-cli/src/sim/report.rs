//! How a failure is told: what, where, and how to see it again.

use std::fmt::Write as _;

use kafka_sim::check::{Invariant, Violation};
use kafka_sim::sweep::{ClientPlan, Plan, Role, run, shrink};

use crate::interrupt::Interrupt;

/// Runs that making a failure smaller may take.
const TRIES: usize = 300;

/// The commit that this is built from, or the version: a seed means something only together with it.
pub(crate) const BUILT_FROM: &str = env!("KAFKA_BUILT_FROM");

/// A failure in words, made smaller first until `smaller` is told to end, if that is given.
pub(crate) fn failure(
    seed: u64,
    faults: &[String],
    violations: &[Violation],
    smaller: Option<&Interrupt>,
) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "seed={seed} commit={BUILT_FROM}");
    for violation in violations {
        let _ = writeln!(text, "  {violation}");
    }
    let only = match faults {
        [] => String::new(),
        names => format!(" --faults {}", names.join(",")),
    };
    let _ = writeln!(text, "  again: kafka sim replay {seed}{only} --trace");
    let Some(invariant) = violations.first().map(|violation| violation.invariant) else {
        return text;
    };
    if invariant == Invariant::Determinism {
        // A smaller run would be judged by whether it fails once, and this is about two.
        return text;
    }
    if let Some(interrupt) = smaller.filter(|interrupt| !interrupt.is_told()) {
        let smallest = shrink(&super::plan(seed, faults), TRIES, |candidate| {
            // What has not been tried by then stays as it is.
            let fails = || run(candidate, false).report.violations;
            !interrupt.is_told() && fails().iter().any(|found| found.invariant == invariant)
        });
        // The test draws the plan as it is without any choice of faults, and names those that are left by their place there.
        story(&mut text, &Plan::draw(seed), &smallest);
    }
    text
}

/// The smallest plan that fails, as a test. Paths in it are whole, so that it can be pasted anywhere.
fn story(text: &mut String, plan: &Plan, smallest: &Plan) {
    let kept = |fault| smallest.faults.contains(fault);
    let faults: Vec<usize> =
        (0..plan.faults.len()).filter(|at| plan.faults.get(*at).is_some_and(kept)).collect();
    let clients: Vec<u32> = (1..)
        .zip(&smallest.clients)
        .filter(|(_, client)| client.role != Role::Idle)
        .map(|(number, _)| number)
        .collect();
    let _ = writeln!(
        text,
        "  smaller: {} of {} faults, clients {clients:?}",
        faults.len(),
        plan.faults.len()
    );
    for fault in &smallest.faults {
        let _ = writeln!(text, "    at {:?} for {:?}: {:?}", fault.at, fault.lasts, fault.kind);
    }
    for (number, client) in
        (1..).zip(&smallest.clients).filter(|(number, _)| clients.contains(number))
    {
        let _ = writeln!(text, "    client {number}: {client:?}");
    }
    let (seed, smaller) = (plan.seed, settings(plan, smallest));
    let fingerprint = plan.clone().keep(&faults, &clients).fingerprint();
    let mutable = if smaller.is_empty() { "" } else { "mut " };
    let _ = writeln!(
        text,
        "  as a test:\n    #[test]\n    fn seed_{seed}() {{\n        \
         let {mutable}plan = kafka_sim::sweep::Plan::draw({seed}).keep(&{faults:?}, &{clients:?});\n        \
         assert_eq!(plan.fingerprint(), {fingerprint:#018x}, \"seed {seed} is another run now\");\n{smaller}        \
         assert_eq!(kafka_sim::sweep::run(&plan, false).report.violations, []);\n    }}",
    );
}

/// What is smaller beside the faults and clients, as lines of the test: the same plan, or it may not fail.
fn settings(plan: &Plan, smallest: &Plan) -> String {
    let mut lines = String::new();
    if smallest.safety != plan.safety {
        let nanos = smallest.safety.as_nanos();
        let _ = writeln!(lines, "        plan.safety = std::time::Duration::from_nanos({nanos});");
    }
    if smallest.conditions != plan.conditions {
        lines.push_str("        plan.conditions = kafka_sim::world::Conditions::default();\n");
    }
    let burst = |client: &ClientPlan| match &client.role {
        Role::Producer(producer) => Some(producer.burst),
        _ => None,
    };
    let pairs = plan.clients.iter().zip(&smallest.clients).enumerate();
    for (at, (_, client)) in pairs.filter(|(_, (drawn, client))| burst(drawn) != burst(client)) {
        if let Some(burst) = burst(client) {
            let _ = writeln!(
                lines,
                "        if let kafka_sim::sweep::Role::Producer(producer) = &mut plan.clients[{at}].role {{\n            \
                 producer.burst = {burst};\n        }}"
            );
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_makes_smaller_what_was_made_smaller() {
        let plan = Plan::draw(1);
        let mut smallest = plan.clone();
        let told = |smallest: &Plan| {
            let mut text = String::new();
            story(&mut text, &plan, smallest);
            text
        };
        assert!(told(&smallest).contains("let plan = kafka_sim::sweep::Plan::draw(1).keep("));
        smallest.safety = std::time::Duration::from_millis(1_500);
        for client in &mut smallest.clients {
            if let Role::Producer(producer) = &mut client.role {
                producer.burst = 1_000;
            }
        }
        let text = told(&smallest);
        for part in [
            "let mut plan",
            "assert_eq!(plan.fingerprint(), 0x",
            ", \"seed 1 is another run now\");",
            "plan.safety = std::time::Duration::from_nanos(1500000000);",
            "if let kafka_sim::sweep::Role::Producer(producer) = &mut plan.clients[",
            "producer.burst = 1000;",
            "assert_eq!(kafka_sim::sweep::run(&plan, false).report.violations, []);",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
