//! Scripted faults: each does what it says, to the requests that it is meant for, as often as it
//! was told.

use std::time::Duration;

use kafka_proto::messages::fetch::FetchRequest;
use kafka_proto::messages::metadata::MetadataRequest;
use kafka_proto::messages::produce::ProduceRequest;
use kafka_proto::{ApiKey, ErrorCode};
use kafka_sim::{At, CloseReason, ConnId, Fault};

use crate::world::{World, batch, fetch_request, only_partition, produce_request};

/// A cluster with topics `t` and `u` of two partitions each, and a connection.
fn world() -> (World, ConnId) {
    let mut world = World::new(1);
    world.cluster.create_topic("t", 2, 1).unwrap();
    world.cluster.create_topic("u", 2, 1).unwrap();
    let conn = world.connect(1);
    (world, conn)
}

fn metadata() -> MetadataRequest {
    MetadataRequest { topics: None, ..Default::default() }
}

fn produce_to(world: &mut World, conn: ConnId, topic: &str, partition: i32) -> ErrorCode {
    let request = produce_request(&world.cluster, 13, topic, partition, batch(&["v"]));
    ErrorCode(only_partition(world.call(conn, 13, &request)).error_code)
}

#[test]
fn errors_meet_the_partition_they_are_for() {
    let (mut world, conn) = world();
    let refuse =
        Fault::Refuse { at: At::partition("t", 1), code: ErrorCode::NOT_LEADER_OR_FOLLOWER };
    let fail = Fault::FailAfter { at: At::topic("u"), code: ErrorCode::REQUEST_TIMED_OUT };
    world.cluster.fail_times(ApiKey::Produce, refuse, 2);
    world.cluster.fail_next(ApiKey::Produce, fail);
    assert_eq!(world.cluster.pending_faults(), 3);
    assert_eq!(produce_to(&mut world, conn, "t", 0), ErrorCode::NONE);
    for _ in 0..2 {
        assert_eq!(produce_to(&mut world, conn, "t", 1), ErrorCode::NOT_LEADER_OR_FOLLOWER);
    }
    assert_eq!(produce_to(&mut world, conn, "t", 1), ErrorCode::NONE);
    assert_eq!(produce_to(&mut world, conn, "u", 1), ErrorCode::REQUEST_TIMED_OUT);
    assert_eq!(produce_to(&mut world, conn, "u", 1), ErrorCode::NONE);
    assert_eq!(world.cluster.pending_faults(), 0);
    let counts = [("t", 0), ("t", 1), ("u", 0), ("u", 1)]
        .map(|(topic, index)| world.cluster.log(topic, index).count());
    assert_eq!(counts, [1, 1, 0, 2], "refused is not done, failed after is");
}

#[test]
fn what_was_refused_does_not_fail_after() {
    let (mut world, conn) = world();
    let code = ErrorCode::NOT_LEADER_OR_FOLLOWER;
    world.cluster.fail_next(ApiKey::Produce, Fault::Refuse { at: At::any(), code });
    // It would say that the batch is there.
    let code = ErrorCode::DUPLICATE_SEQUENCE_NUMBER;
    world.cluster.fail_next(ApiKey::Produce, Fault::FailAfter { at: At::any(), code });
    let answers = [(); 3].map(|()| produce_to(&mut world, conn, "t", 0));
    assert_eq!(answers, [ErrorCode::NOT_LEADER_OR_FOLLOWER, code, ErrorCode::NONE]);
    assert_eq!(world.cluster.log("t", 0).count(), 2);
}

#[test]
fn an_error_of_the_session_is_told_of_the_whole_fetch() {
    let (mut world, conn) = world();
    let code = ErrorCode::INVALID_FETCH_SESSION_EPOCH;
    world.cluster.fail_next(ApiKey::Fetch, Fault::FailAfter { at: At::any(), code });
    let mut request = fetch_request(&world.cluster, 12, "t", &[(0, 0), (1, 0)]);
    request.max_wait_ms = 0;
    let refused = world.call(conn, 12, &request);
    assert_eq!((refused.error_code, refused.responses.len()), (code.0, 0));
    let next = world.call(conn, 12, &request);
    assert_eq!((next.error_code, next.responses.len()), (0, 1));
}

#[test]
fn one_fault_may_take_a_whole_request() {
    let (mut world, conn) = world();
    world.cluster.fail_next(
        ApiKey::Fetch,
        Fault::Refuse { at: At::any(), code: ErrorCode::KAFKA_STORAGE_ERROR },
    );
    let request = fetch_request(&world.cluster, 12, "t", &[(0, 0), (1, 0)]);
    let response = world.call(conn, 12, &request);
    assert!(
        response.responses[0]
            .partitions
            .iter()
            .all(|data| data.error_code == ErrorCode::KAFKA_STORAGE_ERROR.0)
    );
    world.send(conn, 12, &request);
    assert_eq!(world.cluster.parked(), 1, "the next one is as always");
}

#[test]
fn partitions_are_left_out_and_repeated() {
    let (mut world, conn) = world();
    let mut indices = |fault: Fault| -> Vec<Vec<i32>> {
        world.cluster.fail_next(ApiKey::Metadata, fault);
        let topics = world.call(conn, 12, &metadata()).topics;
        topics
            .iter()
            .map(|topic| {
                topic.partitions.iter().map(|partition| partition.partition_index).collect()
            })
            .collect()
    };
    assert_eq!(indices(Fault::Omit { at: At::partition("t", 0) }), [vec![1], vec![0, 1]]);
    assert_eq!(indices(Fault::Omit { at: At::topic("t") }), [vec![0, 1]]);
    assert_eq!(
        indices(Fault::Duplicate { at: At::partition("u", 1) }),
        [vec![0, 1], vec![0, 1, 1]]
    );
    assert_eq!(indices(Fault::ZeroPartitions { topic: Some("u".into()) }), [vec![0, 1], vec![]]);
    world.cluster.fail_next(ApiKey::Metadata, Fault::Leaderless { at: At::partition("t", 1) });
    let topics = world.call(conn, 12, &metadata()).topics;
    let leaders: Vec<_> = topics[0]
        .partitions
        .iter()
        .map(|partition| (partition.leader_id, partition.leader_epoch))
        .collect();
    assert_eq!(leaders, [(1, 0), (-1, -1)]);

    world.cluster.fail_next(ApiKey::Produce, Fault::Omit { at: At::any() });
    let request = produce_request(&world.cluster, 12, "t", 0, batch(&["v"]));
    assert_eq!(world.call(conn, 12, &request).responses[0].partition_responses.len(), 0);
    assert_eq!(world.values("t", 0), ["v"]);
}

#[test]
fn connections_close_before_or_after_the_request_is_done() {
    for (fault, expected) in [(Fault::CloseBefore, 0), (Fault::CloseAfter, 1)] {
        let (mut world, conn) = world();
        world.cluster.fail_next(ApiKey::Produce, fault.clone());
        world.call(conn, 12, &metadata());
        let request = produce_request(&world.cluster, 12, "t", 0, batch(&["v"]));
        world.send(conn, 12, &request);
        assert_eq!(world.receive_bytes(conn), None);
        assert_eq!(world.closed.get(&conn), Some(&CloseReason::Fault));
        assert_eq!(world.values("t", 0).len(), expected, "{fault:?}");
        assert_eq!(world.cluster.pending_faults(), 0);
    }
}

#[test]
fn answers_are_swallowed_or_held_back() {
    let (mut world, conn) = world();
    let request = produce_request(&world.cluster, 12, "t", 0, batch(&["v"]));
    world.cluster.fail_next(ApiKey::Produce, Fault::Swallow);
    world.send(conn, 12, &request);
    let second = world.send(conn, 12, &request);
    let (correlation, response) = world.receive::<ProduceRequest>(conn, 12).unwrap();
    assert_eq!((correlation, only_partition(response).base_offset), (second, 1));

    world.cluster.fail_next(ApiKey::Produce, Fault::Delay(Duration::from_millis(300)));
    let delayed = world.send(conn, 12, &request);
    let behind = world.send(conn, 12, &metadata());
    assert_eq!(world.values("t", 0).len(), 3, "only the answer is held back");
    world.advance(299);
    assert_eq!(world.receive_bytes(conn), None);
    world.advance(1);
    assert_eq!(world.receive::<ProduceRequest>(conn, 12).unwrap().0, delayed);
    assert_eq!(world.receive::<MetadataRequest>(conn, 12).unwrap().0, behind);
}

#[test]
fn frames_are_spoilt() {
    let (mut world, conn) = world();
    let good = |world: &mut World| {
        world.send(conn, 12, &metadata());
        world.receive_bytes(conn).unwrap()
    };
    let honest = good(&mut world);
    let mut spoilt = |fault: Fault| {
        world.cluster.fail_next(ApiKey::Metadata, fault);
        good(&mut world)
    };
    let garbage = spoilt(Fault::Garbage);
    assert_eq!((&garbage[..4], garbage.len()), (&honest[..4], honest.len()));
    assert!(garbage[8..].iter().zip(&honest[8..]).all(|(bad, good)| bad != good));
    let wrong = spoilt(Fault::WrongCorrelationId);
    assert_ne!(wrong[4..8], [0, 0, 0, 3]);
    assert_eq!(wrong[8..], honest[8..]);
    assert_eq!(spoilt(Fault::HugeLength)[..4], [0x7f, 0xff, 0xff, 0xff]);
    let repeated = spoilt(Fault::RepeatResponse);
    assert_eq!(world.receive_bytes(conn), Some(repeated));
}

#[test]
fn one_bit_of_a_batch_is_another() {
    let (mut world, conn) = world();
    let corrupt = |bit| Fault::Corrupt { at: At::partition("t", 0), bit };
    world.cluster.fail_next(ApiKey::Fetch, corrupt(0));
    let nothing = fetch_request(&world.cluster, 12, "t", &[(0, 0)]);
    let nothing = FetchRequest { max_wait_ms: 0, ..nothing };
    world.call::<FetchRequest>(conn, 12, &nothing);
    assert_eq!(world.cluster.pending_faults(), 1, "there was no batch in it");
    for partition in [0, 0, 1] {
        assert_eq!(produce_to(&mut world, conn, "t", partition), ErrorCode::NONE);
    }
    world.cluster.clear_faults();
    let both = fetch_request(&world.cluster, 12, "t", &[(0, 0), (1, 0)]);
    let fetched = |world: &mut World| {
        let mut answer = world.call::<FetchRequest>(conn, 12, &both).responses.remove(0);
        let mut bytes = || answer.partitions.remove(0).records.unwrap().into_bytes();
        (bytes(), bytes())
    };
    let honest = fetched(&mut world);
    let length = honest.0.len() / 2;
    let covered = (length - 21) as u32 * 8;
    for (bit, place) in [
        (0, (21, 1)),
        (13, (22, 1 << 5)),
        (covered - 1, (length - 1, 1 << 7)),
        (covered, (21, 1)),
        (u32::MAX, (21 + (u32::MAX % covered) as usize / 8, 1 << (u32::MAX % covered % 8))),
    ] {
        world.cluster.fail_next(ApiKey::Fetch, corrupt(bit));
        let spoilt = fetched(&mut world);
        assert_eq!(spoilt.1, honest.1, "the other partition's is as it was");
        let changed = |at: &usize| spoilt.0[*at] != honest.0[*at];
        let changed: Vec<_> = (0..honest.0.len()).filter(changed).collect();
        assert_eq!(changed, [place.0], "bit {bit}");
        assert_eq!(spoilt.0[place.0] ^ honest.0[place.0], place.1, "bit {bit}");
    }
    assert_eq!(fetched(&mut world), honest, "the log is as it was");
}

#[test]
fn a_parked_fetch_keeps_its_fault() {
    let (mut world, conn) = world();
    world.cluster.fail_next(ApiKey::Fetch, Fault::CloseAfter);
    let request = fetch_request(&world.cluster, 12, "t", &[(0, 0)]);
    world.send(conn, 12, &request);
    assert!(world.closed.is_empty());
    let producer = world.connect(1);
    assert_eq!(produce_to(&mut world, producer, "t", 0), ErrorCode::NONE);
    assert_eq!(world.closed.get(&conn), Some(&CloseReason::Fault));
    let other = world.connect(1);
    assert!({ world.call::<FetchRequest>(other, 12, &request) }.error_code == 0);
}

#[test]
fn faults_can_be_called_off() {
    let (mut world, conn) = world();
    world.cluster.fail_times(ApiKey::Metadata, Fault::CloseBefore, 9);
    world.cluster.fail_times(ApiKey::Metadata, Fault::Swallow, 0);
    assert_eq!(world.cluster.pending_faults(), 9);
    world.cluster.clear_faults();
    assert_eq!(world.call(conn, 12, &metadata()).topics.len(), 2);
    assert_eq!(world.cluster.requests(ApiKey::Metadata), 1);
}
