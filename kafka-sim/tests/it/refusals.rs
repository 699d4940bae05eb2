//! Batches that Produce refuses, with which answer, and odd ones that it takes.

use bytes::Bytes;
use kafka_proto::ErrorCode;
use kafka_proto::records::{Attributes, BatchBuilder, BatchHeader, Codec, crc32c_of};

use crate::world::{WALL, World, batch, builder, compressed, spans};

/// The batch with another header, its checksum made to fit.
fn forged(bytes: &Bytes, change: impl FnOnce(&mut BatchHeader)) -> Bytes {
    let mut header = BatchHeader::parse(bytes).unwrap();
    change(&mut header);
    let payload = &bytes[BatchHeader::LEN..];
    header.crc = crc32c_of([&header.to_bytes()[BatchHeader::CRC_COVERS_FROM..], payload]);
    [&header.to_bytes(), payload].concat().into()
}

/// Produces to a topic that takes batches of 200 bytes: the error, the log start told, the text.
fn check(
    name: &str,
    version: i16,
    records: Bytes,
    (code, start, message): (ErrorCode, i64, Option<&str>),
) {
    let (mut world, conn) = World::with_topic();
    world.cluster.set_config("t", "max.message.bytes", "200").unwrap();
    let result = world.produce(conn, version, records);
    assert_eq!(ErrorCode(result.error_code), code, "{name}");
    assert_eq!((result.base_offset, result.log_start_offset), (-1, start), "{name}");
    assert_eq!(result.error_message.as_deref(), message, "{name}");
    assert_eq!(world.cluster.offsets("t", 0), Some((0, 0)), "{name}");
}

#[test]
fn bytes_that_are_no_batch() {
    let good = batch(&["a", "b"]);
    let changed = |at: usize, byte: u8| {
        let mut bytes = good.to_vec();
        bytes[at] = byte;
        Bytes::from(bytes)
    };
    let last = good.len() - 1;
    let corrupt = (ErrorCode::CORRUPT_MESSAGE, -1, None);
    let invalid = (ErrorCode::INVALID_RECORD, -1, None);
    let future = Some("Invalid magic found in record: 3");
    check("payload flipped", 12, changed(last, good[last] ^ 1), corrupt);
    check("magic 3", 12, changed(16, 3), (ErrorCode::CORRUPT_MESSAGE, -1, future));
    check("magic 1", 13, changed(16, 1), invalid);
    check("length 3", 12, changed(11, 3), corrupt);
    check("two batches", 12, [good.clone(), good.clone()].concat().into(), invalid);
    check("no bytes", 12, Bytes::new(), invalid);
    check("cut short", 12, good.slice(..last), invalid);
}

#[test]
fn headers_that_say_what_is_not_so() {
    let check = |name: &str, change: fn(&mut BatchHeader), code: ErrorCode| {
        check(name, 12, forged(&batch(&["a", "b"]), change), (code, 0, None));
    };
    let invalid = ErrorCode::INVALID_RECORD;
    check("base offset 42", |header| header.base_offset = 42, invalid);
    check("base offset -5", |header| header.base_offset = -5, invalid);
    check("last delta", |header| header.last_offset_delta = 5, invalid);
    check("negative delta", |header| header.last_offset_delta = -1, invalid);
    check("count", |header| (header.records_count, header.last_offset_delta) = (3, 2), invalid);
    check("count 0", |header| header.records_count = 0, invalid);
    check("gzip claimed", |header| header.attributes = Attributes(1), invalid);
    check("control", |header| header.attributes = Attributes(32), invalid);
    check("no sequence", |header| header.producer_id = 5, invalid);
    let unknown = ErrorCode::UNKNOWN_SERVER_ERROR;
    check("codec 7", |header| header.attributes = Attributes(7), unknown);
}

#[test]
fn batches_that_are_not_allowed() {
    let zstd = compressed(Codec::Zstd, &["a"]).build(0).unwrap();
    check("zstd", 6, zstd, (ErrorCode::UNSUPPORTED_COMPRESSION_TYPE, -1, None));
    let large = batch(&[&"x".repeat(200)]);
    check("too large", 12, large, (ErrorCode::MESSAGE_TOO_LARGE, -1, None));
    let builder = builder(&["a"]).with_producer(5, 0, 0).with_transactional(true);
    let refused = (ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED, -1, None);
    check("transactional", 12, builder.build(0).unwrap(), refused);
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
    assert_eq!(
        (ErrorCode(old.error_code), old.record_errors.len()),
        (ErrorCode::INVALID_RECORD, 0)
    );
    assert_eq!(
        world.cluster.offsets("t", 0),
        Some((0, 0)),
        "nothing is appended of a refused batch"
    );
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
    assert_eq!(
        result.error_message.as_deref(),
        Some("One or more records have been rejected due to invalid timestamp")
    );
    assert_eq!(result.record_errors.len(), 1);
    world.advance(1);
    assert_eq!(world.produce(conn, 12, at(WALL + hour + 1)).error_code, 0);
}
