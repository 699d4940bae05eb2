//! Runs drawn from seeds.

use kafka_handle::EngineState;
use kafka_sim::sweep::{FaultKind, Plan, run};

#[test]
fn a_few_seeds_hold() {
    for seed in 1..=12 {
        let outcome = run(&Plan::draw(seed), false);
        assert_eq!(outcome.report.violations, [], "seed {seed}");
        assert!(outcome.report.summary.records.acked > 0, "seed {seed} has something to judge");
    }
}

#[test]
fn states_are_left_as_often_as_they_are_entered() {
    let crashes =
        |plan: &Plan| plan.faults.iter().any(|fault| matches!(fault.kind, FaultKind::Crash(_)));
    for plan in (1..=5).map(Plan::draw).filter(|plan| !crashes(plan)) {
        let states = run(&plan, false).report.summary.states;
        let entered = |state| states.get(&state).copied().unwrap_or(0);
        let [staged, split, overdue, appended, failed] = [
            EngineState::BatchStaged,
            EngineState::BatchSplit,
            EngineState::BatchOverdue,
            EngineState::BatchAppended,
            EngineState::BatchFailed,
        ]
        .map(entered);
        // Of a batch that is split two come out. The end of one that is overdue may come after that of its producer.
        assert!(appended > 0, "seed {}", plan.seed);
        let ended = appended + failed;
        let open = (staged + split).checked_sub(ended).expect("no more end than there are");
        assert!(open <= overdue, "{open} without an end of {staged}, seed {}", plan.seed);
        let [connecting, ready] =
            [EngineState::ConnectionConnecting, EngineState::ConnectionReady].map(entered);
        assert!(0 < ready && ready <= connecting, "{ready} of {connecting}, seed {}", plan.seed);
        let ended = entered(EngineState::OperationDone) + entered(EngineState::OperationFailed);
        assert_eq!(entered(EngineState::OperationBegun), ended, "seed {}", plan.seed);
        assert_eq!(entered(EngineState::EngineClosed), plan.clients.len() as u64);
    }
}

#[test]
fn a_plan_is_carried_out_the_same_way_each_time() {
    for seed in [3, 4] {
        let hash = |seed| run(&Plan::draw(seed), false).trace_hash;
        assert_eq!(hash(seed), hash(seed));
        assert_ne!(hash(seed), hash(seed + 10));
    }
}
