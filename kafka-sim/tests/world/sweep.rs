//! Runs drawn from seeds.

use std::collections::BTreeMap;
use std::time::Duration;

use kafka_handle::EngineState;
use kafka_proto::{ApiKey, ErrorCode};
use kafka_sim::sweep::{FaultKind, FaultPlan, Plan, run};
use kafka_sim::world::ClientId;
use kafka_sim::{At, Fault};

#[test]
fn a_few_seeds_hold() {
    for seed in 1..=12 {
        let outcome = run(&Plan::draw(seed), false);
        assert_eq!(outcome.report.violations, [], "seed {seed}");
        assert!(outcome.report.summary.records.acked > 0, "seed {seed} has something to judge");
    }
}

#[test]
fn who_is_killed_comes_back_as_another() {
    let mut plan = Plan::draw(1);
    let clients = plan.clients.len() as u64;
    let fault = |second, lasts, kind| {
        FaultPlan::new(Duration::from_secs(second), Duration::from_secs(lasts), kind)
    };
    let closed = |plan: &Plan| {
        let report = run(plan, false).report;
        assert_eq!(report.violations, []);
        report.summary.states.get(&EngineState::EngineClosed).copied().unwrap_or(0)
    };
    let restart = |client| FaultKind::Restart(ClientId(client));
    plan.faults =
        vec![fault(10, 1, restart(1)), fault(20, 3, restart(2)), fault(22, 1, restart(1))];
    // Those that were killed close nothing.
    assert_eq!(closed(&plan), clients);
    // Who is dead is not killed.
    plan.faults.insert(0, fault(5, 1, FaultKind::Crash(ClientId(1))));
    assert_eq!(closed(&plan), clients - 1);
}

#[test]
fn states_are_left_as_often_as_they_are_entered() {
    let crashes = |plan: &Plan| {
        let kill =
            |fault: &FaultPlan| matches!(fault.kind, FaultKind::Crash(_) | FaultKind::Restart(_));
        plan.faults.iter().any(kill)
    };
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

/// The faults that are counted of a short run that has these, one a second.
fn counted(kinds: Vec<FaultKind>) -> BTreeMap<&'static str, u64> {
    let mut plan = Plan::draw(1).keep(&[], &[1, 2]);
    plan.safety = Duration::from_secs(15);
    let fault = |(second, kind)| {
        FaultPlan::new(Duration::from_secs(second), Duration::from_millis(10_000), kind)
    };
    plan.faults = (0..).zip(kinds).map(fault).collect();
    let outcome = run(&plan, false);
    assert_eq!(outcome.report.violations, []);
    let all = outcome.report.summary.faults;
    assert!(FaultKind::NAMES.iter().all(|name| all.contains_key(name)));
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

#[test]
fn only_faults_that_hit_something_are_counted_and_each_once() {
    let refused = |code| Fault::Refuse { at: At::any(), code };
    let client = ClientId(1);
    let hit = [
        ("brk.kill", FaultKind::Kill(1)),
        ("meta.leader", FaultKind::MoveLeader(0, 0, 2)),
        ("net.refuse", FaultKind::Refuse(2)),
        ("net.rst", FaultKind::Reset(client, 2)),
        ("brk.throttle", FaultKind::Throttle(ApiKey::Produce, Duration::from_millis(100))),
        (
            "resp.err",
            FaultKind::Answers(ApiKey::Fetch, refused(ErrorCode::UNKNOWN_SERVER_ERROR), 2),
        ),
        ("resp.repeat", FaultKind::Answers(ApiKey::Produce, Fault::RepeatResponse, u32::MAX)),
    ];
    let kinds = hit.iter().map(|(_, kind)| kind.clone()).collect();
    assert_eq!(counted(kinds), hit.iter().map(|(name, _)| (*name, 1)).collect());
    let missed = vec![
        FaultKind::Preferred(0, 0),
        FaultKind::Unclean(0, 0),
        FaultKind::MoveLeader(0, 0, 9),
        FaultKind::Reset(client, 9),
        FaultKind::AddPartition(9),
        FaultKind::Refuse(9),
        FaultKind::HoleSyn(9),
        FaultKind::Throttle(ApiKey::DeleteTopics, Duration::from_millis(100)),
        FaultKind::Answers(ApiKey::DeleteTopics, Fault::CloseBefore, 1),
        FaultKind::Answers(ApiKey::Metadata, refused(ErrorCode::NONE), 0),
    ];
    assert_eq!(counted(missed), BTreeMap::new());
    let twice =
        vec![FaultKind::Kill(1), FaultKind::Kill(1), FaultKind::ShutDown(1), FaultKind::Stop(2)];
    assert_eq!(counted(twice), [("brk.kill", 1), ("brk.stop", 1)].into());
}
