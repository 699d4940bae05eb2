//! Produce: what is appended, and what is refused with which answer.

use bytes::Bytes;
use kafka_proto::messages::produce::{PartitionProduceData, ProduceRequest};
use kafka_proto::records::{Attributes, BatchBuilder, BatchHeader, Codec, crc32c_of};
use kafka_proto::{ErrorCode, Records, Uuid};
use kafka_sim::CloseReason;

use crate::world::{WALL, World, batch, builder, compressed, options, produce_request, sequenced, spans};

/// The batch with another header, its checksum made to fit.
fn forged(bytes: &Bytes, change: impl FnOnce(&mut BatchHeader)) -> Bytes {
    let mut header = BatchHeader::parse(bytes).unwrap();
    change(&mut header);
    let payload = &bytes[BatchHeader::LEN..];
    header.crc = crc32c_of([&header.to_bytes()[BatchHeader::CRC_COVERS_FROM..], payload]);
    [&header.to_bytes(), payload].concat().into()
}

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
        let headers: [(&[u8], Option<&[u8]>); 3] = [(b"h", Some(b"1")), (b"h", None), (b"", Some(b""))];
        builder.push(WALL, None, None, &headers).unwrap();
        let sent = builder.build(0).unwrap();
        assert_eq!(world.produce(conn, 9, sent.clone()).error_code, 0, "{codec}");
        let record = world.cluster.log("t", 0).nth(1).unwrap();
        assert_eq!((record.key, record.value), (None, None));
        let headers: Vec<_> = record.headers.iter().map(|(key, value)| (key.as_ref(), value.as_deref())).collect();
        assert_eq!(headers, [(&b"h"[..], Some(&b"1"[..])), (b"h", None), (b"", Some(b""))]);
        let data = world.fetch(conn, 12, 0);
        assert_eq!(spans(&data), [(0, 1)]);
        let stored = data.records.unwrap().into_bytes();
        assert_eq!(stored[16..], sent[16..], "only base offset and leader epoch are stamped");
    }
}

#[test]
fn refusals() {
    let good = batch(&["a", "b"]);
    let check = |name: &str, version: i16, records: Bytes, code: ErrorCode, start: i64, message: Option<&str>| {
        let (mut world, conn) = World::with_topic();
        world.cluster.set_config("t", "max.message.bytes", "200").unwrap();
        let result = world.produce(conn, version, records);
        assert_eq!(ErrorCode(result.error_code), code, "{name}");
        assert_eq!((result.base_offset, result.log_start_offset), (-1, start), "{name}");
        assert_eq!(result.error_message.as_deref(), message, "{name}");
        assert_eq!(world.cluster.offsets("t", 0), Some((0, 0)), "{name}");
    };
    let invalid = ErrorCode::INVALID_RECORD;
    let corrupt = ErrorCode::CORRUPT_MESSAGE;
    let flipped = {
        let mut bytes = good.to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        bytes.into()
    };
    let with_byte = |at: usize, byte: u8| {
        let mut bytes = good.to_vec();
        bytes[at] = byte;
        Bytes::from(bytes)
    };
    check("payload flipped", 12, flipped, corrupt, -1, None);
    check("base offset 42", 12, forged(&good, |header| header.base_offset = 42), invalid, 0, None);
    check("base offset -5", 12, forged(&good, |header| header.base_offset = -5), invalid, 0, None);
    check("last delta", 12, forged(&good, |header| header.last_offset_delta = 5), invalid, 0, None);
    check("negative delta", 12, forged(&good, |header| header.last_offset_delta = -1), invalid, 0, None);
    check("count", 12, forged(&good, |h| (h.records_count, h.last_offset_delta) = (3, 2)), invalid, 0, None);
    check("count 0", 12, forged(&good, |header| header.records_count = 0), invalid, 0, None);
    check("magic 3", 12, with_byte(16, 3), corrupt, -1, Some("Invalid magic found in record: 3"));
    check("magic 1", 13, with_byte(16, 1), invalid, -1, None);
    check("two batches", 12, [good.clone(), good.clone()].concat().into(), invalid, -1, None);
    check("no bytes", 12, Bytes::new(), invalid, -1, None);
    check("cut short", 12, good.slice(..good.len() - 1), invalid, -1, None);
    check("length 3", 12, with_byte(11, 3), corrupt, -1, None);
    check("codec 7", 12, forged(&good, |header| header.attributes = Attributes(7)), ErrorCode::UNKNOWN_SERVER_ERROR, 0, None);
    check("gzip claimed", 12, forged(&good, |header| header.attributes = Attributes(1)), invalid, 0, None);
    check("control", 12, forged(&good, |header| header.attributes = Attributes(32)), invalid, 0, None);
    check("no sequence", 12, sequenced(5, 0, -1, &["a"]), invalid, 0, None);
    check("zstd", 6, compressed(Codec::Zstd, &["a"]).build(0).unwrap(), ErrorCode::UNSUPPORTED_COMPRESSION_TYPE, -1, None);
    check("too large", 12, batch(&[&"x".repeat(200)]), ErrorCode::MESSAGE_TOO_LARGE, -1, None);
    let transactional = builder(&["a"]).with_producer(5, 0, 0).with_transactional(true).build(0).unwrap();
    check("transactional", 12, transactional, ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED, -1, None);
}

#[test]
fn oddities_that_are_taken() {
    let good = batch(&["a", "b"]);
    let check = |name: &str, records: Bytes| {
        let (mut world, conn) = World::with_topic();
        assert_eq!(world.produce(conn, 12, records).error_code, 0, "{name}");
        let times: Vec<_> = world.cluster.log("t", 0).map(|record| record.timestamp).collect();
        let data = world.fetch(conn, 12, 0);
        let header = BatchHeader::parse(&data.records.clone().unwrap().into_bytes()).unwrap();
        assert_eq!(spans(&data), [(0, 1)], "{name}");
        assert_eq!(Some(header.max_timestamp), times.iter().copied().max(), "{name}");
    };
    check("five bytes behind", [&good[..], b"abcde"].concat().into());
    check("client's leader epoch", forged(&good, |header| header.partition_leader_epoch = 99));
    check("wrong largest timestamp", forged(&good, |header| header.max_timestamp = 5));
    check("claims the broker's time", forged(&good, |header| header.attributes = Attributes(8)));
    let mut old = BatchBuilder::new(Codec::None);
    old.push(-1, None, Some(b"a"), &[]).unwrap();
    old.push(5, None, Some(b"b"), &[]).unwrap();
    check("old timestamps", old.build(0).unwrap());
}

#[test]
fn size_limit_is_that_of_the_whole_batch() {
    let (mut world, conn) = World::with_topic();
    let value = "x".repeat(1000);
    let plain = batch(&[&value]);
    world.cluster.set_config("t", "max.message.bytes", &plain.len().to_string()).unwrap();
    assert_eq!(world.produce(conn, 12, plain.clone()).error_code, 0);
    world.cluster.set_config("t", "max.message.bytes", &(plain.len() - 1).to_string()).unwrap();
    assert_eq!(ErrorCode(world.produce(conn, 12, plain).error_code), ErrorCode::MESSAGE_TOO_LARGE);
    world.cluster.set_config("t", "max.message.bytes", "500").unwrap();
    let gzip = compressed(Codec::Gzip, &[&value]).build(0).unwrap();
    assert_eq!(world.produce(conn, 12, gzip).error_code, 0, "compressed size counts");
}

#[test]
fn culprits_are_named() {
    let (mut world, conn) = World::with_topic();
    world.cluster.set_config("t", "cleanup.policy", "compact").unwrap();
    let mut builder = builder(&["a"]);
    builder.push(WALL, None, Some(b"b"), &[]).unwrap();
    builder.push(WALL, Some(b"k"), Some(b"c"), &[]).unwrap();
    builder.push(WALL, None, Some(b"d"), &[]).unwrap();
    let result = world.produce(conn, 12, builder.build(0).unwrap());
    assert_eq!(ErrorCode(result.error_code), ErrorCode::INVALID_RECORD);
    let culprits: Vec<_> = result.record_errors.iter().map(|error| error.batch_index).collect();
    assert_eq!((culprits, result.log_start_offset), (vec![1, 3], 0));
    assert!(result.error_message.is_some());
    let old = world.produce(conn, 7, builder.build(0).unwrap());
    assert_eq!((ErrorCode(old.error_code), old.record_errors.len()), (ErrorCode::INVALID_RECORD, 0));
    assert_eq!(world.cluster.offsets("t", 0), Some((0, 0)), "nothing is appended of a refused batch");
}

#[test]
fn timestamps_too_far_ahead_are_refused() {
    let (mut world, conn) = World::with_topic();
    let at = |timestamp: i64| {
        let mut builder = BatchBuilder::new(Codec::None);
        builder.push(timestamp, None, Some(b"v"), &[]).unwrap();
        builder.build(0).unwrap()
    };
    let hour = 3_600_000;
    assert_eq!(world.produce(conn, 12, at(WALL + hour)).error_code, 0);
    let result = world.produce(conn, 12, at(WALL + hour + 1));
    assert_eq!(ErrorCode(result.error_code), ErrorCode::INVALID_TIMESTAMP);
    assert_eq!(result.error_message.as_deref(), Some("One or more records have been rejected due to invalid timestamp"));
    assert_eq!(result.record_errors.len(), 1);
    world.advance(1);
    assert_eq!(world.produce(conn, 12, at(WALL + hour + 1)).error_code, 0);
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
    assert_eq!(spans(&world.fetch(conn, 12, 0)), [(0, 1), (2, 3)], "checksums fit the stamped headers");
}

#[test]
fn acks_are_checked_and_zero_is_silent() {
    let (mut world, conn) = World::with_topic();
    for acks in [2, -2] {
        let request = ProduceRequest { acks, ..produce_request(&world.cluster, 9, "t", 0, batch(&["a"])) };
        let result = crate::world::only_partition(world.call(conn, 9, &request));
        assert_eq!((ErrorCode(result.error_code), result.base_offset), (ErrorCode::INVALID_REQUIRED_ACKS, -1));
    }
    let silent = ProduceRequest { acks: 0, ..produce_request(&world.cluster, 9, "t", 0, batch(&["b"])) };
    world.send(conn, 9, &silent);
    assert_eq!(world.receive_bytes(conn), None);
    let one = ProduceRequest { acks: 1, ..produce_request(&world.cluster, 9, "t", 0, batch(&["c"])) };
    assert_eq!(crate::world::only_partition(world.call(conn, 9, &one)).base_offset, 1);
    let failing = ProduceRequest { acks: 0, ..produce_request(&world.cluster, 9, "t", 7, batch(&["d"])) };
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
    assert_eq!(world.produce(conn, 9, batch(&["a"])).error_code, 0, "no more than there are replicas");
    let follower = (1..=3).find(|node| *node != leader && {
        let mut other = World::new(3);
        other.cluster.create_topic("t", 1, 2).unwrap();
        other.cluster.stop_node(leader);
        other.cluster.leader("t", 0).unwrap().0 == *node
    });
    world.cluster.stop_node(follower.unwrap());
    let refused = world.produce(conn, 9, batch(&["b"]));
    assert_eq!(ErrorCode(refused.error_code), ErrorCode::NOT_ENOUGH_REPLICAS);
    let one = ProduceRequest { acks: 1, ..produce_request(&world.cluster, 9, "t", 0, batch(&["c"])) };
    assert_eq!(crate::world::only_partition(world.call(conn, 9, &one)).error_code, 0);
}

#[test]
fn partitions_fail_one_by_one() {
    let (mut world, conn) = World::with_topic();
    let mut request = produce_request(&world.cluster, 12, "t", 0, batch(&["first"]));
    for (index, value) in [(9, "nowhere"), (-1, "nowhere"), (0, "last")] {
        let records = Some(Records::from(batch(&[value])));
        request.topic_data[0].partition_data.push(PartitionProduceData { index, records, ..Default::default() });
    }
    let response = world.call(conn, 12, &request);
    let mut results: Vec<_> =
        response.responses[0].partition_responses.iter().map(|result| (result.index, result.error_code)).collect();
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
    let mut world = World::with_options(kafka_sim::ClusterOptions { retention_bytes: 1000, ..options(1) });
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
