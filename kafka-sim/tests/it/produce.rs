//! Produce: what is appended, and what is refused with which answer.

use kafka_proto::messages::produce::{PartitionProduceData, ProduceRequest};
use kafka_proto::records::Codec;
use kafka_proto::{ErrorCode, Records, Uuid};
use kafka_sim::CloseReason;

use crate::world::{WALL, World, batch, compressed, options, produce_request, spans};

#[test]
fn every_version_appends() {
    let (mut world, conn) = World::with_topic();
    for version in 3..=13 {
        let base = i64::from(version - 3) * 2;
        let result = world.produce(conn, version, batch(&["a", "b"]));
        assert_eq!((result.error_code, result.base_offset), (0, base), "version {version}");
        assert_eq!(result.log_append_time_ms, -1);
        assert_eq!(result.log_start_offset, if version < 5 { -1 } else { 0 });
    }
    assert_eq!(world.cluster.offsets("t", 0), Some((0, 22)));
    let last = world.cluster.log("t", 0).last().unwrap();
    assert_eq!((last.offset, last.timestamp, last.leader_epoch), (21, WALL + 1, 0));
    assert_eq!((last.key.as_deref(), last.value.as_deref()), (Some(&b"key"[..]), Some(&b"b"[..])));
}

#[test]
fn codecs_and_headers_come_back_as_they_were() {
    for codec in [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd] {
        let (mut world, conn) = World::with_topic();
        let mut builder = compressed(codec, &["a"]);
        let headers: [(&[u8], Option<&[u8]>); 3] =
            [(b"h", Some(b"1")), (b"h", None), (b"", Some(b""))];
        builder.push(WALL, None, None, &headers).unwrap();
        let sent = builder.build(0).unwrap();
        assert_eq!(world.produce(conn, 9, sent.clone()).error_code, 0, "{codec}");
        let record = world.cluster.log("t", 0).nth(1).unwrap();
        assert_eq!((record.key, record.value), (None, None));
        let headers: Vec<_> =
            record.headers.iter().map(|(key, value)| (key.as_ref(), value.as_deref())).collect();
        assert_eq!(headers, [(&b"h"[..], Some(&b"1"[..])), (b"h", None), (b"", Some(b""))]);
        let data = world.fetch(conn, 12, 0);
        assert_eq!(spans(&data), [(0, 1)]);
        let stored = data.records.unwrap().into_bytes();
        assert_eq!(stored[16..], sent[16..], "only base offset and leader epoch are stamped");
    }
}

#[test]
fn the_broker_stamps_if_the_topic_says_so() {
    let (mut world, conn) = World::with_topic();
    world.cluster.set_config("t", "message.timestamp.type", "LogAppendTime").unwrap();
    world.advance(250);
    for codec in [Codec::None, Codec::Lz4] {
        let result = world.produce(conn, 12, compressed(codec, &["a", "b"]).build(0).unwrap());
        assert_eq!((result.error_code, result.log_append_time_ms), (0, WALL + 250));
    }
    assert!(world.cluster.log("t", 0).all(|record| record.timestamp == WALL + 250));
    assert_eq!(
        spans(&world.fetch(conn, 12, 0)),
        [(0, 1), (2, 3)],
        "checksums fit the stamped headers"
    );
}

#[test]
fn acks_are_checked_and_zero_is_silent() {
    let (mut world, conn) = World::with_topic();
    for acks in [2, -2] {
        let request =
            ProduceRequest { acks, ..produce_request(&world.cluster, 9, "t", 0, batch(&["a"])) };
        let result = crate::world::only_partition(world.call(conn, 9, &request));
        assert_eq!(
            (ErrorCode(result.error_code), result.base_offset),
            (ErrorCode::INVALID_REQUIRED_ACKS, -1)
        );
    }
    let silent =
        ProduceRequest { acks: 0, ..produce_request(&world.cluster, 9, "t", 0, batch(&["b"])) };
    world.send(conn, 9, &silent);
    assert_eq!(world.receive_bytes(conn), None);
    let one =
        ProduceRequest { acks: 1, ..produce_request(&world.cluster, 9, "t", 0, batch(&["c"])) };
    assert_eq!(crate::world::only_partition(world.call(conn, 9, &one)).base_offset, 1);
    let failing =
        ProduceRequest { acks: 0, ..produce_request(&world.cluster, 9, "t", 7, batch(&["d"])) };
    world.send(conn, 9, &failing);
    assert_eq!(world.closed.get(&conn), Some(&CloseReason::ProduceFailed));
    assert_eq!(world.values("t", 0), ["b", "c"]);
}

#[test]
fn acks_all_asks_for_enough_replicas() {
    let mut world = World::with_options(options(3));
    world.cluster.create_topic("t", 1, 2).unwrap();
    world.cluster.set_config("t", "min.insync.replicas", "3").unwrap();
    let (leader, _) = world.cluster.leader("t", 0).unwrap();
    let conn = world.connect(leader);
    assert_eq!(
        world.produce(conn, 9, batch(&["a"])).error_code,
        0,
        "no more than there are replicas"
    );
    let follower = (1..=3).find(|node| {
        *node != leader && {
            let mut other = World::new(3);
            other.cluster.create_topic("t", 1, 2).unwrap();
            other.cluster.stop_node(leader);
            other.cluster.leader("t", 0).unwrap().0 == *node
        }
    });
    world.cluster.stop_node(follower.unwrap());
    let refused = world.produce(conn, 9, batch(&["b"]));
    assert_eq!(ErrorCode(refused.error_code), ErrorCode::NOT_ENOUGH_REPLICAS);
    let one =
        ProduceRequest { acks: 1, ..produce_request(&world.cluster, 9, "t", 0, batch(&["c"])) };
    assert_eq!(crate::world::only_partition(world.call(conn, 9, &one)).error_code, 0);
}

#[test]
fn partitions_fail_one_by_one() {
    let (mut world, conn) = World::with_topic();
    let mut request = produce_request(&world.cluster, 12, "t", 0, batch(&["first"]));
    for (index, value) in [(9, "nowhere"), (-1, "nowhere"), (0, "last")] {
        let records = Some(Records::from(batch(&[value])));
        request.topic_data[0].partition_data.push(PartitionProduceData {
            index,
            records,
            ..Default::default()
        });
    }
    let response = world.call(conn, 12, &request);
    let mut results: Vec<_> = response.responses[0]
        .partition_responses
        .iter()
        .map(|result| (result.index, result.error_code))
        .collect();
    results.sort_unstable();
    assert_eq!(results, [(-1, 3), (0, 0), (9, 3)]);
    assert_eq!(world.values("t", 0), ["last"], "of a partition named twice, the last counts");

    let unknown = produce_request(&world.cluster, 12, "u", 0, batch(&["a"]));
    let result = crate::world::only_partition(world.call(conn, 12, &unknown));
    assert_eq!(ErrorCode(result.error_code), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    assert_eq!(world.cluster.topics().count(), 1, "producing creates nothing");
    let mut by_id = produce_request(&world.cluster, 13, "t", 0, batch(&["a"]));
    for id in [Uuid::ZERO, Uuid([9; 16])] {
        by_id.topic_data[0].topic_id = id;
        let result = crate::world::only_partition(world.call(conn, 13, &by_id));
        assert_eq!(ErrorCode(result.error_code), ErrorCode::UNKNOWN_TOPIC_ID);
    }
}

#[test]
fn the_oldest_bytes_go_when_there_are_too_many() {
    let mut world =
        World::with_options(kafka_sim::ClusterOptions { retention_bytes: 1000, ..options(1) });
    world.cluster.create_topic("t", 1, 1).unwrap();
    let conn = world.connect(1);
    let value = "x".repeat(330);
    for _ in 0..10 {
        assert_eq!(world.produce(conn, 12, batch(&[&value])).error_code, 0);
    }
    assert_eq!(world.cluster.offsets("t", 0), Some((8, 10)));
    assert_eq!(ErrorCode(world.fetch(conn, 12, 7).error_code), ErrorCode::OFFSET_OUT_OF_RANGE);
    assert_eq!(spans(&world.fetch(conn, 12, 8)), [(8, 8), (9, 9)]);
}
