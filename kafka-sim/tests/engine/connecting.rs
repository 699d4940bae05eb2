//! Finding the cluster, its topics and its leaders, when that is not easy.

use std::time::Duration;

use kafka_engine::{Command, ErrorKind, NewTopic, OffsetSpec, Reply, StartAt, Wanted};
use kafka_proto::{ApiKey, ErrorCode, VersionRange};
use kafka_sim::{At, Fault};

use crate::rig::{CONSUMER, Rig};

fn find_without_creating(rig: &mut Rig, topic: &str) -> Result<Reply, kafka_engine::Error> {
    let deadline = rig.in_ms(60_000);
    rig.run(Command::FindTopic {
        topic: topic.into(),
        wanted: Wanted::Known,
        create: false,
        deadline,
    })
}

#[test]
fn the_next_bootstrap_address_and_the_next_ip_are_tried() {
    for (servers, names) in [
        ("10.0.0.1:8000,10.0.0.1:9001", vec![]),
        ("kafka.test:9001", vec!["10.0.0.9", "10.0.0.1"]),
        ("gone.test:9001,kafka.test:9001", vec!["10.0.0.1"]),
    ] {
        let mut rig = Rig::with(1, |config| config.set("bootstrap.servers", servers).unwrap());
        let addresses = names.iter().map(|ip| ip.parse().unwrap()).collect();
        rig.names.insert("kafka.test".into(), addresses);
        rig.find("t").unwrap();
        assert!(rig.now < 1_000_000_000, "{servers}: found after {} ms", rig.now / 1_000_000);
    }
}

#[test]
fn without_a_broker_an_operation_fails_at_its_deadline_with_every_cause_and_heals() {
    let mut rig = Rig::with(1, |config| {
        config.set("bootstrap.servers", "10.0.0.1:9001,gone.test:9092").unwrap();
    });
    rig.refused.insert(9001);
    let deadline = rig.in_ms(3_000);
    let command =
        Command::FindTopic { topic: "t".into(), wanted: Wanted::Known, create: true, deadline };
    let error = rig.run(command).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NoBroker { .. }), "{error}");
    for cause in ["10.0.0.1:9001: connection refused", "gone.test:9092: unreachable: name lookup"] {
        assert!(error.to_string().contains(cause), "{error}");
    }
    assert_eq!(rig.now, deadline.as_nanos());
    rig.refused.clear();
    rig.find("t").unwrap();
}

#[test]
fn an_older_handshake_is_tried_where_the_newer_is_refused() {
    for newest in [0, 1, 2, 3] {
        let mut rig = Rig::new(1);
        let range = VersionRange { min: 0, max: newest };
        rig.cluster.set_versions(ApiKey::ApiVersions, Some(range));
        rig.find("t").unwrap();
    }
}

#[test]
fn a_broker_that_is_too_old_is_named_with_its_version() {
    let mut rig = Rig::new(1);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    rig.cluster.set_versions(ApiKey::Produce, Some(VersionRange { min: 0, max: 2 }));
    rig.producer(|_| {});
    let topic = rig.find("t").unwrap();
    rig.send(&topic, 0, "x");
    rig.until(|rig| rig.reports.len() == 1);
    let error = rig.reports[0].result.clone().unwrap_err().to_string();
    assert_eq!(
        error,
        "the broker is too old: Produce version 3 (Kafka 0.11) is needed and it speaks up to 2"
    );
    let mut rig = Rig::new(1);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    rig.cluster.set_versions(ApiKey::Fetch, Some(VersionRange { min: 0, max: 3 }));
    rig.consumer(|_| {});
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    rig.pass(Duration::from_secs(1));
    let (_, notes) = rig.take();
    assert_eq!(
        notes,
        ["the broker is too old: Fetch version 4 (Kafka 0.11) is needed and it speaks up to 3"]
    );
}

#[test]
fn a_topic_that_does_not_exist_is_an_error_once_brokers_have_had_time_to_hear_of_it() {
    let mut rig = Rig::new(3);
    let error = find_without_creating(&mut rig, "nowhere").unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::UnknownTopic { topic: "nowhere".into() });
    assert!((4_900..6_500).contains(&(rig.now / 1_000_000)), "after {} ms", rig.now / 1_000_000);
    let error = find_without_creating(&mut rig, "not/a name").unwrap_err();
    let ErrorKind::Broker { code, .. } = error.kind() else { panic!("{error}") };
    assert_eq!(*code, ErrorCode::INVALID_TOPIC_EXCEPTION);
}

#[test]
fn half_made_topics_are_waited_for() {
    for fault in [
        Fault::ZeroPartitions { topic: None },
        Fault::Leaderless { at: At::any() },
        Fault::Refuse { at: At::any(), code: ErrorCode::LEADER_NOT_AVAILABLE },
        Fault::CloseBefore,
        Fault::CloseAfter,
        Fault::Garbage,
        Fault::HugeLength,
        Fault::Swallow,
    ] {
        let mut rig = Rig::new(1);
        rig.cluster.create_topic("t", 1, 1).unwrap();
        rig.cluster.fail_times(ApiKey::Metadata, fault.clone(), 2);
        rig.producer(|_| {});
        let deadline = rig.in_ms(100_000);
        let command =
            Command::FindTopic { topic: "t".into(), wanted: Wanted::Known, create: true, deadline };
        let Reply::Topic(topic) = rig.run(command).unwrap() else { panic!("a topic") };
        rig.send(&topic, 0, "x");
        rig.until(|rig| rig.reports.len() == 1);
        assert_eq!(rig.reports[0].result, Ok(Some(0)), "{fault:?}");
    }
}

#[test]
fn a_partition_that_does_not_exist_is_refused_with_their_number() {
    let mut rig = Rig::new(1);
    rig.cluster.create_topic("t", 3, 1).unwrap();
    rig.consumer(|_| {});
    let error = rig.assign("t", 3, StartAt::Beginning).unwrap_err();
    assert_eq!(error.to_string(), "topic t has no partition 3: it has 3");
    let partitions = vec![("t".into(), 0, OffsetSpec::Latest), ("t".into(), 7, OffsetSpec::Latest)];
    let deadline = rig.in_ms(10_000);
    let reply = rig.run(Command::ListOffsets { partitions, deadline }).unwrap();
    let Reply::Offsets(offsets) = reply else { panic!("offsets") };
    assert_eq!(offsets[0].2.as_ref().unwrap().offset, Some(0));
    assert_eq!(
        offsets[1].2.as_ref().unwrap_err().to_string(),
        "topic t has no partition 7: it has 3"
    );
}

#[test]
fn a_topic_that_is_deleted_and_made_again_is_consumed_again() {
    let mut rig = Rig::with(1, |config| config.metadata_max_age = Duration::from_secs(2));
    rig.cluster.create_topic("t", 1, 1).unwrap();
    rig.producer(|_| {});
    let topic = rig.find("t").unwrap();
    rig.send(&topic, 0, "old");
    rig.until(|rig| rig.reports.len() == 1);
    rig.consumer(|config| {
        config.auto_offset_reset = kafka_engine::config::AutoOffsetReset::Earliest;
        config.allow_auto_create_topics = false;
    });
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    assert_eq!(rig.consume(1), [(0, "old".to_string())]);
    rig.cluster.delete_topic("t").unwrap();
    rig.pass(Duration::from_secs(20));
    assert_eq!(rig.take().1, ["topic t does not exist"]);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    rig.pass(Duration::from_secs(20));
    let topic = rig.find("t").unwrap();
    rig.send(&topic, 0, "new");
    assert_eq!(rig.consume(1), [(0, "new".to_string())]);
    rig.run(Command::CloseConsumer { consumer: CONSUMER }).unwrap();
}

#[test]
fn a_connection_that_nobody_needs_is_closed_and_opened_again() {
    let mut rig = Rig::with(1, |config| {
        config.connections_max_idle = Some(Duration::from_secs(30));
        config.metadata_max_age = Duration::from_secs(100_000);
    });
    rig.cluster.create_topic("t", 1, 1).unwrap();
    rig.producer(|_| {});
    let topic = rig.find("t").unwrap();
    rig.send(&topic, 0, "a");
    rig.until(|rig| rig.reports.len() == 1);
    assert!(rig.connections() > 0);
    rig.pass(Duration::from_secs(60));
    assert_eq!(rig.connections(), 0);
    rig.send(&topic, 0, "b");
    rig.until(|rig| rig.reports.len() == 2);
    assert_eq!(rig.log("t", 0), ["a", "b"]);
}

/// A broker that wants silence for longer than a connection may be idle, and a process that stood still until a connection
/// was idle for too long: what somebody still wants of the broker is not forgotten with the connection.
#[test]
fn a_connection_that_is_wanted_is_not_closed_for_being_idle() {
    for throttled in [true, false] {
        let mut rig = Rig::with(1, |config| {
            config.connections_max_idle = Some(Duration::from_secs(5));
        });
        rig.cluster.create_topic("t", 1, 1).unwrap();
        rig.producer(|_| {});
        let topic = rig.find("t").unwrap();
        rig.consumer(|_| {});
        rig.assign("t", 0, StartAt::Beginning).unwrap();
        let code = ErrorCode::OFFSET_NOT_AVAILABLE;
        if throttled {
            rig.cluster.fail_next(ApiKey::Fetch, Fault::Throttle(Duration::from_secs(20)));
        } else {
            rig.cluster.fail_next(ApiKey::Fetch, Fault::Refuse { at: At::any(), code });
        }
        rig.until(|rig| rig.cluster.pending_faults() == 0);
        // Until the answer is there.
        rig.pass(Duration::from_millis(5));
        rig.now += if throttled { 0 } else { Duration::from_secs(60).as_nanos() as u64 };
        rig.pass(Duration::from_secs(30));
        rig.send(&topic, 0, "there");
        rig.flush();
        assert_eq!(rig.consume(1), [(0, "there".to_owned())], "throttled: {throttled}");
    }
}

#[test]
fn topics_are_created_described_and_deleted_through_every_fault() {
    for (api, fault) in [
        (ApiKey::CreateTopics, Fault::CloseBefore),
        (ApiKey::CreateTopics, Fault::Refuse { at: At::any(), code: ErrorCode::NOT_CONTROLLER }),
        (ApiKey::DeleteTopics, Fault::CloseBefore),
        (ApiKey::DeleteTopics, Fault::Garbage),
    ] {
        let mut rig = Rig::new(3);
        rig.cluster.fail_times(api, fault.clone(), 2);
        let new = NewTopic {
            name: "t".into(),
            partitions: Some(4),
            replication_factor: Some(3),
            configs: vec![("retention.ms".into(), "1000".into())],
        };
        let deadline = rig.in_ms(30_000);
        let command = Command::CreateTopics { topics: vec![new], validate_only: false, deadline };
        let Reply::Created(created) = rig.run(command).unwrap() else { panic!("created") };
        assert_eq!(created[0].1.as_ref().unwrap().partitions, Some(4), "{fault:?}");
        let deadline = rig.in_ms(30_000);
        let reply = rig.run(Command::DescribeTopics { topics: None, deadline }).unwrap();
        let Reply::Topics(topics) = reply else { panic!("topics") };
        assert_eq!(topics[0].1.as_ref().unwrap().partitions.len(), 4);
        let deadline = rig.in_ms(30_000);
        let command = Command::DeleteTopics { topics: vec!["t".into(), "u".into()], deadline };
        let Reply::Deleted(deleted) = rig.run(command).unwrap() else { panic!("deleted") };
        assert!(deleted[0].1.is_ok(), "{fault:?}: {:?}", deleted[0]);
        // Once an answer to a deletion is lost, "does not exist" is what was asked for.
        let refused = deleted[1].1.as_ref().err().map(ToString::to_string);
        let expected = (api == ApiKey::CreateTopics).then(|| "topic u does not exist".to_string());
        assert_eq!(refused, expected, "{fault:?}");
    }
}

#[test]
fn shutting_down_ends_everything() {
    let mut rig = Rig::new(1);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    rig.producer(|config| config.linger = Duration::from_secs(100));
    rig.consumer(|_| {});
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    let topic = rig.find("t").unwrap();
    rig.send(&topic, 0, "never sent");
    rig.run(Command::Shutdown).unwrap();
    rig.until(|rig| rig.reports.len() == 1);
    assert_eq!(rig.reports[0].result.as_ref().unwrap_err().kind(), &ErrorKind::Closed);
    assert_eq!(rig.connections(), 0);
    let wakeups = rig.wakeups;
    rig.pass(Duration::from_secs(600));
    assert_eq!(rig.wakeups, wakeups, "nothing is left to wake up for");
    assert_eq!(rig.find("t").unwrap_err().kind(), &ErrorKind::Closed);
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = || {
        let mut rig = Rig::new(3);
        rig.cluster.create_topic("t", 3, 3).unwrap();
        rig.cluster.fail_times(ApiKey::Produce, Fault::CloseAfter, 3);
        rig.producer(|config| config.batch_bytes = 250);
        let topic = rig.find("t").unwrap();
        for n in 0..300 {
            rig.send(&topic, n % 3, &format!("{n:08}"));
        }
        rig.flush();
        rig.until(|rig| rig.reports.len() == 300);
        rig.trace
    };
    let trace = run();
    assert!(trace.len() > 100, "{} transitions", trace.len());
    assert_eq!(trace, run());
}

#[test]
fn a_hang_up_on_an_idle_connection_is_nothing_to_hear_of() {
    let mut rig = Rig::new(1);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    rig.producer(|_| {});
    let topic = rig.find("t").unwrap();
    rig.send(&topic, 0, "a");
    rig.until(|rig| rig.reports.len() == 1);
    rig.pass(Duration::from_secs(10));
    let asked = rig.cluster.requests(ApiKey::Metadata);
    rig.kill(1, false);
    rig.pass(Duration::from_secs(10));
    assert_eq!(rig.connections(), 0, "it is opened again when it is needed");
    let before = rig.now;
    rig.send(&topic, 0, "b");
    rig.until(|rig| rig.reports.len() == 2);
    assert_eq!(rig.now - before, 5_000_000, "only the linger passed");
    assert_eq!(rig.cluster.requests(ApiKey::Metadata), asked);
}

#[test]
fn a_broker_that_stops_answering_does_not_keep_metadata_from_the_others() {
    let mut rig = Rig::new(3);
    rig.find("a").unwrap();
    rig.cluster.fail_next(ApiKey::Metadata, Fault::Swallow);
    let before = rig.now;
    rig.find("b").unwrap();
    assert_eq!(rig.cluster.pending_faults(), 0);
    assert!(rig.now - before < 3_000_000_000, "after {} ms", (rig.now - before) / 1_000_000);
}
