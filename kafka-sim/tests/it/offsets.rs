//! ListOffsets: the ends of a log, and records by their time.

use kafka_proto::ErrorCode;
use kafka_proto::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsTopic,
};
use kafka_proto::records::{BatchBuilder, Codec};
use kafka_sim::ConnId;

use crate::world::World;

/// A log of timestamps 1000 1005 1010 | 1015 1020 1025 | 500 in three batches, the second one
/// compressed.
fn timed() -> (World, ConnId) {
    let (mut world, conn) = World::with_topic();
    for (codec, times) in [
        (Codec::None, &[1000, 1005, 1010][..]),
        (Codec::Gzip, &[1015, 1020, 1025]),
        (Codec::None, &[500]),
    ] {
        let mut builder = BatchBuilder::new(codec);
        for time in times {
            builder.push(*time, None, Some(b"v"), &[]).unwrap();
        }
        assert_eq!(world.produce(conn, 12, builder.build(0).unwrap()).error_code, 0);
    }
    (world, conn)
}

fn list(
    world: &mut World,
    conn: ConnId,
    version: i16,
    partitions: &[(i32, i64)],
) -> Vec<ListOffsetsPartitionResponse> {
    let wanted = |(partition_index, timestamp): &(i32, i64)| ListOffsetsPartition {
        partition_index: *partition_index,
        timestamp: *timestamp,
        ..Default::default()
    };
    let partitions = partitions.iter().map(wanted).collect();
    let topics = vec![ListOffsetsTopic { name: "t".into(), partitions, ..Default::default() }];
    let request = ListOffsetsRequest { replica_id: -1, topics, ..Default::default() };
    world.call(conn, version, &request).topics.remove(0).partitions
}

#[test]
fn offsets_by_time() {
    let (mut world, conn) = timed();
    let mut check = |version: i16, time: i64, expected: Result<(i64, i64, i32), ErrorCode>| {
        let answer = list(&mut world, conn, version, &[(0, time)]).remove(0);
        let found = match ErrorCode(answer.error_code) {
            ErrorCode::NONE => Ok((answer.timestamp, answer.offset, answer.leader_epoch)),
            code => Err(code),
        };
        assert_eq!(found, expected, "version {version}, time {time}");
    };
    let unsupported = Err(ErrorCode::UNSUPPORTED_VERSION);
    for version in 1..=11 {
        let epoch = if version < 4 { -1 } else { 0 };
        let special = |since: i16, found: (i64, i64)| match version >= since {
            true => Ok((found.0, found.1, if found.1 < 0 { -1 } else { epoch })),
            false => unsupported,
        };
        check(version, -1, Ok((-1, 7, epoch)));
        check(version, -2, Ok((-1, 0, epoch)));
        check(version, -3, special(7, (1025, 5)));
        check(version, -4, special(8, (-1, 0)));
        check(version, -5, special(9, (-1, -1)));
        check(version, -6, special(11, (-1, -1)));
        check(version, -7, unsupported);
        for (time, found) in [(0, 0), (999, 0), (1000, 0), (1001, 1), (1012, 3), (1025, 5)] {
            check(version, time, Ok((1000 + 5 * found, found, epoch)));
        }
        check(version, 1026, Ok((-1, -1, -1)));
    }
}

#[test]
fn an_empty_partition() {
    let (mut world, conn) = World::with_topic();
    let answers: Vec<_> = [-1, -2, -3, -4, 0]
        .into_iter()
        .map(|time| list(&mut world, conn, 11, &[(0, time)]).remove(0))
        .map(|answer| (answer.error_code, answer.timestamp, answer.offset, answer.leader_epoch))
        .collect();
    let none = (0, -1, -1, -1);
    assert_eq!(answers, [(0, -1, 0, 0), (0, -1, 0, 0), none, (0, -1, 0, 0), none]);
}

#[test]
fn times_after_the_log_start_moved() {
    let (mut world, conn) = timed();
    world.cluster.trim("t", 0, 4).unwrap();
    let mut check = |time: i64, timestamp: i64, offset: i64| {
        let answer = list(&mut world, conn, 11, &[(0, time)]).remove(0);
        assert_eq!((answer.timestamp, answer.offset), (timestamp, offset), "time {time}");
    };
    check(-2, -1, 4);
    check(0, 1020, 4);
    check(1025, 1025, 5);
    check(-3, 1025, 5);
}

#[test]
fn errors_are_per_partition() {
    let (mut world, conn) = timed();
    let answers = list(&mut world, conn, 11, &[(0, -1), (7, -1), (0, -2), (-1, -1)]);
    let codes: Vec<_> = answers
        .iter()
        .map(|answer| (answer.partition_index, answer.error_code, answer.offset))
        .collect();
    assert_eq!(codes, [(7, 3, -1), (0, 42, -1), (-1, 3, -1)]);

    let mut newer =
        ListOffsetsPartition { timestamp: -1, current_leader_epoch: 9, ..Default::default() };
    let ask = |world: &mut World, partition: &ListOffsetsPartition| {
        let topics = vec![ListOffsetsTopic {
            name: "t".into(),
            partitions: vec![partition.clone()],
            ..Default::default()
        }];
        let request = ListOffsetsRequest { topics, ..Default::default() };
        ErrorCode(world.call(conn, 4, &request).topics[0].partitions[0].error_code)
    };
    assert_eq!(ask(&mut world, &newer), ErrorCode::UNKNOWN_LEADER_EPOCH);
    world.cluster.move_leader("t", 0, 1).unwrap();
    newer.current_leader_epoch = 0;
    assert_eq!(ask(&mut world, &newer), ErrorCode::FENCED_LEADER_EPOCH);
    newer.current_leader_epoch = 1;
    assert_eq!(ask(&mut world, &newer), ErrorCode::NONE);
}
