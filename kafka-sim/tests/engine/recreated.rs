//! Topics that are deleted and made again while a client uses them: other logs under the same names.

use std::collections::BTreeSet;
use std::time::Duration;

use kafka_engine::{Command, StartAt, Wanted};
use kafka_proto::releases::release;
use kafka_proto::{ApiKey, ErrorCode};
use kafka_sim::{At, ClusterOptions, Fault, Truth};

use crate::rig::Rig;

/// Brokers of 2.6, which have no topic ids.
fn old(options: &mut ClusterOptions) {
    options.release = release("2.6").unwrap();
}

fn minute() -> Duration {
    Duration::from_secs(60)
}

/// Sends records, each in a batch of its own.
fn send_all(rig: &mut Rig, values: &[&str]) {
    let topic = rig.find("t").unwrap();
    for value in values {
        rig.send(&topic, 0, value);
    }
    rig.flush();
}

fn make_again(rig: &mut Rig) {
    rig.cluster.delete_topic("t").unwrap();
    rig.cluster.create_topic("t", 1, 1).unwrap();
}

/// Epochs and first sequences of what was appended since `record_truth`.
fn appended(rig: &mut Rig) -> Vec<(i16, i32)> {
    let append = |(_, truth)| match truth {
        Truth::Append { producer_epoch, base_sequence, .. } => {
            Some((producer_epoch, base_sequence))
        }
        _ => None,
    };
    rig.cluster.take_truth().into_iter().filter_map(append).collect()
}

/// Before 2.8 topics have no ids, and the epochs of the new one's leaders are lower than those that are known.
#[test]
fn a_topic_that_was_made_again_is_found_where_topics_have_no_ids() {
    let mut rig = Rig::with_brokers(2, old, |_| {});
    rig.cluster.create_topic("t", 1, 2).unwrap();
    for node in [2, 1, 2] {
        rig.cluster.move_leader("t", 0, node).unwrap();
    }
    rig.producer(|_| {});
    send_all(&mut rig, &["a", "b"]);
    rig.consumer(|_| {});
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    rig.consume(2);
    rig.cluster.delete_topic("t").unwrap();
    rig.cluster.create_topic("t", 1, 2).unwrap();
    rig.cluster.move_leader("t", 0, 1).unwrap();
    rig.pass(minute());
    send_all(&mut rig, &["c", "d"]);
    assert_eq!(rig.consume(2), [(0, "c".to_owned()), (1, "d".to_owned())]);
}

/// Whoever looked for it has told the client of the new topic before there is anything for it.
#[test]
fn a_topic_that_was_made_again_begins_under_a_new_epoch() {
    let mut rig = Rig::new(1);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    rig.producer(|_| {});
    rig.cluster.record_truth(true);
    send_all(&mut rig, &["a"]);
    rig.until(|rig| rig.reports.len() == 1);
    rig.cluster.delete_topic("t").unwrap();
    rig.pass(minute() * 6);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    send_all(&mut rig, &["b"]);
    rig.until(|rig| rig.reports.len() == 2);
    assert_eq!(appended(&mut rig), [(0, 0), (1, 0)]);
}

/// The new log takes any sequence for the first: after a broker has not known the topic, batches go one at a time.
#[test]
fn batches_for_a_topic_that_may_be_another_one_go_one_at_a_time() {
    let mut rig = Rig::with_brokers(1, old, |_| {});
    rig.cluster.create_topic("t", 1, 1).unwrap();
    rig.producer(|config| config.batch_bytes = 1);
    send_all(&mut rig, &["a"]);
    rig.until(|rig| rig.reports.len() == 1);
    rig.cluster.delete_topic("t").unwrap();
    let topic = rig.find("t");
    assert!(topic.is_ok(), "it is not told yet");
    send_all(&mut rig, &["b", "c"]);
    rig.pass(Duration::from_millis(50));
    rig.cluster.create_topic("t", 1, 1).unwrap();
    let code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    rig.cluster.fail_next(ApiKey::Produce, Fault::Refuse { at: At::any(), code });
    rig.until(|rig| rig.reports.len() == 3);
    assert_eq!(rig.cluster.pending_faults(), 0);
    assert_eq!(rig.log("t", 0), ["b", "c"]);
}

/// An answer that was asked for before another one, and comes after it, tells of what has been.
#[test]
fn an_answer_that_was_overtaken_does_not_bring_the_old_topic_back() {
    let mut rig = Rig::with(2, |config| config.metadata_max_age = Duration::from_secs(10));
    rig.cluster.create_topic("t", 1, 1).unwrap();
    rig.producer(|_| {});
    rig.cluster.record_truth(true);
    send_all(&mut rig, &["a"]);
    rig.until(|rig| rig.reports.len() == 1);
    rig.cluster.fail_next(ApiKey::Metadata, Fault::Delay(Duration::from_secs(15)));
    rig.until(|rig| rig.cluster.pending_faults() == 0);
    make_again(&mut rig);
    for value in ["b", "c", "d", "e", "f"] {
        rig.pass(Duration::from_secs(5));
        send_all(&mut rig, &[value]);
    }
    rig.until(|rig| rig.reports.len() == 6);
    assert_eq!(appended(&mut rig), [(0, 0), (1, 0), (1, 1), (1, 2), (1, 3), (1, 4)]);
}

/// It comes back with fewer partitions, and somebody mends that.
#[test]
fn a_partition_that_is_missing_is_looked_for_as_long_as_somebody_polls() {
    let mut rig = Rig::new(1);
    rig.cluster.create_topic("t", 2, 1).unwrap();
    rig.consumer(|_| {});
    rig.assign("t", 1, StartAt::Beginning).unwrap();
    make_again(&mut rig);
    rig.pass(minute());
    let (_, notes) = rig.take();
    assert!(notes.iter().any(|note| note.contains("has no partition 1")), "{notes:?}");
    rig.asked.clear();
    let mut polls = |times| {
        for _ in 0..times {
            rig.pass(Duration::from_millis(100));
            rig.take();
        }
        rig.asked.iter().filter(|(_, _, api)| *api == ApiKey::Metadata).count()
    };
    let asked = polls(40);
    assert!((3..=4).contains(&asked), "{asked} times in four seconds");
    rig.cluster.add_partitions("t", 2).unwrap();
    rig.pass(Duration::from_secs(2));
    assert_eq!(rig.take().1, Vec::<String>::new());
}

/// What was known of its leaders still holds when it turns out to be the same topic.
#[test]
fn a_topic_that_brokers_forgot_for_a_while_goes_back_to_no_older_leader() {
    let mut rig = Rig::with(2, |config| config.metadata_max_age = Duration::from_secs(1));
    rig.cluster.create_topic("t", 1, 2).unwrap();
    rig.consumer(|_| {});
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    for node in [2, 1, 2] {
        rig.cluster.move_leader("t", 0, node).unwrap();
        rig.pass(Duration::from_secs(5));
    }
    let code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    rig.cluster.fail_times(ApiKey::Metadata, Fault::Refuse { at: At::any(), code }, 1_000);
    rig.pass(Duration::from_secs(20));
    rig.cluster.clear_faults();
    rig.asked.clear();
    rig.cluster.fail_times(ApiKey::Metadata, Fault::EpochBack { at: At::any() }, 3);
    rig.until(|rig| rig.cluster.pending_faults() == 0);
    rig.pass(Duration::from_secs(5));
    let fetched = rig.asked.iter().filter(|(_, _, api)| *api == ApiKey::Fetch);
    let nodes: BTreeSet<i32> = fetched.map(|(_, node, _)| *node).collect();
    assert_eq!(nodes, BTreeSet::from([2]));
}

#[test]
fn an_answer_for_the_old_topic_is_heard_when_the_new_one_is_known() {
    let mut rig = Rig::new(1);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    let topic = rig.find("t").unwrap();
    rig.producer(|config| config.linger = Duration::ZERO);
    rig.send(&topic, 0, "first");
    rig.until(|rig| rig.reports.len() == 1);
    rig.pass(Duration::from_secs(10));
    make_again(&mut rig);
    rig.cluster.fail_next(ApiKey::Produce, Fault::Delay(Duration::from_millis(50)));
    rig.send(&topic, 0, "second");
    let deadline = rig.in_ms(10_000);
    let wanted = Wanted::Fresh;
    rig.run(Command::FindTopic { topic: "t".into(), wanted, create: false, deadline }).unwrap();
    // Nothing of it was written, and the answer says so, by an id that is no topic's any more.
    rig.until(|rig| rig.reports.len() == 2);
    assert!(rig.reports[1].result.is_ok(), "{:?}", rig.reports);
    assert_eq!(rig.log("t", 0), ["second"]);
}

#[test]
fn a_leader_of_the_old_topic_is_none_of_the_new_one() {
    let mut rig = Rig::new(3);
    rig.cluster.create_topic("t", 1, 3).unwrap();
    rig.cluster.move_leader("t", 0, 1).unwrap();
    let topic = rig.find("t").unwrap();
    rig.producer(|config| config.linger = Duration::ZERO);
    rig.send(&topic, 0, "first");
    rig.until(|rig| rig.reports.len() == 1);
    rig.pass(Duration::from_secs(10));
    // The one that is asked says who leads instead, under a high epoch, and that is heard when there is a new topic.
    for node in [2, 3, 2, 3, 2] {
        rig.cluster.move_leader("t", 0, node).unwrap();
    }
    rig.cluster.fail_next(ApiKey::Produce, Fault::Delay(Duration::from_millis(50)));
    rig.send(&topic, 0, "second");
    rig.pass(Duration::from_millis(1));
    make_again(&mut rig);
    rig.cluster.move_leader("t", 0, 3).unwrap();
    let deadline = rig.in_ms(10_000);
    let wanted = Wanted::Fresh;
    rig.run(Command::FindTopic { topic: "t".into(), wanted, create: false, deadline }).unwrap();
    rig.until(|rig| rig.reports.len() == 2);
    // Whoever leads no more may have appended it all the same; what comes now is for the new topic alone.
    let begin = rig.now;
    rig.send(&topic, 0, "third");
    rig.until(|rig| rig.reports.len() == 3);
    assert_eq!(rig.log("t", 0), ["third"]);
    assert!(rig.now - begin < 1_000_000_000, "{:?}", rig.asked);
}
