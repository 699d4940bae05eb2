//! Asking brokers for what is not known of a topic: how long, how often, and what comes of it.

use std::time::Duration;

use kafka_engine::{Command, Error, ErrorKind, OffsetSpec, Reply, StartAt, Wanted};
use kafka_proto::{ApiKey, ErrorCode};
use kafka_sim::{At, Fault};

use crate::rig::Rig;

const MS: u64 = 1_000_000;

/// A client that knows a topic of so many partitions, and consumes the first.
fn knowing(partitions: i32) -> Rig {
    let mut rig = Rig::new(1);
    rig.cluster.create_topic("t", partitions, 1).unwrap();
    rig.consumer(|_| {});
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    rig.pass(Duration::from_secs(10));
    rig
}

fn find_fresh(rig: &mut Rig, timeout_ms: u64) -> Result<Reply, Error> {
    let deadline = rig.in_ms(timeout_ms);
    rig.run(Command::FindTopic {
        topic: "t".into(),
        wanted: Wanted::Fresh,
        create: false,
        deadline,
    })
}

#[test]
fn partitions_that_were_added_are_found_by_whoever_asks_for_them() {
    let mut rig = knowing(1);
    rig.cluster.add_partitions("t", 3).unwrap();
    rig.assign("t", 1, StartAt::Beginning).unwrap();
    rig.cluster.add_partitions("t", 5).unwrap();
    let deadline = rig.in_ms(60_000);
    let partitions = vec![("t".into(), 4, OffsetSpec::Latest)];
    let listed = rig.run(Command::ListOffsets { partitions, deadline }).unwrap();
    assert!(matches!(&listed, Reply::Offsets(found) if found[0].2.is_ok()), "{listed:?}");
    // An answer that was asked for before says nothing.
    rig.cluster.fail_next(ApiKey::Metadata, Fault::Delay(Duration::from_secs(3)));
    rig.until(|rig| rig.cluster.pending_faults() == 0);
    rig.pass(Duration::from_millis(1));
    rig.cluster.add_partitions("t", 6).unwrap();
    rig.assign("t", 5, StartAt::Beginning).unwrap();
    // Not every broker hears at once, so they are asked for a while.
    let deadline = rig.in_ms(60_000);
    let partitions = vec![("t".into(), 6, OffsetSpec::Latest)];
    let asked = rig.start(Command::ListOffsets { partitions, deadline });
    rig.pass(Duration::from_millis(500));
    assert!(!rig.is_done(asked));
    rig.cluster.add_partitions("t", 7).unwrap();
    let listed = rig.finish(asked).unwrap();
    assert!(matches!(&listed, Reply::Offsets(found) if found[0].2.is_ok()), "{listed:?}");
}

#[test]
fn partitions_that_are_not_there_are_asked_for_a_few_times() {
    let mut rig = knowing(6);
    rig.asked.clear();
    let error = rig.assign("t", 6, StartAt::Beginning).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::UnknownPartition { partitions: 6, .. }), "{error}");
    let asked: Vec<u64> = rig
        .asked
        .iter()
        .filter(|(_, _, api)| *api == ApiKey::Metadata)
        .map(|(at, _, _)| at / 1_000_000)
        .collect();
    // For `retry.backoff.max.ms`, with a backoff.
    let took = asked.last().unwrap() - asked[0];
    assert!((4..=5).contains(&asked.len()) && (500..1_000).contains(&took), "{asked:?}");
}

#[test]
fn what_is_missing_is_told_before_the_deadline() {
    for (deadline, took) in [(200, 90..=110), (1_000, 490..=510), (60_000, 990..=1_010)] {
        let mut rig = knowing(6);
        // Its leader is waited for meanwhile, which has a backoff of its own.
        rig.cluster.create_topic("u", 1, 1).unwrap();
        rig.find("u").unwrap();
        let gone = Fault::Leaderless { at: At::topic("u") };
        rig.cluster.fail_times(ApiKey::Metadata, gone, 1_000);
        rig.pass(Duration::from_secs(10));
        let begin = rig.now;
        let deadline = rig.in_ms(deadline);
        let partitions =
            vec![("t".into(), 0, OffsetSpec::Latest), ("t".into(), 9, OffsetSpec::Latest)];
        let listed = rig.run(Command::ListOffsets { partitions, deadline }).unwrap();
        let Reply::Offsets(found) = listed else { panic!("{listed:?}") };
        assert!(found[0].2.is_ok(), "{found:?}");
        let error = found[1].2.as_ref().unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::UnknownPartition { partition: 9, .. }),
            "{error}"
        );
        assert!(took.contains(&((rig.now - begin) / MS)), "{} ms", (rig.now - begin) / MS);
    }
}

#[test]
fn an_answer_to_an_older_question_ends_no_patience() {
    let mut rig = Rig::new(3);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    rig.find("t").unwrap();
    rig.pass(Duration::from_secs(10));
    for delay in [2_500, 20_000] {
        rig.cluster.fail_next(ApiKey::Metadata, Fault::Delay(Duration::from_millis(delay)));
    }
    let deadline = rig.in_ms(60_000);
    let command =
        |wanted| Command::FindTopic { topic: "t".into(), wanted, create: false, deadline };
    let first = rig.start(command(Wanted::Fresh));
    rig.pass(Duration::from_millis(1_000));
    let begin = rig.now;
    // It is not answered by the first answer, and who is asked when that takes long does not answer.
    let second = rig.start(command(Wanted::Fresh));
    rig.finish(first).unwrap();
    assert!(!rig.is_done(second));
    rig.finish(second).unwrap();
    assert!((rig.now - begin) / MS <= 3_100, "{} ms", (rig.now - begin) / MS);
}

#[test]
fn a_partition_that_nobody_has_keeps_nobody_else_from_asking() {
    let mut rig = Rig::new(2);
    rig.cluster.set_versions(ApiKey::Produce, Some(kafka_proto::VersionRange::new(3, 9)));
    rig.cluster.create_topic("t", 1, 2).unwrap();
    rig.cluster.move_leader("t", 0, 1).unwrap();
    let topic = rig.find("t").unwrap();
    rig.producer(|config| config.linger = Duration::ZERO);
    rig.send(&topic, 0, "first");
    rig.pass(Duration::from_secs(10));
    let deadline = rig.in_ms(60_000);
    let partitions = vec![("t".into(), 99, OffsetSpec::Latest)];
    let search = rig.start(Command::ListOffsets { partitions, deadline });
    // The backoff of the search is at its longest.
    rig.pass(Duration::from_millis(800));
    assert!(!rig.is_done(search));
    rig.cluster.move_leader("t", 0, 2).unwrap();
    rig.asked.clear();
    rig.send(&topic, 0, "second");
    rig.until(|rig| rig.reports.len() == 2);
    let produced = |node| {
        let to = |(_, to, api): &&(u64, i32, ApiKey)| (*to, *api) == (node, ApiKey::Produce);
        rig.asked.iter().find(to).unwrap().0 / MS
    };
    assert!(produced(2) - produced(1) <= 120, "{:?}", rig.asked);
}

#[test]
fn whoever_asks_again_and_again_puts_off_no_end_of_a_topic() {
    let mut rig = Rig::new(1);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    let topic = rig.find("t").unwrap();
    rig.producer(|_| {});
    rig.cluster.delete_topic("t").unwrap();
    rig.send(&topic, 0, "late");
    for _ in 0..3 {
        assert!(find_fresh(&mut rig, 2_500).is_err());
    }
    let error = rig.reports[0].result.as_ref().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::UnknownTopic { .. }), "{error}");
}

#[test]
fn a_refusal_is_told_to_whoever_wants_to_know_more() {
    let mut rig = knowing(1);
    let code = ErrorCode::TOPIC_AUTHORIZATION_FAILED;
    let refuse = |rig: &mut Rig| {
        rig.cluster.fail_next(ApiKey::Metadata, Fault::Refuse { at: At::any(), code })
    };
    let is_refused = |error: &Error| matches!(error.kind(), ErrorKind::Broker { code: told, .. } if *told == code);
    refuse(&mut rig);
    let error = find_fresh(&mut rig, 10_000).unwrap_err();
    assert!(is_refused(&error), "{error}");
    rig.pass(Duration::from_secs(1));
    refuse(&mut rig);
    let error = rig.assign("t", 7, StartAt::Beginning).unwrap_err();
    assert!(is_refused(&error), "{error}");
    assert_eq!(rig.find("t").unwrap().partitions.len(), 1);
    find_fresh(&mut rig, 10_000).unwrap();
}
