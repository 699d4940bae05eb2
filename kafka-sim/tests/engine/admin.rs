//! Growing topics and deleting records.

use std::time::Duration;

use kafka_engine::{Command, DeleteBefore, Error, ErrorKind, Reply};
use kafka_proto::releases::release;
use kafka_proto::{ApiKey, ErrorCode};
use kafka_sim::{At, Fault};

use crate::rig::Rig;

fn grow(rig: &mut Rig, topics: &[(&str, i32)]) -> Vec<Result<(), Error>> {
    let deadline = rig.in_ms(30_000);
    let topics = topics.iter().map(|(topic, total)| ((*topic).into(), *total)).collect();
    let reply = rig.run(Command::CreatePartitions { topics, deadline }).unwrap();
    let Reply::Grown(grown) = reply else { panic!("{reply:?}") };
    grown.into_iter().map(|(_, result)| result).collect()
}

fn delete(rig: &mut Rig, wanted: &[(&str, i32, DeleteBefore)]) -> Vec<Result<i64, Error>> {
    let deadline = rig.in_ms(30_000);
    let partitions = wanted.iter().map(|(topic, p, before)| ((*topic).into(), *p, *before));
    let command = Command::DeleteRecords { partitions: partitions.collect(), deadline };
    let reply = rig.run(command).unwrap();
    let Reply::RecordsDeleted(deleted) = reply else { panic!("{reply:?}") };
    assert!(deleted.iter().zip(wanted).all(|(a, b)| (&*a.0, a.1) == (b.0, b.1)));
    deleted.into_iter().map(|(_, _, result)| result).collect()
}

/// The code of a broker's refusal.
fn code<T: std::fmt::Debug>(result: &Result<T, Error>) -> ErrorCode {
    match result.as_ref().unwrap_err().kind() {
        ErrorKind::Broker { code, .. } => *code,
        other => panic!("{other:?}"),
    }
}

fn fill(rig: &mut Rig, topic: &str, partitions: i32, records: usize) {
    let known = rig.find(topic).unwrap();
    rig.producer(|_| {});
    for partition in 0..partitions {
        for n in 0..records {
            rig.send(&known, partition, &n.to_string());
        }
    }
    rig.flush();
    rig.until(|rig| rig.reports.len() == records * usize::try_from(partitions).unwrap());
}

#[test]
fn topics_grow_through_every_fault() {
    let not_controller = Fault::Refuse { at: At::any(), code: ErrorCode::NOT_CONTROLLER };
    let missing = Fault::Omit { at: At::topic("t") };
    for fault in [Fault::CloseBefore, Fault::Garbage, not_controller, missing] {
        let mut rig = Rig::new(3);
        for topic in ["t", "u"] {
            rig.cluster.create_topic(topic, 1, 1).unwrap();
        }
        rig.cluster.fail_times(ApiKey::CreatePartitions, fault.clone(), 2);
        let grown = grow(&mut rig, &[("t", 4), ("nope", 2), ("u", 1)]);
        // What was done before its answer was lost can't be done again.
        let done_before = matches!(fault, Fault::Garbage | Fault::Omit { .. });
        match done_before {
            true => assert_eq!(code(&grown[0]), ErrorCode::INVALID_PARTITIONS, "{fault:?}"),
            false => assert!(grown[0].is_ok(), "{fault:?}"),
        }
        assert!(matches!(grown[1].as_ref().unwrap_err().kind(), ErrorKind::UnknownTopic { .. }));
        assert_eq!(code(&grown[2]), ErrorCode::INVALID_PARTITIONS);
        assert_eq!(rig.cluster.topics().collect::<Vec<_>>(), [("t", 4), ("u", 1)]);
        assert_eq!(rig.cluster.pending_faults(), 0, "{fault:?}");
    }
}

#[test]
fn before_4_0_the_controller_is_found() {
    let mut rig = Rig::with_brokers(3, |options| options.release = release("2.8").unwrap(), |_| {});
    rig.cluster.create_topic("t", 1, 1).unwrap();
    rig.find("t").unwrap();
    // The client still takes node 1 for the controller, which it isn't any more when it is back.
    rig.cluster.stop_node(1);
    assert!(grow(&mut rig, &[("t", 2)])[0].is_ok());
    assert_eq!(rig.cluster.topics().collect::<Vec<_>>(), [("t", 2)]);
}

#[test]
fn records_are_deleted_through_every_fault() {
    let code = ErrorCode::NOT_LEADER_OR_FOLLOWER;
    for fault in [
        Fault::CloseBefore,
        Fault::CloseAfter,
        Fault::Garbage,
        Fault::Refuse { at: At::any(), code },
        Fault::FailAfter { at: At::any(), code },
        Fault::Omit { at: At::partition("t", 1) },
    ] {
        let mut rig = Rig::new(3);
        rig.cluster.create_topic("t", 3, 2).unwrap();
        fill(&mut rig, "t", 3, 5);
        rig.cluster.fail_times(ApiKey::DeleteRecords, fault.clone(), 2);
        let deleted = delete(
            &mut rig,
            &[
                ("t", 0, DeleteBefore::Offset(2)),
                ("t", 1, DeleteBefore::HighWatermark),
                ("t", 2, DeleteBefore::Offset(-7)),
            ],
        );
        let deleted: Vec<i64> = deleted.into_iter().map(Result::unwrap).collect();
        assert_eq!(deleted, [2, 5, 0], "{fault:?}");
        for (partition, start) in (0..).zip(deleted) {
            assert_eq!(rig.cluster.offsets("t", partition), Some((start, 5)), "{fault:?}");
        }
        assert_eq!(rig.cluster.pending_faults(), 0, "{fault:?}");
    }
}

#[test]
fn a_deleted_topic_that_nobody_uses_is_not_asked_for_again_and_again() {
    let mut rig = Rig::new(3);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    delete(&mut rig, &[("t", 0, DeleteBefore::HighWatermark)]);
    let deadline = rig.in_ms(30_000);
    rig.run(Command::DeleteTopics { topics: vec!["t".into()], deadline }).unwrap();
    rig.asked.clear();
    rig.pass(Duration::from_secs(20));
    let asked = rig.asked.iter().filter(|(_, _, api)| *api == ApiKey::Metadata).count();
    assert!((1..=2).contains(&asked), "{asked} times");
    assert!(!rig.engine.cluster().topics.contains_key("t"));
}

#[test]
fn what_can_not_be_deleted_is_told_in_its_place() {
    let mut rig = Rig::new(1);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    rig.cluster.create_topic("compact", 1, 1).unwrap();
    fill(&mut rig, "t", 1, 3);
    rig.cluster.set_config("compact", "cleanup.policy", "compact").unwrap();
    let deleted = delete(
        &mut rig,
        &[
            ("t", 0, DeleteBefore::Offset(4)),
            ("t", 1, DeleteBefore::HighWatermark),
            ("compact", 0, DeleteBefore::HighWatermark),
        ],
    );
    assert_eq!(code(&deleted[0]), ErrorCode::OFFSET_OUT_OF_RANGE);
    assert!(matches!(deleted[1].as_ref().unwrap_err().kind(), ErrorKind::UnknownPartition { .. }));
    assert_eq!(code(&deleted[2]), ErrorCode::POLICY_VIOLATION);
    assert_eq!(rig.cluster.offsets("t", 0), Some((0, 3)));

    // Of a partition that is named twice the larger offset counts, and both are told the same.
    let twice = [1, 2, 1].map(|offset| ("t", 0, DeleteBefore::Offset(offset)));
    let deleted: Vec<i64> = delete(&mut rig, &twice).into_iter().map(Result::unwrap).collect();
    assert_eq!(deleted, [2, 2, 2]);
}

#[test]
fn brokers_without_the_apis_are_too_old() {
    let mut rig = Rig::new(1);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    for api in [ApiKey::CreatePartitions, ApiKey::DeleteRecords] {
        rig.cluster.set_versions(api, None);
    }
    let deadline = rig.in_ms(30_000);
    let commands = [
        Command::CreatePartitions { topics: vec![("t".into(), 2)], deadline },
        Command::DeleteRecords {
            partitions: vec![("t".into(), 0, DeleteBefore::HighWatermark)],
            deadline,
        },
    ];
    for command in commands {
        let error = rig.run(command).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::BrokerTooOld { .. }), "{error}");
    }
}

#[test]
fn nobody_to_ask_is_a_timeout() {
    let mut rig = Rig::new(1);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    rig.find("t").unwrap();
    rig.cluster.depose_leader("t", 0).unwrap();
    let deadline = rig.in_ms(5_000);
    let partitions = vec![("t".into(), 0, DeleteBefore::HighWatermark)];
    let error = rig.run(Command::DeleteRecords { partitions, deadline }).unwrap_err();
    let ErrorKind::TimedOut { waiting_for, .. } = error.kind() else { panic!("{error}") };
    assert_eq!(*waiting_for, "records to be deleted");
}
