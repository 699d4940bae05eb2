//! Followers that lag: who waits for them, what can be read meanwhile, and who is in sync.

use std::time::Duration;

use bytes::Bytes;
use kafka_proto::ErrorCode;
use kafka_proto::messages::fetch::FetchRequest;
use kafka_proto::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use kafka_proto::messages::metadata::MetadataRequest;
use kafka_proto::messages::produce::{PartitionProduceResponse, ProduceRequest};
use kafka_proto::releases::release;
use kafka_sim::{ClusterOptions, ConnId, Truth};

use crate::world::{
    World, batch, fetch_request, only_data, only_partition, options, produce_request, sequenced,
    spans,
};

/// Nodes 1 to `nodes` all have the one partition of `t`, led by node 1.
fn replicated(nodes: u16) -> (World, ConnId) {
    replicated_with(options(nodes))
}

fn replicated_with(options: ClusterOptions) -> (World, ConnId) {
    let nodes = i16::try_from(options.nodes.len()).unwrap();
    let mut world = World::with_options(options);
    world.cluster.create_topic("t", 1, nodes).unwrap();
    assert_eq!(world.cluster.leader("t", 0), Some((1, 0)));
    let conn = world.connect(1);
    (world, conn)
}

/// Sends a batch for partition 0 of `t`.
fn send(world: &mut World, conn: ConnId, acks: i16, records: Bytes) {
    let request = ProduceRequest { acks, ..produce_request(&world.cluster, 12, "t", 0, records) };
    world.send(conn, 12, &request);
}

/// The answer to a batch, if it is there.
fn answered(world: &mut World, conn: ConnId) -> Option<PartitionProduceResponse> {
    let (_, response) = world.receive::<ProduceRequest>(conn, 12)?;
    Some(only_partition(response))
}

fn code_and_offset(answer: Option<PartitionProduceResponse>) -> Option<(ErrorCode, i64)> {
    answer.map(|answer| (ErrorCode(answer.error_code), answer.base_offset))
}

const OK: ErrorCode = ErrorCode::NONE;

/// The answer of ListOffsets to a time: code, offset, leader epoch.
fn list_offset(
    world: &mut World,
    node: i32,
    version: i16,
    timestamp: i64,
) -> (ErrorCode, i64, i32) {
    let conn = world.connect(node);
    let partition = ListOffsetsPartition { timestamp, ..Default::default() };
    let topic =
        ListOffsetsTopic { name: "t".into(), partitions: vec![partition], ..Default::default() };
    let request = ListOffsetsRequest { topics: vec![topic], ..Default::default() };
    let response = world.call(conn, version, &request);
    let found = &response.topics[0].partitions[0];
    (ErrorCode(found.error_code), found.offset, found.leader_epoch)
}

fn in_sync(world: &World) -> Vec<i32> {
    let is_in_sync = |node: &i32| world.cluster.replica("t", 0, *node).is_some_and(|found| found.1);
    (1..=3).filter(is_in_sync).collect()
}

#[test]
fn acks_all_waits_for_the_slowest_replica_in_sync() {
    let (mut world, conn) = replicated(3);
    world.cluster.set_replication_delay(3, Duration::from_millis(100));
    let hasty = world.connect(1);
    send(&mut world, conn, -1, batch(&["a"]));
    send(&mut world, hasty, 1, batch(&["b"]));
    assert_eq!(code_and_offset(answered(&mut world, hasty)), Some((OK, 1)));
    world.advance(99);
    assert_eq!(answered(&mut world, conn), None);
    assert_eq!(world.cluster.offsets("t", 0), Some((0, 0)));
    let ends = [1, 2, 3].map(|node| world.cluster.replica("t", 0, node).unwrap());
    assert_eq!(ends, [(2, true), (2, true), (0, true)]);
    world.advance(1);
    assert_eq!(code_and_offset(answered(&mut world, conn)), Some((OK, 0)));
    assert_eq!(
        world.cluster.offsets("t", 0),
        Some((0, 1)),
        "the fetch under way brings what there was when it set out"
    );
    world.advance(100);
    assert_eq!(world.cluster.offsets("t", 0), Some((0, 2)));
    assert_eq!(world.cluster.replica("t", 0, 3), Some((2, true)));
    assert_eq!(world.cluster.replica("t", 0, 4), None);
}

#[test]
fn consumers_read_below_the_high_watermark_and_are_woken_when_it_moves() {
    let (mut world, conn) = replicated(2);
    world.cluster.set_replication_delay(2, Duration::from_millis(100));
    let consumer = world.connect(1);
    let request = fetch_request(&world.cluster, 12, "t", &[(0, 0)]);
    world.send(consumer, 12, &request);
    send(&mut world, conn, 1, batch(&["a"]));
    send(&mut world, conn, 1, batch(&["b"]));
    assert!(world.receive_bytes(consumer).is_none());
    assert_eq!(list_offset(&mut world, 1, 7, -1), (OK, 0, 0));
    assert_eq!(list_offset(&mut world, 1, 7, 0), (OK, -1, -1), "by time, too");

    let other = world.connect(1);
    let data = world.fetch(other, 12, 1);
    let found = (data.error_code, data.high_watermark, data.records.unwrap().len());
    assert_eq!(found, (0, 0, 0), "above the high watermark: at once, and nothing");
    let beyond = world.fetch(other, 12, 3);
    assert_eq!(ErrorCode(beyond.error_code), ErrorCode::OFFSET_OUT_OF_RANGE);

    world.advance(100);
    let (_, response) = world.receive::<FetchRequest>(consumer, 12).unwrap();
    let data = only_data(response);
    assert_eq!((data.high_watermark, data.last_stable_offset, spans(&data)), (1, 1, vec![(0, 0)]));
    assert_eq!(list_offset(&mut world, 1, 7, -1), (OK, 1, 0));
    world.advance(100);
    assert_eq!(spans(&world.fetch(consumer, 12, 0)), [(0, 0), (1, 1)]);
}

#[test]
fn a_wait_in_vain_times_out_and_the_batch_is_there() {
    let (mut world, conn) = replicated(2);
    world.cluster.pause_replication(2);
    let records = sequenced(7, 0, 0, &["a"]);
    send(&mut world, conn, -1, records.clone());
    world.advance(999);
    assert_eq!(answered(&mut world, conn), None);
    world.advance(1);
    let late = answered(&mut world, conn);
    assert_eq!(late.as_ref().map(|answer| answer.log_start_offset), Some(0));
    assert_eq!(code_and_offset(late), Some((ErrorCode::REQUEST_TIMED_OUT, 0)));
    assert_eq!(world.values("t", 0), ["a"]);

    send(&mut world, conn, -1, records.clone());
    assert_eq!(answered(&mut world, conn), None, "a repetition waits again");
    world.cluster.resume_replication(2);
    world.drain();
    assert_eq!(code_and_offset(answered(&mut world, conn)), Some((OK, 0)));
    assert_eq!(world.values("t", 0), ["a"]);
}

#[test]
fn a_request_is_answered_when_all_its_partitions_are_through() {
    let mut world = World::new(2);
    world.cluster.create_topic("t", 2, 2).unwrap();
    world.cluster.move_leader("t", 1, 1).unwrap();
    world.cluster.set_replication_delay(2, Duration::from_millis(100));
    let conn = world.connect(1);
    send(&mut world, conn, 1, batch(&["early"]));
    world.advance(50);
    answered(&mut world, conn).unwrap();
    let mut request = produce_request(&world.cluster, 12, "t", 0, batch(&["a"]));
    let more = [1, 9].map(|index| {
        let one = produce_request(&world.cluster, 12, "t", index, batch(&["b"]));
        one.topic_data[0].partition_data[0].clone()
    });
    request.topic_data[0].partition_data.extend(more);
    world.send(conn, 12, &request);
    world.advance(100);
    assert_eq!(world.cluster.offsets("t", 1), Some((0, 1)), "that one is through");
    assert!(world.receive_bytes(conn).is_none());
    world.advance(50);
    let (_, response) = world.receive::<ProduceRequest>(conn, 12).unwrap();
    let codes: Vec<_> = response.responses[0]
        .partition_responses
        .iter()
        .map(|partition| (partition.index, ErrorCode(partition.error_code)))
        .collect();
    assert_eq!(codes, [(0, OK), (1, OK), (9, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)]);
}

#[test]
fn a_follower_that_lags_for_too_long_is_put_out_and_comes_back() {
    let (mut world, conn) = replicated(3);
    let topic = world.cluster.topic_id("t").unwrap();
    world.advance(60_000);
    world.cluster.record_truth(true);
    world.cluster.pause_replication(3);
    world.advance(60_000);
    assert_eq!(in_sync(&world), [1, 2, 3], "as long as there is nothing new, it lacks nothing");
    send(&mut world, conn, 1, batch(&["a"]));
    answered(&mut world, conn).unwrap();
    world.advance(29_999);
    assert_eq!((in_sync(&world), world.cluster.offsets("t", 0)), (vec![1, 2, 3], Some((0, 0))));
    world.advance(1);
    assert_eq!((in_sync(&world), world.cluster.offsets("t", 0)), (vec![1, 2], Some((0, 1))));
    let told: Vec<_> = world.cluster.take_truth().into_iter().map(|(_, truth)| truth).collect();
    assert_eq!(told.len(), 2);
    assert_eq!(told[1], Truth::HighWatermark { topic, partition: 0, offset: 1 });

    let metadata = world.connect(3);
    let all = MetadataRequest { topics: None, ..Default::default() };
    let response = world.call(metadata, 12, &all);
    assert_eq!(response.topics[0].partitions[0].isr_nodes, [1, 2]);
    world.cluster.set_replication_delay(3, Duration::from_millis(10));
    world.cluster.resume_replication(3);
    world.advance(9);
    assert_eq!(in_sync(&world), [1, 2]);
    world.advance(1);
    assert_eq!(in_sync(&world), [1, 2, 3]);
}

#[test]
fn a_follower_that_is_always_a_little_late_stays_in_sync() {
    let options = ClusterOptions { replica_lag_time_max: Duration::from_millis(250), ..options(2) };
    let (mut world, conn) = replicated_with(options);
    world.cluster.set_replication_delay(2, Duration::from_millis(100));
    for _ in 0..200 {
        send(&mut world, conn, 1, batch(&["a"]));
        world.advance(7);
        assert_eq!(in_sync(&world), [1, 2]);
    }
    world.cluster.set_replication_delay(2, Duration::from_millis(151));
    for _ in 0..100 {
        send(&mut world, conn, 1, batch(&["a"]));
        world.advance(7);
    }
    assert_eq!(
        in_sync(&world),
        [1],
        "when its fetch is about to come, the one before set out 300 ms ago"
    );
}

/// Two replicas, both asked for; the follower stands still.
fn too_few(name: &str) -> (World, ConnId) {
    let release = release(name).unwrap();
    let (mut world, conn) = replicated_with(ClusterOptions { release, ..options(2) });
    world.cluster.set_config("t", "min.insync.replicas", "2").unwrap();
    world.cluster.pause_replication(2);
    let mut request = produce_request(&world.cluster, 9, "t", 0, batch(&["a"]));
    request.timeout_ms = 40_000;
    world.send(conn, 9, &request);
    world.advance(30_000);
    assert_eq!(in_sync(&world), [1]);
    (world, conn)
}

#[test]
fn with_too_few_in_sync_the_high_watermark_stands_still() {
    let (mut world, conn) = too_few("4.4");
    let other = world.connect(1);
    send(&mut world, other, 1, batch(&["b"]));
    assert_eq!(code_and_offset(answered(&mut world, other)), Some((OK, 1)));
    let refused = world.produce(other, 12, batch(&["c"]));
    let found = (ErrorCode(refused.error_code), refused.base_offset, refused.log_start_offset);
    assert_eq!(found, (ErrorCode::NOT_ENOUGH_REPLICAS, -1, 0));
    assert_eq!(world.cluster.offsets("t", 0), Some((0, 0)));
    world.advance(10_000);
    assert_eq!(
        code_and_offset(answered(&mut world, conn)),
        Some((ErrorCode::REQUEST_TIMED_OUT, 0))
    );
    world.cluster.resume_replication(2);
    assert_eq!((in_sync(&world), world.cluster.offsets("t", 0)), (vec![1, 2], Some((0, 2))));
    assert_eq!(world.produce(other, 12, batch(&["c"])).error_code, 0);
}

#[test]
fn an_older_cluster_says_so_afterwards_when_too_few_were_in_sync() {
    let (mut world, conn) = too_few("3.6");
    assert_eq!(
        code_and_offset(answered(&mut world, conn)),
        Some((ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND, 0))
    );
    assert_eq!(world.cluster.offsets("t", 0), Some((0, 1)));
}

#[test]
fn a_wait_ends_when_the_leader_does() {
    let hint = |answer: PartitionProduceResponse| {
        (answer.current_leader.leader_id, answer.current_leader.leader_epoch)
    };
    let (mut world, conn) = replicated(3);
    world.cluster.pause_replication(3);
    send(&mut world, conn, -1, batch(&["a"]));
    world.cluster.move_leader("t", 0, 2).unwrap();
    world.drain();
    let deposed = answered(&mut world, conn);
    let code = ErrorCode::NOT_LEADER_OR_FOLLOWER;
    assert_eq!(code_and_offset(deposed.clone()), Some((code, 0)));
    assert_eq!(deposed.map(hint), Some((2, 1)));
    assert_eq!(world.values("t", 0), ["a"], "the new leader had it already");

    let conn = world.connect(2);
    send(&mut world, conn, -1, batch(&["b"]));
    world.cluster.delete_topic("t").unwrap();
    world.cluster.create_topic("t", 1, 3).unwrap();
    world.drain();
    let code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    assert_eq!(code_and_offset(answered(&mut world, conn)), Some((code, 1)));
    assert_eq!(world.cluster.parked(), 0);
}

#[test]
fn a_follower_is_read_as_far_as_it_has_come() {
    let (mut world, conn) = replicated(3);
    world.cluster.set_replication_delay(2, Duration::from_millis(100));
    send(&mut world, conn, 1, batch(&["a"]));
    answered(&mut world, conn).unwrap();
    let follower = world.connect(2);
    let beyond = world.fetch(follower, 11, 1);
    assert_eq!(ErrorCode(beyond.error_code), ErrorCode::OFFSET_OUT_OF_RANGE);
    let request = fetch_request(&world.cluster, 11, "t", &[(0, 0)]);
    world.send(follower, 11, &request);
    world.advance(199);
    assert_eq!(world.cluster.offsets("t", 0), Some((0, 1)));
    assert!(
        world.receive_bytes(follower).is_none(),
        "it has the record, and hears with its next fetch that it may be read"
    );
    world.advance(1);
    let (_, response) = world.receive::<FetchRequest>(follower, 11).unwrap();
    assert_eq!(spans(&only_data(response)), [(0, 0)]);
}

#[test]
fn a_new_leader_learns_late_how_far_consumers_have_read() {
    let (mut world, conn) = replicated(3);
    for node in [2, 3] {
        world.cluster.set_replication_delay(node, Duration::from_millis(100));
    }
    send(&mut world, conn, -1, batch(&["a"]));
    world.advance(100);
    assert_eq!(code_and_offset(answered(&mut world, conn)), Some((OK, 0)));
    assert_eq!(world.cluster.offsets("t", 0), Some((0, 1)));
    world.cluster.stop_node(1);
    assert_eq!(world.cluster.leader("t", 0), Some((2, 1)));
    assert_eq!(world.values("t", 0), ["a"]);
    assert_eq!(world.cluster.offsets("t", 0), Some((0, 0)), "nothing is lost, only not known");
    let later = ErrorCode::OFFSET_NOT_AVAILABLE;
    assert_eq!(list_offset(&mut world, 2, 7, -1), (later, -1, -1));
    assert_eq!(list_offset(&mut world, 2, 7, 0), (later, -1, -1));
    assert_eq!(list_offset(&mut world, 2, 4, -1), (ErrorCode::LEADER_NOT_AVAILABLE, -1, -1));
    assert_eq!(list_offset(&mut world, 2, 7, -2), (OK, 0, 0));
    world.advance(100);
    assert_eq!(list_offset(&mut world, 2, 7, -1), (OK, 1, 1));
    assert_eq!(list_offset(&mut world, 2, 7, 0), (OK, 0, 0));
}
