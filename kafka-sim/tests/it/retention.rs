//! Records that go by age and by size.

use kafka_proto::ErrorCode;
use kafka_sim::{ConnId, Truth};

use crate::world::{World, batch, fetch_request};

const MINUTE: u64 = 60_000;

/// Four batches of the same size, a minute apart from each other.
fn filled(settings: &[(&str, &str)]) -> (World, ConnId) {
    let (mut world, conn) = World::with_topic();
    for (name, value) in settings {
        world.cluster.set_config("t", name, value).unwrap();
    }
    for minute in 0..4 {
        let records = timed(minute * 60_000, &["a", "b"]);
        world.produce(conn, 12, records);
    }
    (world, conn)
}

/// A batch whose records have a time so many milliseconds after the story's beginning.
fn timed(after: i64, values: &[&str]) -> bytes::Bytes {
    use kafka_proto::records::{BatchBuilder, Codec};
    let mut builder = BatchBuilder::new(Codec::None);
    for value in values {
        let time = crate::world::WALL + after;
        builder.push(time, Some(b"key"), Some(value.as_bytes()), &[]).unwrap();
    }
    builder.build(0).unwrap()
}

#[test]
fn what_is_too_old_goes_in_whole_batches() {
    let check = |settings: &[(&str, &str)], minutes: u64, start: i64| {
        let (mut world, conn) = filled(settings);
        world.cluster.record_truth(true);
        world.advance(minutes * MINUTE);
        let offsets = Some((start, 8));
        assert_eq!(world.cluster.offsets("t", 0), offsets, "{settings:?} {minutes}");
        let truth: Vec<_> = world.cluster.take_truth().into_iter().map(|(_, it)| it).collect();
        let moved = |it: &Truth| matches!(it, Truth::LogStart { offset, .. } if *offset == start);
        assert_eq!(truth.iter().any(moved), start > 0, "{settings:?} {minutes}: {truth:?}");
        let fetched = world.fetch(conn, 12, 0);
        let expected = if start > 0 { ErrorCode::OFFSET_OUT_OF_RANGE } else { ErrorCode::NONE };
        assert_eq!(ErrorCode(fetched.error_code), expected);
    };
    let three_minutes = &[("retention.ms", "180000")][..];
    // It is looked at every five minutes only, and then batches of before minute 2 are too old.
    check(three_minutes, 4, 0);
    check(three_minutes, 5, 4);
    check(three_minutes, 9, 4);
    check(three_minutes, 10, 8);
    check(&[], 24 * 60, 0);
    check(&[], 8 * 24 * 60, 8);
    check(&[("retention.ms", "-1")], 8 * 24 * 60, 0);
    check(&[("retention.ms", "180000"), ("cleanup.policy", "compact")], 60, 0);
    check(&[("retention.ms", "180000"), ("cleanup.policy", "compact,delete")], 60, 8);
}

#[test]
fn what_is_too_much_goes_but_never_more() {
    let one = i64::try_from(timed(0, &["a", "b"]).len()).unwrap();
    let check = |bytes: i64, start: i64| {
        let (mut world, _) = filled(&[("retention.bytes", &bytes.to_string())]);
        world.advance(5 * MINUTE);
        assert_eq!(world.cluster.offsets("t", 0), Some((start, 8)), "{bytes}");
    };
    check(-1, 0);
    check(4 * one, 0);
    check(3 * one + 1, 0);
    check(3 * one, 2);
    check(one, 6);
    check(0, 8);
}

#[test]
fn what_is_not_replicated_yet_stays() {
    let mut world = World::new(2);
    world.cluster.create_topic("t", 1, 2).unwrap();
    world.cluster.set_config("t", "retention.ms", "1000").unwrap();
    let (leader, _) = world.cluster.leader("t", 0).unwrap();
    let conn = world.connect(leader);
    world.produce(conn, 12, timed(0, &["a"]));
    let follower = 3 - leader;
    // It stays in sync for as long as it doesn't lag too long.
    world.advance(5 * MINUTE - 1000);
    world.cluster.pause_replication(follower);
    let mut request = crate::world::produce_request(&world.cluster, 12, "t", 0, timed(0, &["b"]));
    request.acks = 1;
    world.call(conn, 12, &request);
    world.advance(1000);
    assert_eq!(world.cluster.offsets("t", 0), Some((1, 1)), "the second record can't be read yet");
}

#[test]
fn a_fetch_that_waits_below_the_new_start_is_told() {
    let (mut world, conn) = filled(&[("retention.ms", "180000")]);
    let mut request = fetch_request(&world.cluster, 12, "t", &[(0, 0)]);
    (request.min_bytes, request.max_wait_ms) = (1 << 20, 3_600_000);
    world.send(conn, 12, &request);
    world.advance(4 * MINUTE);
    assert_eq!(world.cluster.parked(), 1);
    world.advance(MINUTE);
    let (_, answer) =
        world.receive::<kafka_proto::messages::fetch::FetchRequest>(conn, 12).unwrap();
    let code = ErrorCode(crate::world::only_data(answer).error_code);
    assert_eq!(code, ErrorCode::OFFSET_OUT_OF_RANGE);
}

#[test]
fn a_log_that_lost_everything_goes_on() {
    let (mut world, conn) = filled(&[("retention.ms", "1000")]);
    world.advance(10 * MINUTE);
    assert_eq!(world.cluster.offsets("t", 0), Some((8, 8)));
    assert_eq!(world.produce(conn, 12, batch(&["c"])).base_offset, 8);
    assert_eq!(world.fetch(conn, 12, 8).high_watermark, 9);
}
