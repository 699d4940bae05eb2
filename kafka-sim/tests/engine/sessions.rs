//! Fetch sessions from both sides: small requests, and never another opinion than the broker's of what is wanted.

use std::collections::BTreeMap;
use std::time::Duration;

use kafka_engine::{Command, Response, ResponseBody, StartAt};
use kafka_proto::messages::FetchRequest;
use kafka_proto::messages::fetch::{FetchableTopicResponse, PartitionData};
use kafka_proto::{ApiKey, ErrorCode, Uuid, VersionRange};
use kafka_sim::{At, ClusterOptions, Fault};

use crate::rig::{CONSUMER, Rig};

/// One broker, a topic `t` of so many partitions, and a producer.
fn rig(partitions: i32, change: impl FnOnce(&mut ClusterOptions)) -> Rig {
    let mut rig = Rig::with_brokers(1, change, |_| {});
    rig.cluster.create_topic("t", partitions, 1).unwrap();
    rig.producer(|config| config.batch_bytes = 250);
    rig
}

/// A consumer that has all partitions from the beginning on, and is at their ends.
fn at_the_end(partitions: i32) -> Rig {
    let mut rig = rig(partitions, |_| {});
    rig.consumer(|config| config.enable_partition_eof = true);
    assign(&mut rig, 0..partitions, StartAt::Beginning);
    rig.pass(Duration::from_secs(2));
    rig.take();
    rig
}

fn assign(rig: &mut Rig, partitions: impl Iterator<Item = i32>, start: StartAt) {
    let deadline = rig.in_ms(60_000);
    let partitions = partitions.map(|index| ("t".into(), index, start)).collect();
    rig.run(Command::Assign { consumer: CONSUMER, partitions, deadline }).unwrap();
}

fn seek(rig: &mut Rig, partition: i32, to: i64) {
    let (consumer, to) = (CONSUMER, StartAt::Offset(to));
    rig.run(Command::Seek { consumer, partition: ("t".into(), partition), to }).unwrap();
}

fn append(rig: &mut Rig, partition: i32, values: std::ops::Range<usize>) {
    let topic = rig.find("t").unwrap();
    for n in values {
        rig.send(&topic, partition, &format!("{partition}-{n:06}"));
    }
    rig.flush();
}

/// Partitions and offsets that a request names.
fn named(request: &FetchRequest) -> Vec<(i32, i64)> {
    let partitions = request.topics.iter().flat_map(|topic| &topic.partitions);
    partitions.map(|entry| (entry.partition, entry.fetch_offset)).collect()
}

/// What the requests so far come to, and what the broker makes of them.
fn check_agreement(rig: &Rig, expected: &[(i32, i64)]) {
    let mut id = 0;
    let mut sent: BTreeMap<(Uuid, i32), i64> = BTreeMap::new();
    for (_, request) in &rig.fetches {
        id = request.session_id;
        if request.session_epoch == 0 {
            sent.clear();
        }
        for topic in &request.topics {
            let entries = topic.partitions.iter();
            sent.extend(entries.map(|e| ((topic.topic_id, e.partition), e.fetch_offset)));
        }
        for topic in &request.forgotten_topics_data {
            for partition in &topic.partitions {
                assert!(sent.remove(&(topic.topic_id, *partition)).is_some(), "was never sent");
            }
        }
    }
    let inside = rig.cluster.fetch_session(1, id).expect("the session goes on");
    let inside: BTreeMap<(Uuid, i32), i64> =
        inside.into_iter().map(|(id, index, offset)| ((id, index), offset)).collect();
    assert_eq!(inside, sent);
    let inside: Vec<(i32, i64)> = inside.iter().map(|((_, index), at)| (*index, *at)).collect();
    assert_eq!(inside, expected);
}

#[test]
fn an_idle_consumer_names_nothing() {
    let mut rig = at_the_end(100);
    rig.pass(Duration::from_secs(2));
    rig.fetches.clear();
    rig.pass(Duration::from_secs(10));
    assert!((19..=21).contains(&rig.fetches.len()), "{} fetches", rig.fetches.len());
    for (_, request) in &rig.fetches {
        assert_eq!((named(request), request.forgotten_topics_data.len()), (vec![], 0));
    }
    append(&mut rig, 42, 0..1);
    assert_eq!(rig.consume(1), [(0, "42-000000".to_string())]);
    rig.pass(Duration::from_millis(10));
    assert_eq!(named(&rig.fetches.last().unwrap().1), [(42, 1)], "only what has moved");
}

#[test]
fn whatever_becomes_of_positions_the_broker_knows_them() {
    let mut rig = at_the_end(4);
    let settle = |rig: &mut Rig| rig.pass(Duration::from_millis(1200));
    settle(&mut rig);
    check_agreement(&rig, &[(0, 0), (1, 0), (2, 0), (3, 0)]);
    for partition in 0..4 {
        append(&mut rig, partition, 0..10);
    }
    rig.consume(40);
    settle(&mut rig);
    check_agreement(&rig, &[(0, 10), (1, 10), (2, 10), (3, 10)]);
    seek(&mut rig, 1, 4);
    assert_eq!(rig.consume(6).first().unwrap().0, 4);
    seek(&mut rig, 1, 9);
    seek(&mut rig, 1, 10);
    settle(&mut rig);
    check_agreement(&rig, &[(0, 10), (1, 10), (2, 10), (3, 10)]);
    let partitions = vec![("t".into(), 2)];
    rig.run(Command::Pause { consumer: CONSUMER, partitions: partitions.clone() }).unwrap();
    settle(&mut rig);
    check_agreement(&rig, &[(0, 10), (1, 10), (3, 10)]);
    rig.run(Command::Resume { consumer: CONSUMER, partitions }).unwrap();
    assign(&mut rig, 1..4, StartAt::Default);
    settle(&mut rig);
    check_agreement(&rig, &[(1, 10), (2, 10), (3, 10)]);
    assign(&mut rig, [0, 2, 3].into_iter(), StartAt::Offset(3));
    assert_eq!(rig.consume(21).len(), 21);
    settle(&mut rig);
    check_agreement(&rig, &[(0, 10), (2, 10), (3, 10)]);
    let code = ErrorCode::KAFKA_STORAGE_ERROR;
    rig.cluster.fail_next(ApiKey::Fetch, Fault::Refuse { at: At::partition("t", 3), code });
    settle(&mut rig);
    check_agreement(&rig, &[(0, 10), (2, 10), (3, 10)]);
    let full = rig.fetches.iter().filter(|(_, request)| request.session_epoch == 0);
    assert_eq!(full.count(), 1, "one session for all of it");
}

#[test]
fn a_session_that_is_gone_costs_one_request_and_no_time() {
    let mut rig = at_the_end(3);
    for round in 0..5 {
        rig.pass(Duration::from_millis(1700));
        let id = rig.fetches.last().unwrap().1.session_id;
        rig.fetches.clear();
        rig.cluster.evict_fetch_sessions(1);
        // The fetch that waits is answered, the next is refused, and the one after begins anew.
        append(&mut rig, 1, round..round + 1);
        let begun = rig.now;
        assert_eq!(rig.consume(1).len(), 1);
        rig.pass(Duration::ZERO);
        assert_eq!(rig.now, begun, "nothing waits");
        let seen: Vec<_> =
            rig.fetches.iter().map(|(_, r)| (r.session_id, r.session_epoch == 0)).collect();
        assert_eq!(seen, [(id, false), (0, true)]);
    }
}

/// Lets the next Fetch response that `spoil` takes be spoilt.
fn spoil_next(rig: &mut Rig, mut spoil: impl FnMut(&mut kafka_engine::Fetched) -> bool + 'static) {
    let mut done = false;
    rig.twist = Some(Box::new(move |response: &mut Response| {
        if let (false, ResponseBody::Fetch(fetched)) = (done, &mut response.body) {
            done = spoil(fetched);
        }
    }));
}

#[test]
fn an_answer_that_does_not_fit_ends_the_session_and_loses_nothing() {
    type Spoil = fn(&mut kafka_engine::Fetched) -> bool;
    let spoils: [(&str, Spoil, bool); 6] = [
        ("epoch", |fetched| refused(fetched, ErrorCode::INVALID_FETCH_SESSION_EPOCH), true),
        ("topic ids", |fetched| refused(fetched, ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR), true),
        ("not found", |fetched| refused(fetched, ErrorCode::FETCH_SESSION_ID_NOT_FOUND), false),
        ("ended", |fetched| std::mem::take(&mut fetched.response.session_id) != 0, false),
        (
            "another id",
            |fetched| {
                fetched.response.session_id ^= 1;
                true
            },
            true,
        ),
        (
            "a stranger",
            |fetched| {
                let partitions = vec![PartitionData { partition_index: 77, ..Default::default() }];
                let topic_id = Uuid([7; 16]);
                let topic = FetchableTopicResponse { topic_id, partitions, ..Default::default() };
                fetched.response.responses.push(topic);
                true
            },
            true,
        ),
    ];
    for (name, spoil, closes) in spoils {
        let mut rig = at_the_end(3);
        rig.pass(Duration::from_millis(1700));
        let id = rig.fetches.last().unwrap().1.session_id;
        rig.fetches.clear();
        spoil_next(&mut rig, spoil);
        append(&mut rig, 1, 0..3);
        assert_eq!(rig.consume(3).len(), 3, "{name}");
        rig.pass(Duration::from_millis(1));
        let full: Vec<_> = rig.fetches.iter().filter(|(_, r)| r.session_epoch == 0).collect();
        assert_eq!(full.len(), 1, "{name}: {:?}", rig.fetches);
        assert_eq!(full[0].1.session_id, if closes { id } else { 0 }, "{name}");
        assert_eq!(named(&full[0].1).len(), 3, "{name}");
        assert_eq!(rig.cluster.fetch_session(1, id).is_none(), closes, "{name}");
        rig.pass(Duration::from_millis(1700));
        check_agreement(&rig, &[(0, 0), (1, 3), (2, 0)]);
    }
}

fn refused(fetched: &mut kafka_engine::Fetched, code: ErrorCode) -> bool {
    fetched.response = Default::default();
    fetched.spans.clear();
    fetched.response.error_code = code.0;
    true
}

#[test]
fn a_broker_that_refuses_every_session_is_not_stormed() {
    let mut rig = at_the_end(3);
    rig.twist = Some(Box::new(|response: &mut Response| {
        if let ResponseBody::Fetch(fetched) = &mut response.body {
            refused(fetched, ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
        }
    }));
    // With records at hand the broker answers at once.
    append(&mut rig, 0, 0..5);
    rig.fetches.clear();
    rig.pass(Duration::from_secs(10));
    let count = rig.fetches.len();
    assert!((5..60).contains(&count), "{count} fetches in 10 seconds");
    rig.twist = None;
    assert_eq!(rig.consume(5).len(), 5);
}

#[test]
fn a_first_answer_with_holes_begins_no_session() {
    let mut rig = rig(3, |_| {});
    for partition in 0..3 {
        append(&mut rig, partition, 0..1);
    }
    rig.until(|rig| rig.reports.len() == 3);
    rig.consumer(|_| {});
    let fault = Fault::Omit { at: At::partition("t", 1) };
    rig.cluster.fail_next(ApiKey::Fetch, fault);
    assign(&mut rig, 0..3, StartAt::Beginning);
    rig.consume(3);
    rig.pass(Duration::from_millis(1700));
    let epochs: Vec<i32> = rig.fetches.iter().map(|(_, r)| r.session_epoch).take(3).collect();
    assert_eq!(epochs, [0, 0, 1]);
    assert_ne!(rig.fetches[1].1.session_id, 0, "the session of the first is ended");
    check_agreement(&rig, &[(0, 1), (1, 1), (2, 1)]);
}

#[test]
fn a_new_connection_begins_a_new_session_and_ends_the_old_one() {
    let mut rig = at_the_end(2);
    rig.pass(Duration::from_millis(1700));
    let id = rig.fetches.last().unwrap().1.session_id;
    rig.fetches.clear();
    rig.kill(1, false);
    append(&mut rig, 1, 0..3);
    assert_eq!(rig.consume(3).len(), 3);
    let first = &rig.fetches.first().unwrap().1;
    assert_eq!((first.session_id, first.session_epoch, named(first).len()), (id, 0, 2));
    assert_eq!(rig.cluster.fetch_session(1, id), None);
    rig.pass(Duration::from_millis(1700));
    check_agreement(&rig, &[(0, 0), (1, 3)]);
}

#[test]
fn versions_without_sessions_or_ids_are_spoken_as_they_are() {
    for version in [4, 6, 7, 8, 12, 13, 17] {
        let mut rig = rig(2, |_| {});
        rig.cluster.set_versions(ApiKey::Fetch, Some(VersionRange::new(4, version)));
        append(&mut rig, 0, 0..50);
        rig.consumer(|config| config.max_partition_fetch_bytes = 500);
        assign(&mut rig, 0..2, StartAt::Beginning);
        assert_eq!(rig.consume(50).len(), 50, "version {version}");
        rig.pass(Duration::from_secs(2));
        let (_, last) = rig.fetches.last().unwrap();
        let expected = if version < 7 { vec![(0, 50), (1, 0)] } else { vec![] };
        let mut asked = named(last);
        asked.sort_unstable();
        assert_eq!(asked, expected, "version {version}");
        assert_eq!((last.session_id != 0, last.session_epoch > 0), (version >= 7, version >= 7));
    }
}

#[test]
fn the_end_is_told_again_to_whoever_comes_back_though_nothing_changed() {
    let mut rig = at_the_end(2);
    append(&mut rig, 1, 0..3);
    rig.consume(3);
    rig.pass(Duration::from_secs(2));
    rig.take();
    rig.fetches.clear();
    assign(&mut rig, 0..1, StartAt::Default);
    assign(&mut rig, 0..2, StartAt::Offset(3));
    seek(&mut rig, 0, 0);
    rig.pass(Duration::from_secs(2));
    assert!(rig.fetches.iter().all(|(_, request)| request.session_epoch > 0), "it goes on");
    let mut notes = rig.take().1;
    notes.sort();
    assert_eq!(notes, ["end at 0", "end at 3"]);
    assert_eq!(rig.engine.lag(CONSUMER, "t", 1), Some(0));
}

#[test]
fn no_partition_starves_with_sessions_or_without() {
    for slots in [0, 1000] {
        let mut rig = rig(8, |options| options.fetch_session_slots = slots);
        for partition in 0..8 {
            append(&mut rig, partition, 0..400);
        }
        rig.until(|rig| rig.reports.len() == 3200);
        rig.consumer(|config| {
            config.max_partition_fetch_bytes = 3000;
            config.fetch_max_bytes = 6000;
        });
        assign(&mut rig, 0..8, StartAt::Beginning);
        let mut counts = [0; 8];
        for (_, value) in rig.consume(1600) {
            counts[value[..1].parse::<usize>().unwrap()] += 1;
        }
        assert!(counts.iter().all(|count| *count > 100), "{slots} slots: {counts:?}");
    }
}

#[test]
fn a_node_without_room_for_sessions_is_asked_in_full() {
    let mut rig = rig(2, |options| options.fetch_session_slots = 0);
    append(&mut rig, 0, 0..50);
    rig.consumer(|_| {});
    assign(&mut rig, 0..2, StartAt::Beginning);
    assert_eq!(rig.consume(50).len(), 50);
    rig.pass(Duration::from_secs(2));
    assert!(rig.fetches.iter().all(|(_, r)| (r.session_id, r.session_epoch) == (0, 0)));
    assert!(rig.fetches.len() < 10);
}
