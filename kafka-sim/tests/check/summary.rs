//! The summary of runs: what was exercised, and what never was.

use kafka_handle::EngineState;
use kafka_sim::Time;
use kafka_sim::check::Certainty::Unknown;
use kafka_sim::check::{Event, Failure, Invariant, RecordId, Summary, Tally, Wire};

use crate::story::{Story, story};

fn run() -> Story {
    let missed = story().fault("net.cut").fault_over().fault("net.cut");
    let sent = missed.fault_hits("net.cut").fault_over().fault("brk.kill").fault_hits("brk.kill");
    let sent = sent.send(1, 0).send(2, 0).send(3, 0).ack(1, 0).fail(2, Unknown);
    let refused = Event::Fail { rid: RecordId(3), certainty: Unknown, failure: Failure::Code(7) };
    let sent = sent.event(refused).log(0, &[1]);
    sent.wire(1, Wire::Error { api: 0, code: 6 }).wire(1, Wire::Error { api: 3, code: 5 })
}

#[test]
fn runs_are_added_up() {
    let one = run().report().summary;
    assert_eq!((one.runs, one.records.sent, one.records.acked, one.records.failed), (1, 3, 1, 2));
    assert_eq!((one.faults_injected(), one.faults["net.cut"]), (2, 1));
    let mut sum = Summary::default();
    for _ in 0..3 {
        sum.merge(&one);
    }
    assert_eq!((sum.runs, sum.records.sent, sum.faults_injected()), (3, 9, 6));
    assert_eq!(sum.codes, [((0, 6), 3), ((3, 5), 3)].into());
    assert_eq!(sum.judged[&Invariant::LostWrite], Tally { judged: 3, violated: 0 });
    assert!(sum.idle_invariants().any(|id| id == Invariant::Idle));
    assert!(!sum.idle_invariants().any(|id| id == Invariant::LostWrite));
}

#[test]
fn the_table_says_what_never_happened_and_what_did_not_hold() {
    let bad = run().log(0, &[]).report();
    let table = bad.summary.to_string();
    let line = |name: &str| {
        let found = table.lines().find(|line| line.contains(name));
        found
            .unwrap_or_else(|| panic!("no {name} in {table}"))
            .split_whitespace()
            .collect::<Vec<_>>()
    };
    assert_eq!(line("net.cut"), ["net.cut", "1"]);
    assert_eq!(line("NOT_LEADER_OR_FOLLOWER"), ["Produce", "NOT_LEADER_OR_FOLLOWER", "1"]);
    assert_eq!(line("REQUEST_TIMED_OUT"), ["REQUEST_TIMED_OUT", "1"]);
    assert_eq!(line("TimedOut"), ["TimedOut", "1"]);
    assert_eq!(line("connection ready"), ["connection", "ready", "0", "NEVER"]);
    assert_eq!(line("I01"), ["I01", "lost-write", "1", "VIOLATED"]);
    assert_eq!(line("I06"), ["I06", "send-order", "0", "NEVER"]);
    assert_eq!(line("I10"), ["I10", "ledger", "3"]);
    assert_eq!(table, run().log(0, &[]).report().summary.to_string());
}

#[test]
fn what_never_came_is_named_but_for_what_nothing_can_judge() {
    let mut summary = run().report().summary;
    let never = |summary: &Summary| summary.never().collect::<Vec<_>>();
    assert!(never(&summary).contains(&"invariant I45 idle".to_owned()));
    assert!(never(&summary).contains(&"state connection ready".to_owned()));
    summary.states = EngineState::ALL.iter().map(|state| (*state, 1)).collect();
    summary.judged = Invariant::ALL.map(|id| (id, Tally { judged: 1, violated: 0 })).into();
    assert_eq!(never(&summary), [""; 0]);
    summary.faults.insert("net.cut", 0);
    summary.codes.insert((0, 6), 0);
    summary.judged.remove(&Invariant::LostWrite);
    summary.judged.remove(&Invariant::ErrorEvent);
    let expected =
        ["fault net.cut", "error Produce NOT_LEADER_OR_FOLLOWER", "invariant I01 lost-write"];
    assert_eq!(never(&summary), expected);
    assert!(summary.to_string().contains("  NEVER: clients log nothing\n"));
}

#[test]
fn violations_are_few_and_in_order() {
    // A run that goes wrong in one way goes wrong in it often.
    let many = (0..100).fold(story(), |story, rid| story.at(1000 - rid).send(rid, 0).ack(rid, 0));
    let report = many.log(0, &[]).report();
    assert_eq!(report.summary.judged[&Invariant::LostWrite], Tally { judged: 100, violated: 100 });
    assert_eq!(report.violations.len(), 10);
    assert!(report.violations.is_sorted_by_key(|violation| violation.at));
    let text = report.violations[0].to_string();
    assert!(text.starts_with("I01 lost-write at 9"), "{text}");
}

#[test]
fn all_invariants_have_their_own_ids() {
    let ids: Vec<_> = Invariant::ALL.iter().map(|id| id.id_and_name()).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len());
    assert!(size_of::<(Time, Event)>() <= 80, "{}", size_of::<(Time, Event)>());
}
