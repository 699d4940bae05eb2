//! Fetch: sizes, waiting, and what can't be read.

use kafka_proto::messages::api_versions::ApiVersionsRequest;
use kafka_proto::messages::fetch::{FetchPartition, FetchRequest, FetchResponse, FetchTopic};
use kafka_proto::{ErrorCode, Uuid};
use kafka_sim::Input;

use crate::world::{World, batch, fetch_request, only_data, produce_request, spans};

/// Bytes of the data of every partition, in order.
fn sizes(response: &FetchResponse) -> Vec<usize> {
    let partitions = response.responses.iter().flat_map(|topic| &topic.partitions);
    partitions.map(|data| data.records.as_ref().map_or(0, |records| records.len())).collect()
}

/// A topic `t` of two partitions with three batches each, all of the same size, which is returned
/// too.
fn filled() -> (World, kafka_sim::ConnId, usize) {
    let mut world = World::new(1);
    world.cluster.create_topic("t", 2, 1).unwrap();
    let conn = world.connect(1);
    let sent = batch(&["a", "b"]);
    for turn in 0..6 {
        let request = produce_request(&world.cluster, 12, "t", turn % 2, sent.clone());
        assert_eq!(crate::world::only_partition(world.call(conn, 12, &request)).error_code, 0);
    }
    (world, conn, sent.len())
}

#[test]
fn every_version_reads_from_the_batch_that_holds_the_offset() {
    let (mut world, conn, _) = filled();
    for version in 4..=18 {
        for (offset, expected) in [
            (0, &[(0, 1), (2, 3), (4, 5)][..]),
            (1, &[(0, 1), (2, 3), (4, 5)]),
            (3, &[(2, 3), (4, 5)]),
        ] {
            let data = world.fetch(conn, version, offset);
            assert_eq!(
                (data.error_code, data.high_watermark, data.last_stable_offset),
                (0, 6, 6),
                "version {version}"
            );
            assert_eq!(data.log_start_offset, if version < 5 { -1 } else { 0 });
            assert_eq!(
                (data.aborted_transactions.as_ref(), data.preferred_read_replica),
                (None, -1)
            );
            assert_eq!(spans(&data), expected);
        }
    }
}

#[test]
fn limits_cut_the_last_batch_and_never_the_first() {
    let (mut world, conn, size) = filled();
    let mut check = |max: usize, of_partition: usize, expected: [usize; 2]| {
        let mut request = fetch_request(&world.cluster, 12, "t", &[(0, 0), (1, 2)]);
        request.max_bytes = max as i32;
        for partition in &mut request.topics[0].partitions {
            partition.partition_max_bytes = of_partition as i32;
        }
        let response = world.call(conn, 12, &request);
        assert_eq!(sizes(&response), expected, "max {max}, of partition {of_partition}");
    };
    check(1 << 20, 1 << 20, [3 * size, 2 * size]);
    check(1 << 20, size, [size, size]);
    check(1 << 20, size + 12, [size + 12, size + 12]);
    check(1 << 20, size + 70, [size + 70, size + 70]);
    check(1 << 20, size - 1, [size, 0]);
    check(1 << 20, 1, [size, 0]);
    check(1 << 20, 0, [size, 0]);
    check(1, 1 << 20, [size, 0]);
    check(4 * size, 1 << 20, [3 * size, size]);
    check(3 * size + 5, 1 << 20, [3 * size, 0]);
}

#[test]
fn what_cannot_be_read_is_said_at_once() {
    let (mut world, conn, _) = filled();
    world.cluster.trim("t", 0, 2).unwrap();
    world.cluster.move_leader("t", 0, 1).unwrap();
    let mut check = |partition: FetchPartition, version: i16, code: ErrorCode| {
        let mut request = fetch_request(&world.cluster, version, "t", &[]);
        request.topics[0].partitions =
            vec![FetchPartition { partition_max_bytes: 1000, ..partition }];
        let data = only_data(world.call(conn, version, &request));
        assert_eq!(ErrorCode(data.error_code), code);
        assert_eq!(
            (data.high_watermark, data.last_stable_offset, data.log_start_offset),
            (-1, -1, -1)
        );
        assert_eq!(data.records.unwrap().len(), 0);
        assert_eq!(
            data.aborted_transactions.is_some(),
            code == ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
        );
    };
    let at = |fetch_offset| FetchPartition { fetch_offset, ..Default::default() };
    for offset in [-1, 0, 1, 7] {
        check(at(offset), 12, ErrorCode::OFFSET_OUT_OF_RANGE);
    }
    for partition in [-1, 2] {
        check(
            FetchPartition { partition, ..Default::default() },
            12,
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        );
        check(
            FetchPartition { partition, ..Default::default() },
            13,
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        );
    }
    check(FetchPartition { current_leader_epoch: 5, ..at(2) }, 9, ErrorCode::UNKNOWN_LEADER_EPOCH);
    check(FetchPartition { current_leader_epoch: 0, ..at(2) }, 12, ErrorCode::FENCED_LEADER_EPOCH);
}

#[test]
fn unknown_topics() {
    let (mut world, conn, _) = filled();
    let request = fetch_request(&world.cluster, 12, "u", &[(0, 0)]);
    let data = only_data(world.call(conn, 12, &request));
    assert_eq!(ErrorCode(data.error_code), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    for id in [Uuid::ZERO, Uuid([3; 16])] {
        let mut request = fetch_request(&world.cluster, 13, "t", &[(0, 0)]);
        request.topics[0].topic_id = id;
        let response = world.call(conn, 13, &request);
        assert_eq!(response.responses[0].topic_id, id);
        assert_eq!(ErrorCode(only_data(response).error_code), ErrorCode::UNKNOWN_TOPIC_ID);
    }
    assert_eq!(world.cluster.topics().count(), 1);
}

#[test]
fn a_fetch_at_the_end_waits_for_records() {
    let (mut world, conn) = World::with_topic();
    let request = fetch_request(&world.cluster, 12, "t", &[(0, 0)]);
    world.send(conn, 12, &request);
    assert_eq!((world.receive_bytes(conn), world.cluster.parked()), (None, 1));
    world.advance(999);
    assert_eq!(world.receive_bytes(conn), None);
    let producer = world.connect(1);
    world.produce(producer, 12, batch(&["a"]));
    let (_, response) = world.receive::<FetchRequest>(conn, 12).unwrap();
    assert_eq!(spans(&only_data(response)), [(0, 0)]);
    assert_eq!((world.cluster.parked(), world.until), (0, None));
}

#[test]
fn a_fetch_that_waited_long_enough_gets_what_there_is() {
    let (mut world, conn) = World::with_topic();
    let sent = batch(&["a"]);
    let mut request = fetch_request(&world.cluster, 12, "t", &[(0, 0)]);
    request.min_bytes = 2 * sent.len() as i32 + 1;
    world.send(conn, 12, &request);
    let producer = world.connect(1);
    world.produce(producer, 12, sent.clone());
    world.advance(500);
    world.produce(producer, 12, sent.clone());
    assert_eq!(world.receive_bytes(conn), None, "a byte is missing");
    world.advance(500);
    let (_, response) = world.receive::<FetchRequest>(conn, 12).unwrap();
    assert_eq!(sizes(&response), [2 * sent.len()]);

    world.send(conn, 12, &FetchRequest { min_bytes: 2 * sent.len() as i32 + 1, ..request });
    world.produce(producer, 12, sent.clone());
    let (_, response) = world.receive::<FetchRequest>(conn, 12).unwrap();
    assert_eq!(sizes(&response), [3 * sent.len()]);
}

#[test]
fn a_fetch_that_can_say_something_does_not_wait() {
    let (mut world, conn, size) = filled();
    let mut check = |name: &str, change: fn(&mut FetchRequest), expected: &[usize]| {
        let mut request = fetch_request(&world.cluster, 12, "t", &[(0, 6), (1, 6)]);
        change(&mut request);
        let response = world.call(conn, 12, &request);
        let expected: Vec<_> = expected.iter().map(|batches| batches * size).collect();
        assert_eq!(sizes(&response), expected, "{name}");
    };
    check("no time to wait", |request| request.max_wait_ms = 0, &[0, 0]);
    check("no bytes wanted", |request| request.min_bytes = 0, &[0, 0]);
    check("no partitions", |request| request.topics.clear(), &[]);
    check(
        "one partition has records",
        |request| request.topics[0].partitions[1].fetch_offset = 4,
        &[0, 1],
    );
    check(
        "one partition is in error",
        |request| request.topics[0].partitions[0].partition = 9,
        &[0, 0],
    );
    check(
        "more wanted than allowed",
        |request| (request.min_bytes, request.max_bytes) = (1 << 20, 0),
        &[0, 0],
    );
}

#[test]
fn a_partition_named_twice_counts_once() {
    let (mut world, conn, size) = filled();
    let request = fetch_request(&world.cluster, 12, "t", &[(0, 0), (1, 0), (0, 4)]);
    let response = world.call(conn, 12, &request);
    let partitions: Vec<_> =
        response.responses[0].partitions.iter().map(|data| data.partition_index).collect();
    assert_eq!((partitions, sizes(&response)), (vec![1, 0], vec![3 * size, size]));
}

#[test]
fn requests_behind_a_parked_fetch_are_answered_after_it() {
    let (mut world, conn) = World::with_topic();
    let request = fetch_request(&world.cluster, 12, "t", &[(0, 0)]);
    let first = world.send(conn, 12, &request);
    let second = world.send(conn, 0, &ApiVersionsRequest::default());
    assert_eq!((world.receive_bytes(conn), world.cluster.backlog(conn)), (None, 1));
    world.advance(1000);
    assert_eq!(world.receive::<FetchRequest>(conn, 12).unwrap().0, first);
    assert_eq!(world.receive::<ApiVersionsRequest>(conn, 0).unwrap().0, second);
}

#[test]
fn what_a_fetch_waits_for_may_go_away() {
    let check = |name: &str, change: fn(&mut World), expected: ErrorCode| {
        let mut world = World::new(2);
        world.cluster.create_topic("t", 1, 2).unwrap();
        let conn = world.connect(1);
        let mut request = fetch_request(&world.cluster, 16, "t", &[(0, 0)]);
        request.topics[0].partitions[0].current_leader_epoch = 0;
        world.send(conn, 16, &request);
        change(&mut world);
        world.drain();
        let (_, response) = world.receive::<FetchRequest>(conn, 16).expect(name);
        let endpoints: Vec<_> =
            response.node_endpoints.iter().map(|node| (node.node_id, node.port)).collect();
        let data = only_data(response);
        assert_eq!(ErrorCode(data.error_code), expected, "{name}");
        if expected == ErrorCode::FENCED_LEADER_EPOCH {
            assert_eq!((data.current_leader.leader_id, data.current_leader.leader_epoch), (2, 1));
            assert_eq!(endpoints, [(2, 9092)]);
        }
    };
    check(
        "deleted",
        |world| world.cluster.delete_topic("t").unwrap(),
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
    );
    check(
        "moved",
        |world| world.cluster.move_leader("t", 0, 2).unwrap(),
        ErrorCode::FENCED_LEADER_EPOCH,
    );
}

#[test]
fn a_fetch_whose_connection_is_gone_is_forgotten() {
    let (mut world, conn) = World::with_topic();
    let request = fetch_request(&world.cluster, 12, "t", &[(0, 0)]);
    world.send(conn, 12, &request);
    world.input(Input::Closed { conn });
    assert_eq!((world.cluster.parked(), world.until), (0, None));
    let producer = world.connect(1);
    world.produce(producer, 12, batch(&["a"]));
    assert_eq!(world.receive_bytes(conn), None);
}

#[test]
fn a_log_that_departed_says_where() {
    let (mut world, conn, _) = filled();
    let producer = |world: &mut World, value: &str| {
        let request = produce_request(&world.cluster, 12, "t", 0, batch(&[value]));
        crate::world::only_partition(world.call(conn, 12, &request)).base_offset
    };
    world.cluster.move_leader("t", 0, 1).unwrap();
    assert_eq!(producer(&mut world, "lost"), 6);
    world.cluster.truncate("t", 0, 6).unwrap();
    assert_eq!(producer(&mut world, "kept"), 6);
    let mut check = |epoch: i32, offset: i64, expected: Result<(i32, i64), ErrorCode>| {
        let mut request = fetch_request(&world.cluster, 12, "t", &[(0, offset)]);
        request.topics[0].partitions[0].last_fetched_epoch = epoch;
        request.max_wait_ms = 0;
        let data = only_data(world.call(conn, 12, &request));
        let found = match ErrorCode(data.error_code) {
            ErrorCode::NONE => Ok((data.diverging_epoch.epoch, data.diverging_epoch.end_offset)),
            code => Err(code),
        };
        assert_eq!(found, expected, "epoch {epoch}, offset {offset}");
    };
    check(0, 6, Ok((-1, -1)));
    check(1, 7, Ok((0, 6)));
    check(2, 7, Ok((-1, -1)));
    check(3, 7, Err(ErrorCode::OFFSET_OUT_OF_RANGE));
}

#[test]
fn clients_that_pose_as_replicas_are_sent_away() {
    let (mut world, conn, _) = filled();
    let mut request = fetch_request(&world.cluster, 14, "t", &[(0, 0)]);
    request.replica_id = 7;
    assert_eq!(
        ErrorCode(only_data(world.call(conn, 14, &request)).error_code),
        ErrorCode::NOT_LEADER_OR_FOLLOWER
    );
    let topics: Vec<FetchTopic> = std::mem::take(&mut request.topics);
    let mut newer = FetchRequest { topics, ..Default::default() };
    newer.replica_state.replica_id = 7;
    let data = only_data(world.call(conn, 16, &newer));
    assert_eq!(ErrorCode(data.error_code), ErrorCode::NOT_LEADER_OR_FOLLOWER);
    assert_eq!((data.current_leader.leader_id, data.current_leader.leader_epoch), (1, 0));
}
