//! What our client writes, the Java client reads equal, and the other way round.

use std::time::{SystemTime, UNIX_EPOCH};

use kafka_blocking::ErrorKind;
use kafka_interop::java::End;
use kafka_interop::{Record, Result};

use crate::ours::{self, Seen};
use crate::records::{self, CODECS};
use crate::shared::{self, cluster, java};

/// `max.request.size` of both clients, and what they count for a batch of one record without key and headers beside its
/// value. The Java client takes the longest form of every length; that it is not off by one is checked below.
const REQUEST_BYTES_MAX: usize = 1_048_576;
const JAVA_OVERHEAD: usize = 61 + 21 + 5;

/// The 61 of the batch, the record's length in 3 bytes, attributes, two deltas, null, the value's length in 3, no headers.
const OUR_OVERHEAD: usize = 61 + 3 + 1 + 1 + 1 + 1 + 3 + 1;

/// The records of a topic in the order of its log, from records in the order of sending with their places.
fn as_placed(records: &[Record], placed: &[(i32, i64)]) -> Vec<Seen> {
    assert_eq!(records.len(), placed.len());
    let seen = |(record, (partition, offset)): (&Record, &(i32, i64))| {
        (*offset, Record { partition: Some(*partition), ..record.clone() })
    };
    let mut all: Vec<Seen> = records.iter().zip(placed).map(seen).collect();
    // Stable: within a partition the order of sending stays, and that is to be the order of the log.
    all.sort_by_key(|(_, record)| record.partition);
    all
}

/// Compares without printing megabytes.
fn assert_same(left: &[Seen], right: &[Seen], what: &str) {
    for (at, (left, right)) in left.iter().zip(right).enumerate() {
        assert!(left == right, "{what}, record {at}: {left:.200?} is not {right:.200?}");
    }
    assert_eq!(left.len(), right.len(), "{what}");
}

fn everything() -> Vec<Record> {
    let mut all = records::odd();
    all.extend(records::many());
    all
}

#[test]
#[ignore = "needs Java"]
fn java_reads_what_we_wrote_in_every_codec() {
    for (number, codec) in (0..).zip(CODECS) {
        let topic = shared::topic(&format!("ours-{codec}"));
        java().create(&topic, 2, 1, &[]).unwrap();
        let records = everything();
        let settings = [("compression.type", codec), ("linger.ms", "20")];
        let placed = ours::write(&cluster().bootstrap(), &topic, &settings, &records);
        let expected = as_placed(&records, &placed);
        let consumed = java().consume(&topic, &[]).unwrap();
        assert!(consumed.iter().all(|it| it.timestamp_type == "CreateTime"), "{codec}");
        assert_same(&ours::from_java(&consumed), &expected, codec);
        assert_same(&ours::read(&cluster().bootstrap(), &topic, &[]), &expected, codec);
        assert!(shared::codecs_in_log(&topic, 0).contains(&number), "{codec} was not used");
    }
}

#[test]
#[ignore = "needs Java"]
fn we_read_what_java_wrote_in_every_codec() {
    for (number, codec) in (0..).zip(CODECS) {
        let topic = shared::topic(&format!("java-{codec}"));
        java().create(&topic, 2, 1, &[]).unwrap();
        let records = everything();
        let placed = java().produce(&topic, codec, &records, &[("linger.ms", "20")]).unwrap();
        let placed: Vec<_> = placed.iter().map(|it| (it.partition, it.offset)).collect();
        let seen = ours::read(&cluster().bootstrap(), &topic, &[]);
        assert_same(&seen, &as_placed(&records, &placed), codec);
        assert!(shared::codecs_in_log(&topic, 0).contains(&number), "{codec} was not used");
    }
}

/// A value that can be packed and one that can't, as long as the client takes them.
fn longest(overhead: usize) -> Vec<Record> {
    let bytes = REQUEST_BYTES_MAX - overhead;
    let values = [vec![b'x'; bytes], records::unpackable(7, bytes)];
    values.map(|value| Record { timestamp: Some(records::TIME), ..Record::value(value) }).to_vec()
}

#[test]
#[ignore = "needs Java"]
fn java_reads_the_longest_records_that_we_write() {
    for codec in CODECS {
        let topic = shared::topic(&format!("ours-long-{codec}"));
        java().create(&topic, 1, 1, &[]).unwrap();
        let records = longest(OUR_OVERHEAD);
        let settings = [("compression.type", codec)];
        let placed = ours::write(&cluster().bootstrap(), &topic, &settings, &records);
        let expected = as_placed(&records, &placed);
        assert_same(&ours::from_java(&java().consume(&topic, &[]).unwrap()), &expected, codec);
        assert_same(&ours::read(&cluster().bootstrap(), &topic, &[]), &expected, codec);
    }
}

#[test]
#[ignore = "needs Java"]
fn one_byte_more_is_refused_before_it_is_sent() {
    let client = kafka_blocking::connect(ours::config(&cluster().bootstrap(), &[])).unwrap();
    let topic = shared::topic("too-long");
    java().create(&topic, 1, 1, &[]).unwrap();
    let producer = client.producer(ours::producer_config(&[])).unwrap();
    let value = vec![0; REQUEST_BYTES_MAX - OUR_OVERHEAD + 1];
    let refused = producer.send(kafka_blocking::Record::to(&topic).value(&value)).unwrap_err();
    let ErrorKind::RecordTooLarge { bytes, limit, .. } = refused.kind() else {
        panic!("{refused}");
    };
    assert_eq!((*bytes, *limit), (REQUEST_BYTES_MAX + 1, Some(REQUEST_BYTES_MAX)));
    producer.close(ours::LONG).unwrap();
    assert_eq!(java().end_offsets(&topic, &[]).unwrap()[0].end, 0);
}

#[test]
#[ignore = "needs Java"]
fn we_read_the_longest_records_that_java_writes() {
    for codec in CODECS {
        let topic = shared::topic(&format!("java-long-{codec}"));
        // Java packs what can't be packed too, by which it grows over the broker's default limit.
        let limit = [("max.message.bytes", "1100000")];
        java().create(&topic, 1, 1, &limit).unwrap();
        let records = longest(JAVA_OVERHEAD);
        let placed = java().produce(&topic, codec, &records, &[]).unwrap();
        let placed: Vec<_> = placed.iter().map(|it| (it.partition, it.offset)).collect();
        let seen = ours::read(&cluster().bootstrap(), &topic, &[]);
        assert_same(&seen, &as_placed(&records, &placed), codec);
        let longer = longest(JAVA_OVERHEAD - 1);
        let refused = java().produce(&topic, codec, &longer[..1], &[]).unwrap_err();
        assert!(refused.to_string().contains("RecordTooLargeException"), "{refused}");
    }
}

#[test]
#[ignore = "needs Java"]
fn a_record_without_a_timestamp_has_the_time_of_its_writing() {
    let topic = shared::topic("now");
    java().create(&topic, 1, 1, &[]).unwrap();
    let before = now();
    ours::write(&cluster().bootstrap(), &topic, &[], &[Record::value("ours")]);
    java().produce(&topic, "none", &[Record::value("theirs")], &[]).unwrap();
    let after = now();
    let seen = ours::read(&cluster().bootstrap(), &topic, &[]);
    assert_eq!(seen, ours::from_java(&java().consume(&topic, &[]).unwrap()));
    let times: Vec<i64> = seen.iter().filter_map(|(_, record)| record.timestamp).collect();
    assert!(times.iter().all(|time| (before..=after).contains(time)), "{before} {times:?} {after}");
    assert_eq!(times.len(), 2);
}

#[test]
#[ignore = "needs Java"]
fn brokers_stamp_records_where_the_topic_says_so() {
    let topic = shared::topic("append-time");
    java().create(&topic, 1, 1, &[("message.timestamp.type", "LogAppendTime")]).unwrap();
    let records = [Record { timestamp: Some(1), ..Record::value("v") }];
    ours::write(&cluster().bootstrap(), &topic, &[("compression.type", "lz4")], &records);
    java().produce(&topic, "zstd", &records, &[]).unwrap();
    let consumed = java().consume(&topic, &[]).unwrap();
    assert!(consumed.iter().all(|it| it.timestamp_type == "LogAppendTime" && it.timestamp > 1));
    assert_eq!(
        ours::read(&cluster().bootstrap(), &topic, &[]),
        ours::from_java(&consumed),
        "a batch that has the broker's time has it for all its records"
    );
}

#[test]
#[ignore = "needs Java"]
fn the_ends_of_transactions_are_no_records() -> Result<()> {
    let topic = shared::topic("our-txn");
    java().create(&topic, 1, 1, &[])?;
    let plain = |value| Record { timestamp: Some(1), ..Record::value(value) };
    let write = |value, end| {
        let id = [("transactional.id", topic.as_str())];
        java().produce_ending(&topic, "lz4", &[plain(value)], &id, end)
    };
    java().produce(&topic, "none", &[plain("before")], &[])?;
    write("committed", End::Commit)?;
    write("aborted", End::Abort)?;
    java().produce(&topic, "none", &[plain("after")], &[])?;
    write("open", End::Open)?;
    let seen = ours::read(&cluster().bootstrap(), &topic, &[]);
    assert_eq!(seen, ours::from_java(&java().consume(&topic, &[])?));
    let offsets: Vec<i64> = seen.iter().map(|(offset, _)| *offset).collect();
    assert_eq!(offsets, [0, 1, 3, 5, 6]);
    Ok(())
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}
