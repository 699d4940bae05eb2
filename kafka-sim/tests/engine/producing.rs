//! What becomes of records: order, retries, splits, refusals, deadlines.

use std::time::Duration;

use kafka_engine::{ErrorKind, Written};
use kafka_proto::{ApiKey, ErrorCode};
use kafka_sim::{At, Fault};

use crate::rig::Rig;

/// Produces `count` records to partition 0 in batches of about ten, and runs until all are reported.
fn produce(rig: &mut Rig, count: usize) -> Vec<String> {
    let topic = rig.find("t").unwrap();
    let values: Vec<String> = (0..count).map(|n| format!("{n:08}")).collect();
    for value in &values {
        rig.send(&topic, 0, value);
    }
    rig.flush();
    rig.until(|rig| rig.reports.len() == count);
    values
}

/// A rig with a topic `t` of one partition and small batches.
fn small_batches() -> Rig {
    let mut rig = Rig::new(3);
    rig.cluster.create_topic("t", 1, 3).unwrap();
    rig.producer(|config| config.batch_bytes = 250);
    rig
}

fn all_ok(rig: &Rig) -> bool {
    rig.reports.iter().all(|sent| sent.result.is_ok())
}

#[test]
fn records_arrive_in_order_and_are_told_their_offsets() {
    let mut rig = small_batches();
    let values = produce(&mut rig, 100);
    assert_eq!(rig.log("t", 0), values);
    for (at, sent) in rig.reports.iter().enumerate() {
        assert_eq!((&sent.value, sent.result.clone().unwrap()), (&values[at], Some(at as i64)));
    }
}

#[test]
fn each_fault_of_a_produce_request_leaves_every_record_there_once_and_in_order() {
    let faults = [
        Fault::CloseBefore,
        Fault::CloseAfter,
        Fault::Garbage,
        Fault::WrongCorrelationId,
        Fault::RepeatResponse,
        Fault::HugeLength,
        Fault::Omit { at: At::any() },
        Fault::Duplicate { at: At::any() },
        Fault::Refuse { at: At::any(), code: ErrorCode::NOT_LEADER_OR_FOLLOWER },
        Fault::Refuse { at: At::any(), code: ErrorCode::NOT_ENOUGH_REPLICAS },
        Fault::FailAfter { at: At::any(), code: ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND },
        Fault::FailAfter { at: At::any(), code: ErrorCode::REQUEST_TIMED_OUT },
        Fault::Refuse { at: At::any(), code: ErrorCode::KAFKA_STORAGE_ERROR },
        Fault::Refuse { at: At::any(), code: ErrorCode::CORRUPT_MESSAGE },
        Fault::Delay(Duration::from_secs(20)),
        Fault::Swallow,
    ];
    for fault in faults {
        for times in [1, 3] {
            let mut rig = small_batches();
            rig.cluster.fail_times(ApiKey::Produce, fault.clone(), times);
            let values = produce(&mut rig, 200);
            assert_eq!(rig.log("t", 0), values, "{fault:?} x {times}");
            assert!(all_ok(&rig), "{fault:?} x {times}");
            assert_eq!(rig.cluster.pending_faults(), 0, "{fault:?} was met");
        }
    }
}

#[test]
fn a_leader_that_dies_with_batches_in_flight_loses_and_repeats_nothing() {
    let mut rig = small_batches();
    let topic = rig.find("t").unwrap();
    let values: Vec<String> = (0..500).map(|n| format!("{n:08}")).collect();
    for (at, value) in values.iter().enumerate() {
        rig.send(&topic, 0, value);
        if at == 250 {
            rig.cluster.fail_next(ApiKey::Produce, Fault::CloseAfter);
            let (leader, _) = rig.cluster.leader("t", 0).unwrap();
            rig.kill(leader, true);
            rig.cluster.stop_node(leader);
        }
    }
    rig.flush();
    rig.until(|rig| rig.reports.len() == 500);
    assert!(all_ok(&rig));
    assert_eq!(rig.log("t", 0), values);
}

#[test]
fn a_batch_that_is_too_large_for_the_broker_is_split_until_it_fits() {
    let mut rig = Rig::new(1);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    rig.cluster.set_config("t", "max.message.bytes", "300").unwrap();
    rig.producer(|config| config.batch_bytes = 16_384);
    let topic = rig.find("t").unwrap();
    let mut values: Vec<String> = (0..200).map(|n| format!("{n:08}")).collect();
    values.insert(77, "x".repeat(400));
    for value in &values {
        rig.send(&topic, 0, value);
    }
    rig.flush();
    rig.until(|rig| rig.reports.len() == values.len());
    let failed: Vec<_> = rig.reports.iter().filter(|sent| sent.result.is_err()).collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0].value, values[77]);
    let error = failed[0].result.clone().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::RecordTooLarge { .. }), "{error}");
    assert_eq!(error.written(), Written::NotAppended);
    values.remove(77);
    assert_eq!(rig.log("t", 0), values);
}

#[test]
fn a_refusal_for_good_fails_its_batch_and_no_other() {
    let mut rig = small_batches();
    rig.cluster.fail_next(
        ApiKey::Produce,
        Fault::Refuse { at: At::any(), code: ErrorCode::TOPIC_AUTHORIZATION_FAILED },
    );
    let values = produce(&mut rig, 200);
    let failed: Vec<_> = rig
        .reports
        .iter()
        .filter(|sent| sent.result.is_err())
        .map(|sent| sent.value.clone())
        .collect();
    assert!(!failed.is_empty() && failed.len() < 30, "{failed:?}");
    let expected: Vec<_> = values.into_iter().filter(|value| !failed.contains(value)).collect();
    assert_eq!(rig.log("t", 0), expected);
}

#[test]
fn a_batch_whose_time_is_over_in_flight_has_an_unknown_fate() {
    let mut rig = small_batches();
    rig.cluster.fail_times(ApiKey::Produce, Fault::Swallow, 1000);
    let topic = rig.find("t").unwrap();
    rig.send(&topic, 0, "lost");
    rig.until(|rig| rig.reports.len() == 1);
    let error = rig.reports[0].result.clone().unwrap_err();
    assert_eq!(error.written(), Written::Unknown, "{error}");
    assert!(
        (120_000..121_000).contains(&(rig.now / 1_000_000)),
        "told at {} ms",
        rig.now / 1_000_000
    );
    rig.cluster.clear_faults();
    rig.reports.clear();
    rig.send(&topic, 0, "next");
    rig.until(|rig| rig.reports.len() == 1);
    assert!(all_ok(&rig), "{:?}", rig.reports);
    assert_eq!(rig.log("t", 0).iter().filter(|value| *value == "next").count(), 1);
}

#[test]
fn records_for_a_cluster_that_is_gone_are_not_appended() {
    let mut rig = small_batches();
    let topic = rig.find("t").unwrap();
    for node in 1..=3 {
        rig.kill(node, true);
    }
    rig.send(&topic, 0, "never");
    rig.until(|rig| rig.reports.len() == 1);
    let error = rig.reports[0].result.clone().unwrap_err();
    assert_eq!(error.written(), Written::NotAppended, "{error}");
    assert!(error.to_string().contains("connection refused"), "{error}");
    assert!(rig.wakeups < 2_000, "{} wake-ups in two minutes", rig.wakeups);
}

#[test]
fn a_topic_that_is_deleted_in_use_fails_its_records() {
    let mut rig = small_batches();
    let topic = rig.find("t").unwrap();
    rig.cluster.delete_topic("t").unwrap();
    rig.send(&topic, 0, "gone");
    rig.until(|rig| rig.reports.len() == 1);
    let error = rig.reports[0].result.clone().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::UnknownTopic { .. }), "{error}");
    assert_eq!(error.written(), Written::NotAppended);
}

#[test]
fn without_acknowledgements_a_record_is_over_when_it_is_sent() {
    let mut rig = Rig::new(1);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    rig.producer(|config| config.acks = kafka_engine::config::Acks::None);
    let values = produce(&mut rig, 50);
    assert_eq!(rig.log("t", 0), values);
    assert!(rig.reports.iter().all(|sent| matches!(sent.result, Ok(None))));
}
