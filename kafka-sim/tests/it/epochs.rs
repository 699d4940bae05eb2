//! Where leader epochs end: asked for, and told to fetches that went astray.

use kafka_proto::ErrorCode;
use kafka_proto::messages::offset_for_leader_epoch::{
    EpochEndOffset, OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use kafka_proto::{ApiKey, VersionRange};
use kafka_sim::{At, Fault};

use crate::world::{World, batch, fetch_request, only_data, spans};

const OK: ErrorCode = ErrorCode::NONE;

fn ask(
    world: &mut World,
    node: i32,
    version: i16,
    wanted: OffsetForLeaderPartition,
) -> EpochEndOffset {
    let conn = world.connect(node);
    let topic =
        OffsetForLeaderTopic { topic: "t".into(), partitions: vec![wanted], ..Default::default() };
    let request = OffsetForLeaderEpochRequest { topics: vec![topic], ..Default::default() };
    let mut response = world.call(conn, version, &request);
    response.topics.remove(0).partitions.remove(0)
}

/// Code, epoch and end for an epoch, asked of a node by a client that knows the current epoch, or
/// -1.
fn end_of(world: &mut World, node: i32, current: i32, epoch: i32) -> (ErrorCode, i32, i64) {
    let wanted = OffsetForLeaderPartition {
        partition: 0,
        current_leader_epoch: current,
        leader_epoch: epoch,
        ..Default::default()
    };
    let found = ask(world, node, 4, wanted);
    (ErrorCode(found.error_code), found.leader_epoch, found.end_offset)
}

/// Epoch 0 has two records, epoch 1 none, epoch 2 three, epoch 3 none yet. Node 2 leads.
fn with_epochs() -> World {
    let mut world = World::new(3);
    world.cluster.create_topic("t", 1, 2).unwrap();
    let conn = world.connect(1);
    world.produce(conn, 12, batch(&["a", "b"]));
    world.cluster.move_leader("t", 0, 2).unwrap();
    world.cluster.move_leader("t", 0, 1).unwrap();
    world.produce(conn, 12, batch(&["c"]));
    world.produce(conn, 12, batch(&["d", "e"]));
    world.cluster.move_leader("t", 0, 2).unwrap();
    assert_eq!(world.cluster.leader("t", 0), Some((2, 3)));
    world
}

#[test]
fn the_leader_knows_where_epochs_end() {
    let mut world = with_epochs();
    let mut check = |epoch, expected: (i32, i64)| {
        let (code, found, end) = end_of(&mut world, 2, -1, epoch);
        assert_eq!((code, (found, end)), (OK, expected), "epoch {epoch}");
    };
    check(0, (0, 2));
    check(1, (0, 2));
    check(2, (2, 5));
    check(3, (3, 5));
    check(4, (-1, -1));
    check(-1, (-1, -1));
    world.cluster.trim("t", 0, 3).unwrap();
    assert_eq!(end_of(&mut world, 2, -1, 0), (OK, 0, 3), "epoch 0 is gone");
    assert_eq!(end_of(&mut world, 2, -1, 2), (OK, 2, 5));
}

#[test]
fn others_don_t_say() {
    let mut world = with_epochs();
    let wrong = (ErrorCode::NOT_LEADER_OR_FOLLOWER, -1, -1);
    assert_eq!(end_of(&mut world, 1, -1, 0), wrong);
    assert_eq!(end_of(&mut world, 1, 3, 0), wrong);
    assert_eq!(end_of(&mut world, 3, 0, 0), wrong, "a node without a replica knows no epoch");
    let (fenced, unknown) = (ErrorCode::FENCED_LEADER_EPOCH, ErrorCode::UNKNOWN_LEADER_EPOCH);
    for node in [1, 2] {
        assert_eq!(end_of(&mut world, node, 2, 0), (fenced, -1, -1));
        assert_eq!(end_of(&mut world, node, 4, 0), (unknown, -1, -1));
    }
    assert_eq!(end_of(&mut world, 2, 3, 0), (OK, 0, 2));
    world.cluster.delete_topic("t").unwrap();
    let gone = (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, -1, -1);
    assert_eq!(end_of(&mut world, 2, -1, 0), gone);
}

#[test]
fn every_version_is_answered() {
    let mut world = with_epochs();
    world.cluster.set_versions(ApiKey::OffsetForLeaderEpoch, Some(VersionRange::new(0, 4)));
    for version in 0..=4 {
        let wanted = OffsetForLeaderPartition { leader_epoch: 1, ..Default::default() };
        let found = ask(&mut world, 2, version, wanted);
        let epoch = if version == 0 { -1 } else { 0 };
        let told = (found.error_code, found.leader_epoch, found.end_offset);
        assert_eq!(told, (0, epoch, 2), "version {version}");
    }
    let code = ErrorCode::NOT_LEADER_OR_FOLLOWER;
    let refuse = Fault::Refuse { at: At::partition("t", 0), code };
    world.cluster.fail_next(ApiKey::OffsetForLeaderEpoch, refuse);
    assert_eq!(end_of(&mut world, 2, -1, 0), (code, -1, -1));
    assert_eq!(end_of(&mut world, 2, -1, 0), (OK, 0, 2));
}

/// What a fetch from an offset, after a record of an epoch, is told: code, diverging epoch and end,
/// first batch.
fn fetch_after(
    world: &mut World,
    node: i32,
    offset: i64,
    epoch: i32,
) -> (ErrorCode, (i32, i64), Option<(i64, i64)>) {
    let conn = world.connect(node);
    let mut request = fetch_request(&world.cluster, 12, "t", &[(0, offset)]);
    request.max_wait_ms = 0;
    request.topics[0].partitions[0].last_fetched_epoch = epoch;
    let data = only_data(world.call(conn, 12, &request));
    let diverging = (data.diverging_epoch.epoch, data.diverging_epoch.end_offset);
    (ErrorCode(data.error_code), diverging, spans(&data).first().copied())
}

#[test]
fn a_fetch_is_told_where_the_log_departed_from_what_it_read() {
    let mut world = with_epochs();
    let none = (-1, -1);
    let out_of_range = (ErrorCode::OFFSET_OUT_OF_RANGE, none, None);
    assert_eq!(fetch_after(&mut world, 2, 2, 0), (OK, none, Some((2, 2))));
    assert_eq!(fetch_after(&mut world, 2, 3, 0), (OK, (0, 2), None));
    assert_eq!(fetch_after(&mut world, 2, 3, 1), (OK, (0, 2), None));
    assert_eq!(fetch_after(&mut world, 2, 3, 2), (OK, none, Some((3, 4))));
    assert_eq!(fetch_after(&mut world, 2, 6, 2), (OK, (2, 5), None));
    assert_eq!(fetch_after(&mut world, 2, 5, 4), out_of_range);
    assert_eq!(fetch_after(&mut world, 1, 3, 0), (OK, (0, 2), None), "followers say it too");
    world.cluster.trim("t", 0, 3).unwrap();
    assert_eq!(fetch_after(&mut world, 2, 2, 0), out_of_range, "that comes before divergence");
}

#[test]
fn a_parked_fetch_hears_that_its_log_was_cut() {
    let mut world = World::new(2);
    world.cluster.create_topic("t", 1, 2).unwrap();
    let conn = world.connect(1);
    world.produce(conn, 12, batch(&["a"]));
    world.cluster.pause_replication(2);
    world.advance(1);
    let mut request = crate::world::produce_request(&world.cluster, 12, "t", 0, batch(&["b", "c"]));
    request.acks = 1;
    world.call(conn, 12, &request);
    world.advance(30_000);
    assert_eq!(world.cluster.offsets("t", 0), Some((0, 3)), "node 2 is out of sync");
    let waiting = world.connect(2);
    let mut request = fetch_request(&world.cluster, 16, "t", &[(0, 1)]);
    request.topics[0].partitions[0].last_fetched_epoch = 0;
    world.send(waiting, 16, &request);
    world.cluster.stop_node(1);
    world.cluster.elect_unclean("t", 0).unwrap();
    let conn = world.connect(2);
    world.produce(conn, 12, batch(&["x", "y", "z"]));
    let (_, response) = world
        .receive::<kafka_proto::messages::fetch::FetchRequest>(waiting, 16)
        .expect("there is something to read");
    assert_eq!(spans(&only_data(response)), [(1, 3)]);
    assert_eq!(fetch_after(&mut world, 2, 3, 0), (OK, (0, 1), None), "regrown past its position");
}
