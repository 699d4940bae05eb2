//! Stories of what once went wrong, or could have: each ends where the engine was stuck, wrong or busy for nothing.

use std::time::Duration;

use kafka_engine::config::{Acks, AutoOffsetReset};
use kafka_engine::{Command, ResponseBody, Span, StartAt, Wanted, Written};
use kafka_proto::{ApiKey, ErrorCode};
use kafka_sim::{At, Fault};

use crate::rig::{CONSUMER, PRODUCER, Rig};

fn minute() -> Duration {
    Duration::from_secs(60)
}

/// A rig with a topic `t`, led by node 1 in all of its partitions, and a producer of small batches.
fn rig(nodes: u16, partitions: i32) -> Rig {
    let mut rig = Rig::new(nodes);
    rig.cluster.create_topic("t", partitions, nodes as i16).unwrap();
    for partition in 0..partitions {
        rig.cluster.move_leader("t", partition, 1).unwrap();
    }
    rig.producer(|config| config.batch_bytes = 250);
    rig
}

fn send_all(rig: &mut Rig, partition: i32, range: std::ops::Range<usize>) -> Vec<String> {
    let topic = rig.find("t").unwrap();
    let values: Vec<String> = range.map(|n| format!("{n:08}")).collect();
    for value in &values {
        rig.send(&topic, partition, value);
    }
    rig.flush();
    values
}

#[test]
fn a_leader_that_steps_down_may_have_appended() {
    for code in [ErrorCode::NOT_LEADER_OR_FOLLOWER, ErrorCode::KAFKA_STORAGE_ERROR] {
        let mut rig = rig(1, 1);
        rig.cluster.fail_times(ApiKey::Produce, Fault::FailAfter { at: At::any(), code }, 100_000);
        send_all(&mut rig, 0, 0..1);
        rig.until(|rig| rig.reports.len() == 1);
        assert_eq!(rig.log("t", 0).len(), 1);
        let error = rig.reports[0].result.clone().unwrap_err();
        assert_eq!(error.written(), Written::Unknown, "{error}");
    }
}

#[test]
fn what_a_deposed_leader_has_appended_is_not_sent_under_another_epoch() {
    let mut rig = rig(1, 1);
    send_all(&mut rig, 0, 0..1);
    rig.until(|rig| rig.reports.len() == 1);
    // Two batches in flight are appended and answered as if they were not, until the time of the first is over.
    let code = ErrorCode::NOT_LEADER_OR_FOLLOWER;
    rig.cluster.fail_times(ApiKey::Produce, Fault::FailAfter { at: At::any(), code }, 100_000);
    rig.cluster.fail_next(ApiKey::Produce, Fault::Delay(Duration::from_secs(3)));
    send_all(&mut rig, 0, 1..2);
    rig.pass(Duration::from_secs(2));
    send_all(&mut rig, 0, 2..3);
    rig.until(|rig| rig.reports.len() >= 2);
    rig.cluster.clear_faults();
    rig.until(|rig| rig.reports.len() == 3);
    assert_eq!(rig.log("t", 0), ["00000000", "00000001", "00000002"]);
}

#[test]
fn a_leader_that_is_dead_and_leads_no_more_is_left_alone() {
    let mut rig = rig(3, 1);
    send_all(&mut rig, 0, 0..10);
    rig.until(|rig| rig.reports.len() == 10);
    rig.kill(1, true);
    rig.cluster.stop_node(1);
    send_all(&mut rig, 0, 10..20);
    rig.until(|rig| rig.reports.len() == 20);
    rig.pass(minute());
    let (attempts, asked) = (rig.attempts, rig.cluster.requests(ApiKey::Metadata));
    rig.pass(minute());
    assert_eq!(rig.attempts - attempts, 0, "attempts to connect in a minute");
    let asked = rig.cluster.requests(ApiKey::Metadata) - asked;
    assert!(asked <= 1, "{asked} metadata requests in a minute");
}

#[test]
fn a_batch_does_not_wait_for_one_that_goes_elsewhere_after_all() {
    let mut rig = rig(2, 2);
    send_all(&mut rig, 0, 0..1);
    send_all(&mut rig, 1, 0..1);
    rig.until(|rig| rig.reports.len() == 2);
    // Both are collected for node 1; when the first has come, the second's leader moves.
    rig.held = Some(Vec::new());
    send_all(&mut rig, 0, 1..2);
    send_all(&mut rig, 1, 1..2);
    rig.pass(Duration::from_millis(20));
    let mut held = rig.held.replace(Vec::new()).unwrap();
    assert_eq!(held.len(), 2);
    let second = held.pop();
    rig.held = Some(held);
    rig.release();
    rig.cluster.move_leader("t", 1, 2).unwrap();
    rig.find("another").unwrap();
    rig.pass(Duration::from_secs(1));
    rig.held = Some(second.into_iter().collect());
    rig.release();
    rig.pass(Duration::from_secs(1));
    assert_eq!(rig.reports.len(), 4, "{:?}", rig.reports);
}

#[test]
fn a_partition_that_is_paused_with_its_queue_full_holds_up_no_other() {
    let mut rig = rig(1, 2);
    send_all(&mut rig, 0, 0..300);
    rig.until(|rig| rig.reports.len() == 300);
    rig.consumer(|config| config.max_partition_fetch_bytes = 500);
    let partitions = (0..2).map(|partition| ("t".into(), partition, StartAt::Beginning)).collect();
    let deadline = rig.in_ms(60_000);
    rig.run(Command::Assign { consumer: CONSUMER, partitions, deadline }).unwrap();
    rig.pass(Duration::from_secs(5));
    rig.run(Command::Pause { consumer: CONSUMER, partitions: vec![("t".into(), 0)] }).unwrap();
    send_all(&mut rig, 1, 0..1);
    assert_eq!(rig.consume(1), [(0, "00000000".to_string())]);
}

#[test]
fn paused_partitions_do_not_use_up_the_room_of_others() {
    let mut rig = rig(1, 4);
    for partition in 0..3 {
        send_all(&mut rig, partition, 0..300);
    }
    rig.until(|rig| rig.reports.len() == 900);
    rig.consumer(|config| {
        config.max_partition_fetch_bytes = 2_000;
        config.fetch_max_bytes = 5_000;
    });
    let partitions = (0..4).map(|partition| ("t".into(), partition, StartAt::Beginning)).collect();
    let deadline = rig.in_ms(60_000);
    rig.run(Command::Assign { consumer: CONSUMER, partitions, deadline }).unwrap();
    rig.pass(Duration::from_secs(5));
    let paused = (0..3).map(|partition| ("t".into(), partition)).collect::<Vec<_>>();
    rig.run(Command::Pause { consumer: CONSUMER, partitions: paused.clone() }).unwrap();
    send_all(&mut rig, 3, 0..1);
    assert_eq!(rig.consume(1), [(0, "00000000".to_string())]);
    rig.run(Command::Resume { consumer: CONSUMER, partitions: paused }).unwrap();
    assert_eq!(rig.consume(900).len(), 900);
}

#[test]
fn without_acknowledgements_a_new_leader_is_found_all_the_same() {
    let mut rig = Rig::new(2);
    rig.cluster.create_topic("t", 1, 2).unwrap();
    rig.cluster.move_leader("t", 0, 1).unwrap();
    rig.producer(|config| config.acks = Acks::None);
    send_all(&mut rig, 0, 0..10);
    rig.until(|rig| rig.reports.len() == 10);
    rig.pass(minute());
    rig.cluster.move_leader("t", 0, 2).unwrap();
    for n in 0..20 {
        send_all(&mut rig, 0, 10 + n..11 + n);
        rig.pass(Duration::from_millis(500));
    }
    assert!(rig.log("t", 0).len() > 20, "only {:?}", rig.log("t", 0));
}

#[test]
fn a_broker_that_hangs_up_on_every_fetch_is_not_stormed() {
    let mut rig = rig(1, 1);
    send_all(&mut rig, 0, 0..1);
    rig.until(|rig| rig.reports.len() == 1);
    rig.consumer(|_| {});
    rig.cluster.fail_times(ApiKey::Fetch, Fault::CloseBefore, 1_000_000);
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    rig.pass(minute());
    let attempts = rig.attempts;
    rig.pass(minute());
    let attempts = rig.attempts - attempts;
    assert!(attempts < 100, "{attempts} connections in a minute");
    rig.cluster.clear_faults();
    assert_eq!(rig.consume(1).len(), 1);
}

#[test]
fn a_broker_that_hangs_up_on_whoever_asks_nothing_is_not_stormed() {
    let mut rig = rig(1, 1);
    rig.consumer(|_| {});
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    rig.run(Command::Pause { consumer: CONSUMER, partitions: vec![("t".into(), 0)] }).unwrap();
    rig.pass(minute());
    rig.cut_when_ready = true;
    rig.kill(1, false);
    let attempts = rig.attempts;
    rig.pass(minute());
    let attempts = rig.attempts - attempts;
    assert!(attempts < 200, "{attempts} connections in a minute");
}

#[test]
fn a_cluster_that_has_moved_away_is_found_through_the_bootstrap_list() {
    let mut rig = Rig::with(3, |config| config.set("bootstrap.servers", "10.0.0.1:9003").unwrap());
    rig.find("t").unwrap();
    // The third node leaves, is forgotten, and comes back as the only one that can be reached.
    rig.cluster.stop_node(3);
    rig.pass(Duration::from_secs(400));
    rig.cluster.start_node(3);
    for node in 1..=2 {
        rig.kill(node, false);
        rig.holes.insert(9000 + node as u16);
        rig.cluster.stop_node(node);
    }
    rig.find("another").unwrap();
}

#[test]
fn the_next_address_of_a_name_is_tried_when_the_first_hangs_up() {
    let mut rig =
        Rig::with(1, |config| config.set("bootstrap.servers", "kafka.test:9001").unwrap());
    let addresses = ["10.0.0.8", "10.0.0.1"].map(|ip| ip.parse().unwrap());
    rig.hang_ups.insert(addresses[0]);
    rig.names.insert("kafka.test".into(), addresses.to_vec());
    rig.find("t").unwrap();
    assert!(rig.now < 1_000_000_000, "found after {} ms", rig.now / 1_000_000);
}

#[test]
fn a_backoff_of_nothing_is_still_a_backoff() {
    let mut rig = Rig::with(1, |config| {
        for key in ["retry.backoff.ms", "retry.backoff.max.ms"] {
            config.set(key, "0").unwrap();
        }
        for key in ["reconnect.backoff.ms", "reconnect.backoff.max.ms"] {
            config.set(key, "0").unwrap();
        }
    });
    rig.refused.insert(9001);
    let deadline = rig.in_ms(1_000);
    let command =
        Command::FindTopic { topic: "t".into(), wanted: Wanted::Known, create: true, deadline };
    assert!(rig.run(command).is_err());
    rig.refused.clear();
    rig.find("t").unwrap();
}

#[test]
fn a_topic_that_nobody_makes_does_not_keep_leaders_from_being_found() {
    let mut rig = Rig::new(3);
    rig.cluster.create_topic("t", 1, 3).unwrap();
    rig.cluster.move_leader("t", 0, 1).unwrap();
    rig.producer(|_| {});
    send_all(&mut rig, 0, 0..1);
    rig.until(|rig| rig.reports.len() == 1);
    rig.cluster.fail_times(
        ApiKey::Metadata,
        Fault::Refuse { at: At::topic("nowhere"), code: ErrorCode::UNKNOWN_TOPIC_OR_PARTITION },
        100_000,
    );
    let topic = rig.find("t").unwrap();
    rig.kill(1, true);
    rig.cluster.stop_node(1);
    rig.send(&topic, 0, "00000001");
    for _ in 0..12 {
        let deadline = rig.in_ms(60_000);
        rig.start(Command::FindTopic {
            topic: "nowhere".into(),
            wanted: Wanted::Known,
            create: true,
            deadline,
        });
        rig.pass(Duration::from_secs(4));
    }
    assert_eq!(rig.log("t", 0), ["00000000", "00000001"]);
}

#[test]
fn sound_records_before_a_broken_batch_are_handed_out_first() {
    let mut rig = rig(1, 1);
    let values = send_all(&mut rig, 0, 0..300);
    rig.until(|rig| rig.reports.len() == 300);
    rig.consumer(|config| config.max_partition_fetch_bytes = 1_000);
    let mut kept = 0;
    rig.twist = Some(Box::new(move |response| {
        if let ResponseBody::Fetch(fetched) = &mut response.body {
            kept += 1;
            if kept > 1 {
                let reason = "a lie";
                fetched.spans = vec![Span::Broken { next_offset: None, reason }];
            }
        }
    }));
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    rig.pass(minute());
    let (records, notes) = rig.take();
    assert!(!records.is_empty(), "{notes:?}");
    let count = records.len();
    rig.pass(minute());
    let (more, notes) = rig.take();
    assert!(more.is_empty() && notes[0].contains(&format!("offset {count}")), "{notes:?}");
    let taken: Vec<String> = records.into_iter().map(|record| record.1).collect();
    assert_eq!(taken, values[..count]);
}

#[test]
fn a_broker_that_asks_for_silence_is_not_timed_out_meanwhile() {
    let mut rig = rig(1, 1);
    send_all(&mut rig, 0, 0..1);
    rig.until(|rig| rig.reports.len() == 1);
    // As a broker does: it answers, then stays mute for as long.
    rig.twist = Some(Box::new(|response| {
        if let ResponseBody::Produce(response) = &mut response.body {
            response.throttle_time_ms = 40_000;
        }
    }));
    rig.cluster.fail_next(ApiKey::Produce, Fault::Delay(Duration::from_secs(1)));
    send_all(&mut rig, 0, 1..10);
    rig.pass(Duration::from_millis(10));
    rig.cluster.fail_next(ApiKey::Produce, Fault::Delay(Duration::from_secs(35)));
    send_all(&mut rig, 0, 10..19);
    let attempts = rig.attempts;
    rig.until(|rig| rig.reports.len() == 19);
    assert_eq!(rig.attempts, attempts, "no connection was given up");
}

#[test]
fn every_close_of_a_producer_is_answered_by_a_shutdown() {
    let mut rig = rig(1, 1);
    rig.cluster.fail_times(ApiKey::Produce, Fault::Swallow, 1_000);
    send_all(&mut rig, 0, 0..1);
    rig.pass(Duration::from_secs(1));
    let deadline = rig.in_ms(60_000);
    let close = || Command::CloseProducer { producer: PRODUCER, deadline };
    let first = rig.start(close());
    let second = rig.start(close());
    rig.run(Command::Shutdown).unwrap();
    rig.until(|rig| rig.is_done(first) && rig.is_done(second));
    assert_eq!(rig.reports.len(), 1);
}

#[test]
fn a_close_ends_as_soon_as_the_last_batch_has_failed() {
    let mut rig = rig(1, 1);
    let topic = rig.find("t").unwrap();
    rig.cluster.delete_topic("t").unwrap();
    rig.send(&topic, 0, "gone");
    let deadline = rig.in_ms(60_000);
    rig.run(Command::CloseProducer { producer: PRODUCER, deadline }).unwrap();
    assert_eq!(rig.reports.len(), 1);
    assert!(rig.now < 10_000_000_000, "closed after {} ms", rig.now / 1_000_000);
}

#[test]
fn the_bytes_only_engine_closes_what_is_of_no_use() {
    use kafka_engine::{ByteEngine, ByteOutput, Instant};
    for nonsense in [&b"HTTP/1.1 400 Bad Request"[..], b""] {
        let now = Instant::ZERO;
        let config = kafka_engine::config::Config::new("10.0.0.1:9001").unwrap();
        let mut client = ByteEngine::new(config, [7; 32], now);
        client.find_topic(now, "t", minute());
        let connect =
            std::iter::from_fn(|| Some(client.poll(now))).find_map(|output| match output {
                ByteOutput::Connect(conn, _) => Some(conn),
                ByteOutput::Wait(_) => panic!("no connection"),
                _ => None,
            });
        let conn = connect.unwrap();
        client.connected(now, conn);
        client.received(now, conn, nonsense);
        let closed = std::iter::from_fn(|| match client.poll(now) {
            ByteOutput::Wait(_) => None,
            output => Some(output),
        });
        let closed = closed.filter(|output| matches!(output, ByteOutput::Close(it) if *it == conn));
        assert_eq!(closed.count(), 1, "{nonsense:?}");
    }
}

#[test]
fn room_that_is_made_is_offered_to_every_leader() {
    let mut rig = rig(2, 2);
    rig.cluster.move_leader("t", 1, 2).unwrap();
    send_all(&mut rig, 0, 0..300);
    rig.until(|rig| rig.reports.len() == 300);
    rig.consumer(|config| {
        config.max_partition_fetch_bytes = 2_000;
        config.fetch_max_bytes = 5_000;
        config.fetch_max_wait = minute();
    });
    let partitions = (0..2).map(|partition| ("t".into(), partition, StartAt::Beginning)).collect();
    let deadline = rig.in_ms(60_000);
    rig.run(Command::Assign { consumer: CONSUMER, partitions, deadline }).unwrap();
    // The second leader's long poll ends while what came from the first takes up all room.
    rig.pass(Duration::from_secs(61));
    rig.consume(300);
    send_all(&mut rig, 1, 0..1);
    let before = rig.now;
    rig.consume(1);
    assert!(rig.now - before < 1_000_000_000, "after {} ms", (rig.now - before) / 1_000_000);
}

#[test]
fn a_topic_that_was_made_again_is_consumed_from_where_the_policy_says() {
    for policy in [AutoOffsetReset::Earliest, AutoOffsetReset::None] {
        let mut rig = Rig::with(1, |config| config.metadata_max_age = Duration::from_secs(2));
        rig.cluster.create_topic("t", 1, 1).unwrap();
        rig.producer(|_| {});
        send_all(&mut rig, 0, 0..2);
        rig.until(|rig| rig.reports.len() == 2);
        rig.consumer(|config| config.auto_offset_reset = policy);
        rig.assign("t", 0, StartAt::Offset(0)).unwrap();
        rig.consume(2);
        rig.cluster.delete_topic("t").unwrap();
        rig.cluster.create_topic("t", 1, 1).unwrap();
        send_all(&mut rig, 0, 2..6);
        rig.pass(Duration::from_secs(5));
        assert_eq!(rig.log("t", 0).len(), 4);
        match policy {
            AutoOffsetReset::Earliest => assert_eq!(rig.consume(4).len(), 4),
            _ => {
                let (records, notes) = rig.take();
                assert!(records.is_empty());
                assert!(notes[0].contains("offset 2 of t-0 does not exist"), "{notes:?}");
            }
        }
    }
}

#[test]
fn a_topic_that_is_gone_is_asked_for_again_when_there_is_something_for_it() {
    let mut rig = rig(1, 1);
    let topic = rig.find("t").unwrap();
    send_all(&mut rig, 0, 0..1);
    rig.cluster.delete_topic("t").unwrap();
    rig.send(&topic, 0, "00000001");
    rig.until(|rig| rig.reports.len() == 2);
    rig.pass(minute());
    let asked = rig.cluster.requests(ApiKey::Metadata);
    rig.pass(minute());
    let asked = rig.cluster.requests(ApiKey::Metadata) - asked;
    assert!(asked <= 1, "{asked} metadata requests in a minute");
    // A record for it is refused again, in time.
    let before = rig.now;
    rig.send(&topic, 0, "00000002");
    rig.until(|rig| rig.reports.len() == 3);
    assert!(rig.reports[2].result.is_err());
    assert!(rig.now - before < 10_000_000_000, "after {} ms", (rig.now - before) / 1_000_000);
    rig.cluster.create_topic("t", 1, 1).unwrap();
    rig.send(&topic, 0, "00000003");
    rig.until(|rig| rig.reports.len() == 4);
    assert_eq!(rig.log("t", 0), ["00000003"]);
}
