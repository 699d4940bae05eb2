//! Backoffs that end early, for somebody has told of a newer leader; and what fails together waits once.

use std::time::Duration;

use kafka_engine::StartAt;
use kafka_proto::{ApiKey, ErrorCode, VersionRange};
use kafka_sim::{At, Fault};

use super::rig::Rig;

const MS: u64 = 1_000_000;

/// A topic with three replicas on brokers that don't say who leads instead, and a producer of it that has sent the first
/// record.
fn producing() -> Rig {
    let mut rig = Rig::new(3);
    rig.cluster.set_versions(ApiKey::Produce, Some(VersionRange::new(3, 9)));
    rig.cluster.set_versions(ApiKey::Fetch, Some(VersionRange::new(4, 12)));
    begin(rig)
}

fn begin(mut rig: Rig) -> Rig {
    rig.cluster.create_topic("t", 1, 3).unwrap();
    rig.cluster.move_leader("t", 0, 1).unwrap();
    let topic = rig.find("t").unwrap();
    rig.producer(|config| {
        config.batch_bytes = 1;
        config.linger = Duration::ZERO;
    });
    rig.send(&topic, 0, "first");
    rig.pass(Duration::from_secs(10));
    rig.asked.clear();
    rig
}

/// The same, and a consumer that has had that record.
fn consuming(mut rig: Rig) -> Rig {
    rig.consumer(|_| {});
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    assert_eq!(rig.consume(1).len(), 1);
    rig.pass(Duration::from_secs(10));
    rig
}

/// Sends five batches, of which none waits for another, and gives when Produce requests left for which node until all had
/// their outcome.
fn produce_five(rig: &mut Rig) -> Vec<(u64, i32)> {
    let topic = rig.find("t").unwrap();
    for n in 0..5 {
        rig.send(&topic, 0, &n.to_string());
    }
    rig.until(|rig| rig.reports.len() == 6);
    assert!(rig.reports.iter().all(|report| report.result.is_ok()), "{:?}", rig.reports);
    assert_eq!(rig.log("t", 0), ["first", "0", "1", "2", "3", "4"]);
    let produced = rig.asked.iter().filter(|(_, _, api)| *api == ApiKey::Produce);
    produced.map(|(at, node, _)| (at / MS, *node)).collect()
}

#[test]
fn batches_that_fail_together_wait_once() {
    let mut rig = producing();
    let code = ErrorCode::NOT_ENOUGH_REPLICAS;
    rig.cluster.fail_times(ApiKey::Produce, Fault::Refuse { at: At::any(), code }, 5);
    let produced = produce_five(&mut rig);
    let begin = rig.asked[0].0 / MS;
    assert!(produced[..5].iter().all(|(at, _)| *at == begin), "{produced:?}");
    // retry.backoff.ms and its jitter.
    assert!((80..=120).contains(&(produced[5].0 - begin)), "{produced:?}");
}

#[test]
fn a_producer_goes_to_the_new_leader_as_soon_as_it_is_known() {
    let mut rig = producing();
    rig.cluster.move_leader("t", 0, 2).unwrap();
    let produced = produce_five(&mut rig);
    let begin = produced[0].0;
    assert_eq!(produced[0], (begin, 1), "{produced:?}");
    assert!(produced.iter().all(|(at, _)| *at == begin), "{produced:?}");
    assert_eq!(produced.last(), Some(&(begin, 2)));
}

/// Fetches from the time on at which the leader moves, until the consumer has the next record.
fn fetch_beyond(rig: &mut Rig, metadata: Duration) -> Vec<(u64, i32)> {
    let begin = rig.now;
    rig.cluster.fail_next(ApiKey::Metadata, Fault::Delay(metadata));
    rig.cluster.move_leader("t", 0, 2).unwrap();
    rig.until(|rig| {
        rig.asked.iter().any(|(at, node, api)| *at >= begin && (*node, *api) == (2, ApiKey::Fetch))
    });
    let fetched = rig.asked.iter().filter(|(at, _, api)| *at >= begin && *api == ApiKey::Fetch);
    fetched.map(|(at, node, _)| ((at - begin) / MS, *node)).collect()
}

#[test]
fn a_consumer_goes_to_the_new_leader_as_soon_as_it_is_known() {
    // Before its backoff is over.
    let fetched = fetch_beyond(&mut consuming(producing()), Duration::from_millis(20));
    assert_eq!(fetched, [(0, 1), (20, 2)]);
    // Behind it: the old leader has been asked again, in vain.
    let fetched = fetch_beyond(&mut consuming(producing()), Duration::from_millis(150));
    assert!(matches!(fetched[..], [(0, 1), (80..=120, 1), (150, 2)]), "{fetched:?}");
}

#[test]
fn who_hears_of_a_new_leader_tells_everybody() {
    let mut rig = Rig::new(3);
    // Only Fetch answers name the leader (KIP-951).
    rig.cluster.set_versions(ApiKey::Produce, Some(VersionRange::new(3, 9)));
    let mut rig = consuming(begin(rig));
    rig.cluster.fail_next(ApiKey::Fetch, Fault::Delay(Duration::from_millis(50)));
    rig.until(|rig| rig.cluster.pending_faults() == 0);
    rig.asked.clear();
    rig.cluster.fail_next(ApiKey::Metadata, Fault::Delay(Duration::from_secs(5)));
    rig.cluster.move_leader("t", 0, 2).unwrap();
    let produced = produce_five(&mut rig);
    let begin = produced[0].0;
    assert_eq!(
        (produced[0], produced.last()),
        ((begin, 1), Some(&(begin + 50, 2))),
        "{produced:?}"
    );
}

#[test]
fn batches_that_are_refused_together_count_once() {
    let mut rig = begin(Rig::new(3));
    let topic = rig.find("t").unwrap();
    rig.cluster.fail_times(ApiKey::Produce, Fault::Delay(Duration::from_millis(5)), 6);
    rig.cluster.fail_times(ApiKey::Metadata, Fault::Delay(Duration::from_secs(5)), 1_000);
    rig.cluster.move_leader("t", 0, 2).unwrap();
    let begin = rig.now;
    for n in 0..5 {
        rig.send(&topic, 0, &n.to_string());
    }
    // The one that they are sent on to leads no more when they come.
    rig.pass(Duration::from_millis(22));
    rig.cluster.move_leader("t", 0, 3).unwrap();
    rig.until(|rig| rig.reports.len() == 6);
    assert_eq!(rig.log("t", 0), ["first", "0", "1", "2", "3", "4"]);
    let produced = rig.asked.iter().filter(|(_, _, api)| *api == ApiKey::Produce);
    let nodes: Vec<i32> = produced.map(|(_, node, _)| *node).collect();
    assert_eq!(nodes, [1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 3]);
    assert!((rig.now - begin) / MS < 50, "{:?}", rig.asked);
}

#[test]
fn who_is_sent_to_and_fro_waits() {
    let mut rig = begin(Rig::new(3));
    let topic = rig.find("t").unwrap();
    rig.cluster.fail_times(ApiKey::Produce, Fault::Delay(Duration::from_millis(5)), 1_000);
    rig.cluster.fail_times(ApiKey::Metadata, Fault::Delay(Duration::from_secs(5)), 1_000);
    let begin = rig.now;
    let mut produced = vec![];
    rig.cluster.move_leader("t", 0, 2).unwrap();
    rig.send(&topic, 0, "second");
    while rig.now < begin + 3_000 * MS {
        rig.pass(Duration::from_millis(1));
        let found = rig.asked.iter().filter(|(_, _, api)| *api == ApiKey::Produce);
        let found: Vec<_> = found.map(|(at, node, _)| ((at - begin) / MS, *node)).collect();
        if found.len() > produced.len() {
            // It says that another one leads, and when that is heard it leads itself.
            rig.cluster.move_leader("t", 0, found.last().unwrap().1).unwrap();
        }
        produced = found;
    }
    let pauses: Vec<u64> = produced.windows(2).map(|two| two[1].0 - two[0].0).collect();
    assert!(pauses[..2] == [5, 5] && pauses[2..4].iter().all(|pause| *pause > 300), "{produced:?}");
    // Failures of another kind are no reason to wait.
    let mut rig = producing();
    let code = ErrorCode::NOT_ENOUGH_REPLICAS;
    rig.cluster.fail_times(ApiKey::Produce, Fault::Refuse { at: At::any(), code }, 4);
    let topic = rig.find("t").unwrap();
    rig.send(&topic, 0, "second");
    rig.until(|rig| rig.cluster.pending_faults() == 0);
    rig.cluster.move_leader("t", 0, 2).unwrap();
    let since = rig.asked.len();
    rig.until(|rig| rig.reports.len() == 2);
    let produced = rig.asked[since..].iter().filter(|(_, _, api)| *api == ApiKey::Produce);
    let produced: Vec<_> = produced.map(|(at, node, _)| (at / MS, *node)).collect();
    assert_eq!(produced, [(produced[0].0, 1), (produced[0].0, 2)]);
}
