//! What a consumer gets: every record once and in order, whatever happens on the way.

use std::time::Duration;

use kafka_engine::config::{Acks, AutoOffsetReset};
use kafka_engine::{Command, Input, StartAt};
use kafka_proto::{ApiKey, ErrorCode, VersionRange};
use kafka_sim::{At, Fault};

use crate::rig::{CONSUMER, Rig};

/// A rig with `count` records in partition 0 of `t`, in batches of about ten.
fn filled(count: usize) -> Rig {
    let mut rig = Rig::new(3);
    rig.cluster.create_topic("t", 2, 3).unwrap();
    rig.producer(|config| config.batch_bytes = 250);
    let topic = rig.find("t").unwrap();
    for n in 0..count {
        rig.send(&topic, 0, &format!("{n:08}"));
    }
    rig.flush();
    rig.until(|rig| rig.reports.len() == count);
    rig
}

fn expected(from: usize, to: usize) -> Vec<(i64, String)> {
    (from..to).map(|n| (n as i64, format!("{n:08}"))).collect()
}

#[test]
fn all_records_come_in_order_from_any_start() {
    for (start, first) in [
        (StartAt::Beginning, 0),
        (StartAt::Offset(0), 0),
        (StartAt::Offset(57), 57),
        (StartAt::Timestamp(0), 0),
    ] {
        let mut rig = filled(300);
        rig.consumer(|_| {});
        rig.assign("t", 0, start).unwrap();
        assert_eq!(rig.consume(300 - first), expected(first, 300), "{start:?}");
    }
}

#[test]
fn each_fault_of_a_fetch_loses_and_repeats_nothing() {
    let faults = [
        Fault::CloseBefore,
        Fault::Garbage,
        Fault::WrongCorrelationId,
        Fault::RepeatResponse,
        Fault::HugeLength,
        Fault::Omit { at: At::any() },
        Fault::Duplicate { at: At::any() },
        Fault::Refuse { at: At::any(), code: ErrorCode::NOT_LEADER_OR_FOLLOWER },
        Fault::Refuse { at: At::any(), code: ErrorCode::FENCED_LEADER_EPOCH },
        Fault::Refuse { at: At::any(), code: ErrorCode::UNKNOWN_LEADER_EPOCH },
        Fault::Refuse { at: At::any(), code: ErrorCode::UNKNOWN_TOPIC_OR_PARTITION },
        Fault::Refuse { at: At::any(), code: ErrorCode::KAFKA_STORAGE_ERROR },
        Fault::Refuse { at: At::any(), code: ErrorCode::OFFSET_NOT_AVAILABLE },
        Fault::Delay(Duration::from_secs(5)),
        Fault::Swallow,
    ];
    for fault in faults {
        let mut rig = filled(300);
        rig.cluster.fail_times(ApiKey::Fetch, fault.clone(), 3);
        rig.consumer(|config| config.max_partition_fetch_bytes = 1000);
        rig.assign("t", 0, StartAt::Beginning).unwrap();
        assert_eq!(rig.consume(300), expected(0, 300), "{fault:?}");
        assert_eq!(rig.cluster.pending_faults(), 0, "{fault:?} was met");
    }
}

/// Partition 1 has a record; its leader, whom the long poll for the empty partition 0 goes to as well, does not give it
/// the first time.
#[test]
fn a_long_poll_does_not_outlast_the_backoff_of_another_partition() {
    let starts = [StartAt::Offset(0), StartAt::Beginning];
    for (api, start) in [(ApiKey::Fetch, starts[0]), (ApiKey::ListOffsets, starts[1])] {
        let mut rig = Rig::new(1);
        rig.cluster.create_topic("t", 2, 1).unwrap();
        rig.producer(|_| {});
        let topic = rig.find("t").unwrap();
        rig.send(&topic, 1, "there");
        rig.flush();
        let wait = Duration::from_secs(25);
        rig.consumer(|config| config.fetch_max_wait = wait);
        let code = ErrorCode::OFFSET_NOT_AVAILABLE;
        rig.cluster.fail_next(api, Fault::Refuse { at: At::partition("t", 1), code });
        let begun = rig.now;
        let deadline = rig.in_ms(60_000);
        let both = vec![("t".into(), 0, StartAt::Offset(0)), ("t".into(), 1, start)];
        rig.run(Command::Assign { consumer: CONSUMER, partitions: both, deadline }).unwrap();
        assert_eq!(rig.consume(1), [(0, "there".to_owned())]);
        let took = Duration::from_nanos(rig.now - begun);
        assert!(took < Duration::from_secs(1), "{api:?}: {took:?}");
        // Then it is as long as it may be.
        let fetches = rig.fetches.len();
        rig.pass(wait * 4);
        assert!(rig.fetches.len() <= fetches + 6, "{api:?}: {}", rig.fetches.len() - fetches);
    }
}

/// All that one answer refuses is asked for again in one request, not each partition by itself.
#[test]
fn partitions_that_fail_together_try_again_together() {
    let mut rig = Rig::new(1);
    rig.cluster.create_topic("t", 18, 1).unwrap();
    rig.consumer(|config| config.fetch_max_wait = Duration::from_secs(5));
    let deadline = rig.in_ms(60_000);
    let all = (0..18).map(|partition| ("t".into(), partition, StartAt::Offset(0))).collect();
    rig.run(Command::Assign { consumer: CONSUMER, partitions: all, deadline }).unwrap();
    rig.pass(Duration::from_secs(1));
    let code = ErrorCode::FENCED_LEADER_EPOCH;
    rig.cluster.fail_times(ApiKey::Fetch, Fault::Refuse { at: At::any(), code }, 1_000);
    // The long poll that was out already comes back first.
    rig.pass(Duration::from_secs(5));
    let before = rig.cluster.requests(ApiKey::Fetch);
    rig.pass(Duration::from_secs(10));
    let asked = rig.cluster.requests(ApiKey::Fetch) - before;
    assert!((5..=30).contains(&asked), "{asked} fetches in ten seconds");
}

/// Two partitions of one leader, of which the first has its queue full.
fn crowded() -> Rig {
    let mut rig = Rig::new(2);
    rig.producer(|_| {});
    for topic in ["t", "u"] {
        rig.cluster.create_topic(topic, 1, 2).unwrap();
        rig.cluster.move_leader(topic, 0, 1).unwrap();
    }
    let topic = rig.find("t").unwrap();
    rig.send(&topic, 0, "there");
    rig.flush();
    rig.consumer(|config| config.max_partition_fetch_bytes = 1);
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    rig.pass(Duration::from_secs(1));
    let deadline = rig.in_ms(60_000);
    let both = vec![("t".into(), 0, StartAt::Default), ("u".into(), 0, StartAt::Offset(0))];
    rig.run(Command::Assign { consumer: CONSUMER, partitions: both, deadline }).unwrap();
    rig
}

/// It is asked for what is there, and then again now and then, for nothing is to park on the connection.
#[test]
fn a_full_queue_starves_no_other_partition_of_its_leader() {
    let mut rig = crowded();
    let topic = rig.find("u").unwrap();
    rig.send(&topic, 0, "soon");
    rig.flush();
    rig.pass(Duration::from_millis(300));
    let records = rig.take().0;
    assert_eq!(
        records.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>(),
        ["there", "soon"]
    );
}

#[test]
fn what_a_full_queue_leaves_empty_is_looked_at_now_and_then() {
    let mut rig = crowded();
    let before = rig.fetches.len();
    rig.pass(Duration::from_secs(10));
    let polls = rig.fetches.len() - before;
    assert!((10..=14).contains(&polls), "{polls} in ten seconds");
    // Once the queue has room, both wait together.
    rig.take();
    let before = rig.fetches.len();
    rig.pass(Duration::from_secs(10));
    let polls = rig.fetches.len() - before;
    assert!((18..=23).contains(&polls), "{polls} in ten seconds at fetch.max.wait.ms=500");
}

#[test]
fn the_end_is_told_once_each_time_it_is_reached() {
    let mut rig = filled(20);
    rig.consumer(|config| config.enable_partition_eof = true);
    rig.assign("t", 1, StartAt::Beginning).unwrap();
    rig.pass(Duration::from_secs(2));
    assert_eq!(rig.take(), (vec![], vec!["end at 0".to_string()]));
    rig.pass(Duration::from_secs(2));
    assert_eq!(rig.take(), (vec![], vec![]));
    let topic = rig.find("t").unwrap();
    rig.send(&topic, 1, "more");
    rig.pass(Duration::from_secs(2));
    assert_eq!(rig.take(), (vec![(0, "more".to_string())], vec!["end at 1".to_string()]));
}

#[test]
fn a_seek_drops_what_was_fetched_and_goes_there() {
    let mut rig = filled(300);
    rig.consumer(|_| {});
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    rig.pass(Duration::from_millis(200));
    let seek = |to| Command::Seek { consumer: CONSUMER, partition: ("t".into(), 0), to };
    rig.run(seek(StartAt::Offset(290))).unwrap();
    assert_eq!(rig.consume(10), expected(290, 300));
    rig.run(seek(StartAt::Beginning)).unwrap();
    assert_eq!(rig.consume(300), expected(0, 300));
}

#[test]
fn an_offset_out_of_range_does_as_the_reset_policy_says() {
    use kafka_engine::config::AutoOffsetReset;
    for (policy, first) in [(AutoOffsetReset::Earliest, Some(100)), (AutoOffsetReset::Latest, None)]
    {
        let mut rig = filled(300);
        rig.cluster.trim("t", 0, 100).unwrap();
        rig.consumer(|config| config.auto_offset_reset = policy);
        rig.assign("t", 0, StartAt::Offset(5)).unwrap();
        match first {
            Some(first) => assert_eq!(rig.consume(200), expected(first, 300)),
            None => {
                rig.pass(Duration::from_secs(2));
                assert_eq!(rig.take().0, vec![]);
                assert_eq!(rig.engine.position(CONSUMER, "t", 0), Some(300));
            }
        }
    }
    let mut rig = filled(300);
    rig.cluster.trim("t", 0, 100).unwrap();
    rig.consumer(|config| config.auto_offset_reset = AutoOffsetReset::None);
    rig.assign("t", 0, StartAt::Offset(5)).unwrap();
    rig.pass(Duration::from_secs(2));
    for _ in 0..2 {
        let (_, notes) = rig.take();
        assert_eq!(
            notes,
            vec!["offset 5 of t-0 does not exist and auto.offset.reset is none".to_string()]
        );
    }
}

#[test]
fn a_leader_that_dies_is_followed() {
    let mut rig = filled(300);
    rig.consumer(|config| config.max_partition_fetch_bytes = 500);
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    let mut records = rig.consume(50);
    let (leader, _) = rig.cluster.leader("t", 0).unwrap();
    rig.kill(leader, true);
    rig.cluster.stop_node(leader);
    let left = 300 - records.len();
    records.extend(rig.consume(left));
    assert_eq!(records, expected(0, 300));
}

#[test]
fn an_idle_consumer_only_polls() {
    let mut rig = filled(10);
    rig.consumer(|_| {});
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    rig.consume(10);
    rig.pass(Duration::from_secs(5));
    let (fetches, wakeups) = (rig.cluster.requests(ApiKey::Fetch), rig.wakeups);
    rig.pass(Duration::from_secs(60));
    let fetched = rig.cluster.requests(ApiKey::Fetch) - fetches;
    assert!((118..=122).contains(&fetched), "{fetched} fetches a minute at fetch.max.wait.ms=500");
    assert!(rig.wakeups - wakeups < 10, "{} wake-ups a minute", rig.wakeups - wakeups);
}

#[test]
fn a_start_that_was_asked_for_while_its_broker_was_away_is_found_when_it_is_back() {
    let mut rig = filled(20);
    let (leader, _) = rig.cluster.leader("t", 0).unwrap();
    rig.kill(leader, true);
    rig.consumer(|_| {});
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    rig.pass(Duration::from_secs(20));
    rig.refused.clear();
    assert_eq!(rig.consume(20), expected(0, 20));
}

#[test]
fn an_old_leaders_late_answer_repeats_nothing() {
    let mut rig = filled(300);
    let topic = rig.find("t").unwrap();
    // The last version that does not say who leads instead (KIP-951).
    rig.cluster.set_versions(ApiKey::Produce, Some(VersionRange::new(3, 9)));
    let (leader, _) = rig.cluster.leader("t", 0).unwrap();
    rig.kill(leader, false);
    rig.consumer(|_| {});
    rig.cluster.fail_next(ApiKey::Fetch, Fault::Delay(Duration::from_secs(10)));
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    rig.pass(Duration::from_secs(1));
    rig.cluster.move_leader("t", 0, leader % 3 + 1).unwrap();
    // The producer asks for the new leader, and so the consumer goes there.
    rig.send(&topic, 0, "00000300");
    rig.flush();
    rig.until(|rig| rig.reports.len() == 301);
    rig.pass(Duration::from_secs(20));
    assert_eq!(rig.consume(301), expected(0, 301));
}

#[test]
fn a_broker_that_knows_none_of_its_own_offsets_is_not_asked_without_a_pause() {
    let mut rig = filled(20);
    let code = ErrorCode::OFFSET_OUT_OF_RANGE;
    rig.cluster.fail_times(ApiKey::Fetch, Fault::Refuse { at: At::any(), code }, 1000);
    rig.consumer(|config| config.auto_offset_reset = AutoOffsetReset::Earliest);
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    rig.pass(Duration::from_secs(10));
    let asked = rig.cluster.requests(ApiKey::ListOffsets);
    assert!((10..200).contains(&asked), "asked {asked} times");
    rig.cluster.clear_faults();
    assert_eq!(rig.consume(20), expected(0, 20));
}

/// Whatever bit of a batch it is: also where the header, which the engine goes by before anybody looks at the checksum, says
/// where the batch ends.
#[test]
fn a_batch_that_is_broken_on_its_way_is_fetched_once_more() {
    let corrupt = |bit| Fault::Corrupt { at: At::any(), bit };
    for bit in (0..400).chain((400..3_000).step_by(37)) {
        let mut rig = filled(60);
        rig.corrupting = true;
        rig.cluster.fail_next(ApiKey::Fetch, corrupt(bit));
        rig.consumer(|config| config.max_partition_fetch_bytes = 600);
        rig.assign("t", 0, StartAt::Offset(3)).unwrap();
        assert_eq!(rig.consume(57), expected(3, 60), "bit {bit}");
        assert_eq!(rig.cluster.pending_faults(), 0, "bit {bit}");
    }
    let mut rig = filled(60);
    rig.corrupting = true;
    rig.cluster.fail_times(ApiKey::Fetch, corrupt(1_000), 10);
    rig.consumer(|_| {});
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    for _ in 0..3 {
        rig.pass(Duration::from_secs(5));
        let (records, notes) = rig.take();
        assert_eq!(records, []);
        assert!(
            notes.iter().all(|note| note.starts_with("t-0 is broken at offset 0: ")),
            "{notes:?}"
        );
    }
    assert_eq!(rig.cluster.pending_faults(), 8, "two looks, and no more");
}

#[test]
fn a_log_that_its_broker_finds_broken_is_told_of_at_the_second_look() {
    let corrupt = Fault::Refuse { at: At::any(), code: ErrorCode::CORRUPT_MESSAGE };
    let mut rig = filled(20);
    rig.cluster.fail_next(ApiKey::Fetch, corrupt.clone());
    rig.consumer(|_| {});
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    assert_eq!(rig.consume(20), expected(0, 20), "once is forgiven");
    let mut rig = filled(20);
    rig.cluster.fail_times(ApiKey::Fetch, corrupt, 10);
    rig.consumer(|_| {});
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    rig.pass(Duration::from_secs(5));
    let notes = rig.take().1;
    assert_eq!(notes, ["t-0 is broken at offset 0: the broker finds its log broken here"]);
    assert!(rig.cluster.pending_faults() > 0, "it is not asked for again and again");
}

#[test]
fn a_broker_that_answers_at_once_that_there_is_nothing_yet_is_not_asked_all_the_time() {
    let mut rig = Rig::new(2);
    rig.cluster.create_topic("t", 1, 2).unwrap();
    let follower = if rig.cluster.leader("t", 0).unwrap().0 == 1 { 2 } else { 1 };
    rig.cluster.pause_replication(follower);
    rig.producer(|config| config.acks = Acks::Leader);
    let topic = rig.find("t").unwrap();
    rig.send(&topic, 0, "a");
    rig.send(&topic, 0, "b");
    rig.flush();
    rig.until(|rig| rig.reports.len() == 2);

    // The leader has both, and none of them may be read. The position lies beyond what may be.
    rig.consumer(|_| {});
    rig.assign("t", 0, StartAt::Offset(1)).unwrap();
    let before = rig.cluster.requests(ApiKey::Fetch);
    rig.pass(Duration::from_secs(10));
    let asked = rig.cluster.requests(ApiKey::Fetch) - before;
    assert!((5..=40).contains(&asked), "{asked} fetches in ten seconds");

    rig.cluster.resume_replication(follower);
    assert_eq!(rig.consume(1), [(1, "b".to_owned())]);
}

#[test]
fn an_offset_that_is_gone_is_not_asked_for_again_while_records_before_it_wait() {
    let mut rig = filled(20);
    rig.consumer(|_| {});
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    rig.pass(Duration::from_secs(1));
    let code = ErrorCode::OFFSET_OUT_OF_RANGE;
    rig.cluster.fail_times(ApiKey::Fetch, Fault::Refuse { at: At::any(), code }, 1000);
    let before = rig.cluster.requests(ApiKey::Fetch);
    rig.pass(Duration::from_secs(20));
    let asked = rig.cluster.requests(ApiKey::Fetch) - before;
    assert!(asked <= 2, "{asked} fetches in twenty seconds of an application that takes nothing");
    rig.cluster.clear_faults();
    assert_eq!(rig.consume(20), expected(0, 20));
}

#[test]
fn a_refusal_to_tell_of_a_topic_in_use_is_not_the_last_word() {
    let mut rig = filled(3);
    rig.consumer(|_| {});
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    assert_eq!(rig.consume(3), expected(0, 3));
    // Nobody leads it, and the next that is asked who does has troubles of its own.
    rig.cluster.depose_leader("t", 0).unwrap();
    rig.pass(Duration::from_secs(2));
    let code = ErrorCode::UNKNOWN_SERVER_ERROR;
    rig.cluster.fail_next(ApiKey::Metadata, Fault::Refuse { at: At::any(), code });
    rig.until(|rig| rig.cluster.pending_faults() == 0);
    rig.cluster.move_leader("t", 0, 2).unwrap();
    rig.asked.clear();
    rig.pass(Duration::from_secs(5));
    let fetches = rig.asked.iter().filter(|(_, node, api)| (*node, *api) == (2, ApiKey::Fetch));
    assert!(fetches.count() > 0, "the new leader is asked");
}

/// The application polls on while whoever drives the engine stands still.
#[test]
fn polls_in_a_standstill_do_not_end_it() {
    let mut rig = filled(0);
    rig.consumer(|_| {});
    rig.assign("t", 0, StartAt::Beginning).unwrap();
    rig.pass(Duration::from_secs(1));
    let (attempts, before) = (rig.attempts, rig.in_ms(0));
    for _ in 0..600 {
        rig.now += Duration::from_millis(100).as_nanos() as u64;
        rig.take();
    }
    // The driver had looked at the clock before it stood still.
    rig.engine.handle(before, Input::Tick);
    rig.pass(Duration::from_secs(1));
    assert_eq!(rig.attempts, attempts, "the answer that lay there has been read");
}
