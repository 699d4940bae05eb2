//! Compaction: what goes, what stays, and what clients see of it.

use bytes::Bytes;
use kafka_proto::ErrorCode;
use kafka_proto::records::{BatchBuilder, Batches, Codec};
use kafka_sim::{Cluster, ClusterOptions, ConnId, StoreOp};

use crate::world::{WALL, World, options, spans};

/// A compacted topic.
fn compacted() -> (World, ConnId) {
    let (mut world, conn) = World::with_topic();
    world.cluster.set_config("t", "cleanup.policy", "compact").unwrap();
    (world, conn)
}

/// A batch of `key=value` records, one millisecond apart; `key` alone is a tombstone.
fn pairs(codec: Codec, records: &[&str]) -> BatchBuilder {
    let mut builder = BatchBuilder::new(codec);
    for (at, record) in (0..).zip(records) {
        let (key, value) = record.split_once('=').map_or((*record, None), |(k, v)| (k, Some(v)));
        let value = value.map(str::as_bytes);
        builder.push(WALL + at, Some(key.as_bytes()), value, &[(b"h", Some(b"1"))]).unwrap();
    }
    builder
}

fn write(world: &mut World, conn: ConnId, records: &[&str]) {
    let built = pairs(Codec::None, records).build(0).unwrap();
    assert_eq!(world.produce(conn, 12, built).error_code, 0);
}

/// What is in the log, as `offset:key=value`.
fn log(world: &World) -> Vec<String> {
    let text = |bytes: Option<Bytes>| bytes.map(|it| String::from_utf8(it.to_vec()).unwrap());
    let shown = |record: kafka_sim::LoggedRecord| {
        assert_eq!(record.headers.len(), 1);
        let value = text(record.value).map_or(String::new(), |value| format!("={value}"));
        format!("{}:{}{value}", record.offset, text(record.key).unwrap())
    };
    world.cluster.log("t", 0).map(shown).collect()
}

#[test]
fn the_last_record_of_each_key_stays_at_its_offset() {
    for codec in Codec::ALL {
        let (mut world, conn) = compacted();
        for records in [&["a=1", "b=1", "c=1"][..], &["a=2", "a=3"], &["b=2", "d=1"], &["c=9"]] {
            let built = pairs(codec, records).build(0).unwrap();
            assert_eq!(world.produce(conn, 12, built).error_code, 0);
        }
        world.cluster.compact("t").unwrap();
        // The last batch stands for the active segment, and hides nothing.
        let expected = ["2:c=1", "4:a=3", "5:b=2", "6:d=1", "7:c=9"];
        assert_eq!(log(&world), expected, "{codec}");
        let fetched = world.fetch(conn, 12, 0);
        assert_eq!(spans(&fetched), [(0, 2), (3, 4), (5, 6), (7, 7)], "{codec}");
        world.cluster.compact("t").unwrap();
        assert_eq!(log(&world), expected, "{codec}");
        assert_eq!(world.cluster.offsets("t", 0), Some((0, 8)));
    }
}

#[test]
fn batches_that_nothing_is_left_of_leave_holes() {
    let (mut world, conn) = compacted();
    for records in [["a=1", "b=1"], ["a=2", "b=2"], ["a=3", "b=3"], ["z=1", "z=2"]] {
        write(&mut world, conn, &records);
    }
    world.cluster.compact("t").unwrap();
    for offset in 0..=4 {
        let fetched = world.fetch(conn, 12, offset);
        assert_eq!(fetched.error_code, 0, "{offset}");
        assert_eq!(spans(&fetched), [(4, 5), (6, 7)], "{offset}");
    }
    // A cut inside of the hole is where it was asked for, not behind it.
    world.cluster.truncate("t", 0, 3).unwrap();
    assert_eq!(world.cluster.offsets("t", 0), Some((0, 3)));
    write(&mut world, conn, &["c=1"]);
    assert_eq!(log(&world), ["3:c=1"]);
}

#[test]
fn tombstones_stay_for_a_while_after_they_were_met() {
    let (mut world, conn) = compacted();
    world.cluster.set_config("t", "delete.retention.ms", "60000").unwrap();
    write(&mut world, conn, &["a=1", "b=1"]);
    write(&mut world, conn, &["a", "c=1"]);
    write(&mut world, conn, &["z=1"]);
    // However old they are when they are met first.
    world.advance(3_600_000);
    let mut check = |after: u64, expected: &[&str]| {
        world.advance(after);
        world.cluster.compact("t").unwrap();
        assert_eq!(log(&world), expected, "after {after} ms more");
        let times: Vec<_> = world.cluster.log("t", 0).map(|it| it.timestamp - WALL).collect();
        assert!(times.iter().all(|time| (0..2).contains(time)), "{times:?}");
    };
    check(0, &["1:b=1", "2:a", "3:c=1", "4:z=1"]);
    check(59_999, &["1:b=1", "2:a", "3:c=1", "4:z=1"]);
    check(1, &["1:b=1", "3:c=1", "4:z=1"]);
    check(0, &["1:b=1", "3:c=1", "4:z=1"]);
}

#[test]
fn the_last_batch_of_a_producer_keeps_its_header() {
    let (mut world, conn) = compacted();
    let send = |world: &mut World, id: i64, sequence: i32, records: &[&str]| {
        let builder = pairs(Codec::Gzip, records).with_producer(id, 3, sequence);
        let answer = world.produce(conn, 12, builder.build(0).unwrap());
        (answer.error_code, answer.base_offset)
    };
    assert_eq!(send(&mut world, 1, 0, &["a=1"]), (0, 0));
    assert_eq!(send(&mut world, 1, 1, &["a=2"]), (0, 1));
    assert_eq!(send(&mut world, 2, 0, &["a=3", "b=1"]), (0, 2));
    assert_eq!(send(&mut world, 3, 0, &["z=1"]), (0, 4));
    world.cluster.compact("t").unwrap();
    assert_eq!(log(&world), ["2:a=3", "3:b=1", "4:z=1"]);
    let bytes = world.fetch(conn, 12, 0).records.unwrap().into_bytes();
    let headers: Vec<_> = Batches::new(bytes)
        .map(|batch| {
            let batch = batch.unwrap();
            batch.verify_crc().unwrap();
            *batch.header()
        })
        .collect();
    let first = headers[0];
    assert_eq!((first.base_offset, first.records_count, first.total_len()), (1, 0, 61));
    assert_eq!((first.producer_id, first.producer_epoch, first.base_sequence), (1, 3, 1));
    assert_eq!(headers.len(), 3);
    // Once more changes nothing; a repetition is recognised, and the sequence goes on.
    world.cluster.compact("t").unwrap();
    assert_eq!(spans(&world.fetch(conn, 12, 0)).len(), 3);
    assert_eq!(send(&mut world, 1, 1, &["a=2"]), (0, 1));
    assert_eq!(send(&mut world, 1, 2, &["c=1"]), (0, 5));
    // Of a producer that is forgotten nothing stays.
    world.cluster.expire_producer("t", 0, 2).unwrap();
    assert_eq!(send(&mut world, 3, 1, &["a=4", "b=2"]), (0, 6));
    assert_eq!(send(&mut world, 3, 3, &["z=2"]), (0, 8));
    world.cluster.compact("t").unwrap();
    assert_eq!(log(&world), ["4:z=1", "5:c=1", "6:a=4", "7:b=2", "8:z=2"]);
    assert_eq!(spans(&world.fetch(conn, 12, 0)), [(4, 4), (5, 5), (6, 7), (8, 8)]);
}

#[test]
fn only_compacted_topics_are_compacted() {
    let (mut world, _) = World::with_topic();
    assert_eq!(world.cluster.compact("t"), Err(ErrorCode::POLICY_VIOLATION));
    assert_eq!(world.cluster.compact("u"), Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
    world.cluster.set_config("t", "cleanup.policy", "compact").unwrap();
    assert_eq!(world.cluster.compact("t"), Ok(()), "an empty one");
}

#[test]
fn records_without_keys_go() {
    let (mut world, conn) = World::with_topic();
    let mut keyless = BatchBuilder::new(Codec::None);
    keyless.push(WALL, None, Some(b"v"), &[]).unwrap();
    for _ in 0..2 {
        world.produce(conn, 12, keyless.build(0).unwrap());
    }
    world.cluster.set_config("t", "cleanup.policy", "compact").unwrap();
    world.cluster.compact("t").unwrap();
    assert_eq!(world.cluster.log("t", 0).map(|it| it.offset).collect::<Vec<_>>(), [1]);
}

#[test]
fn what_was_compacted_away_stays_away_after_a_restart() {
    let persistent = || ClusterOptions { persist: true, ..options(1) };
    let mut world = World::with_options(persistent());
    let id = world.cluster.create_topic("t", 1, 1).unwrap();
    world.cluster.set_config("t", "cleanup.policy", "compact").unwrap();
    let conn = world.connect(1);
    for records in [["a=1", "b=1"], ["a=2", "c=1"], ["z=1", "z=2"]] {
        write(&mut world, conn, &records);
    }
    world.cluster.compact("t").unwrap();
    world.drain();
    let (mut catalogue, mut batches) = (String::new(), Vec::new());
    for op in std::mem::take(&mut world.stored) {
        match op {
            StoreOp::Catalogue(text) => catalogue = text,
            StoreOp::Append { head, payload, .. } => {
                batches.push(Bytes::from([head, payload].concat()));
            }
            StoreOp::Reset { .. } => batches.clear(),
            _ => {}
        }
    }
    let logs = [(id, 0, batches.into_iter())];
    let restored = Cluster::restore(persistent(), &catalogue, logs).unwrap();
    let before = log(&world);
    assert_eq!(before, ["1:b=1", "2:a=2", "3:c=1", "4:z=1", "5:z=2"]);
    assert_eq!(log(&World::of(restored)), before);
}
