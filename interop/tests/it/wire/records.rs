//! Produce, Fetch, ListOffsets, InitProducerId.

use bytes::Bytes;
use kafka_proto::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};
use kafka_proto::messages::init_producer_id::InitProducerIdRequest;
use kafka_proto::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use kafka_proto::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use kafka_proto::records::{BatchBuilder, BatchHeader, Codec, crc32c_of};
use kafka_proto::{Records, Uuid};

use super::Scenario;

/// Some time in 2026, so that brokers don't find it too far off.
const TIME: i64 = 1_790_000_000_000;

/// The versions from which on topics have ids.
const PRODUCE_IDS: i16 = 13;
const FETCH_IDS: i16 = 13;

fn builder(codec: Codec, count: usize) -> BatchBuilder {
    let mut builder = BatchBuilder::new(codec);
    for n in 0..count {
        let value = format!("value {n}");
        builder.push(TIME + n as i64, Some(b"key"), Some(value.as_bytes()), &[]).unwrap();
    }
    builder
}

fn plain(count: usize) -> Bytes {
    builder(Codec::None, count).build(0).unwrap()
}

/// A batch with a header changed, and a checksum that fits it.
fn doctored(change: impl FnOnce(&mut BatchHeader)) -> Bytes {
    let batch = plain(3);
    let mut header = BatchHeader::parse(&batch).unwrap();
    change(&mut header);
    let payload = &batch[BatchHeader::LEN..];
    header.crc = crc32c_of([&header.to_bytes()[BatchHeader::CRC_COVERS_FROM..], payload]);
    [&header.to_bytes()[..], payload].concat().into()
}

/// A batch with one byte changed.
fn flipped(at: usize) -> Bytes {
    let mut batch = plain(3).to_vec();
    batch[at] ^= 1;
    batch.into()
}

fn production(
    version: i16,
    (name, id): (&str, Uuid),
    index: i32,
    acks: i16,
    records: Bytes,
) -> ProduceRequest {
    let partition =
        PartitionProduceData { index, records: Some(Records::from(records)), ..Default::default() };
    ProduceRequest {
        acks,
        timeout_ms: 30_000,
        topic_data: vec![TopicProduceData {
            name: if version < PRODUCE_IDS { name.into() } else { Default::default() },
            topic_id: if version < PRODUCE_IDS { Uuid::ZERO } else { id },
            partition_data: vec![partition],
            ..Default::default()
        }],
        ..Default::default()
    }
}

pub(super) fn produce(scenario: &mut Scenario) {
    let ids = ["w-log", "w-compact", "w-small"].map(|name| (name, scenario.topic_id(name)));
    let [log, compact, small] = ids;
    let unknown = ("w-none", Uuid([7; 16]));
    let keyless = || {
        let mut builder = BatchBuilder::new(Codec::None);
        builder.push(TIME, Some(b"key"), Some(b"v"), &[]).unwrap();
        builder.push(TIME, None, Some(b"v"), &[]).unwrap();
        builder.build(0).unwrap()
    };
    let late = || {
        let mut builder = BatchBuilder::new(Codec::None);
        builder.push(i64::MAX / 2, Some(b"key"), Some(b"v"), &[]).unwrap();
        builder.build(0).unwrap()
    };
    for codec in [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4] {
        let records = builder(codec, 3).build(0).unwrap();
        scenario.ask(codec.name(), |v| production(v, log, 0, -1, records.clone()));
    }
    for version in [3, 6] {
        let records = builder(Codec::Zstd, 3).build(0).unwrap();
        scenario.ask_in(version, "zstd too early", &production(version, log, 0, -1, records));
    }
    for (case, topic, index, acks, records) in [
        ("acks 1", log, 0, 1, plain(1)),
        ("acks 0", log, 0, 0, plain(1)),
        ("acks 0 for nobody", log, 9, 0, plain(1)),
        ("acks 2", log, 0, 2, plain(1)),
        ("unknown partition", log, 9, -1, plain(1)),
        ("unknown topic", unknown, 0, -1, plain(1)),
        ("no records", log, 0, -1, Bytes::new()),
        ("less than a header", log, 0, -1, plain(1).slice(..40)),
        ("less than a batch", log, 0, -1, plain(3).slice(..80)),
        ("two batches", log, 0, -1, [plain(1), plain(1)].concat().into()),
        ("garbage behind", log, 0, -1, [plain(1), Bytes::from_static(b"12345")].concat().into()),
        ("flipped payload", log, 0, -1, flipped(70)),
        ("flipped checksum", log, 0, -1, flipped(18)),
        ("magic 3", log, 0, -1, flipped(16)),
        ("base offset", log, 0, -1, doctored(|it| it.base_offset = 42)),
        ("epoch", log, 0, -1, doctored(|it| it.partition_leader_epoch = 42)),
        ("count 0", log, 0, -1, doctored(|it| it.records_count = 0)),
        ("count 2", log, 0, -1, doctored(|it| it.records_count = 2)),
        ("last offset delta", log, 0, -1, doctored(|it| it.last_offset_delta = 7)),
        ("control", log, 0, -1, doctored(|it| it.attributes = it.attributes.with_control(true))),
        ("codec 7", log, 0, -1, doctored(|it| it.attributes.0 |= 7)),
        (
            "transactional",
            log,
            0,
            -1,
            doctored(|it| it.attributes = it.attributes.with_transactional(true)),
        ),
        ("no sequence", log, 0, -1, doctored(|it| it.producer_id = 9)),
        ("too large", small, 0, -1, plain(20)),
        ("too large, packed", small, 0, -1, builder(Codec::Gzip, 60).build(0).unwrap()),
        ("no key", compact, 0, -1, keyless()),
        ("too late", log, 0, -1, late()),
    ] {
        scenario.ask(case, |version| production(version, topic, index, acks, records.clone()));
    }
    scenario.ask("nothing", |_| ProduceRequest { acks: -1, ..Default::default() });
}

pub(super) fn idempotence(scenario: &mut Scenario) {
    let topic = ("w-idempotent", scenario.topic_id("w-idempotent"));
    for (at, (epoch, sequence, count)) in [
        (0, 0, 3),
        (0, 3, 1),
        (0, 3, 1),
        (0, 0, 3),
        (0, 5, 1),
        (0, 0, 2),
        (0, 3, 2),
        (0, 4, 1),
        (0, 5, 1),
        (0, 6, 1),
        (0, 7, 1),
        (0, 8, 1),
        (0, 0, 3),
        (1, 9, 1),
        (1, 0, 1),
        (0, 9, 1),
        (0, 0, 3),
    ]
    .into_iter()
    .enumerate()
    {
        let batch = builder(Codec::None, count).with_producer(4711, epoch, sequence);
        let request = production(9, topic, 0, -1, batch.build(0).unwrap());
        scenario.ask_in(9, &format!("idempotent {at:02}: {epoch} {sequence} {count}"), &request);
    }
    let batch = builder(Codec::None, 3).with_producer(4712, 5, 2_147_483_646);
    let request = production(9, topic, 0, -1, batch.build(0).unwrap());
    scenario.ask_in(9, "idempotent, unknown, near the end", &request);
    let batch = builder(Codec::None, 1).with_producer(4712, 5, 1);
    let request = production(9, topic, 0, -1, batch.build(0).unwrap());
    scenario.ask_in(9, "idempotent, around the end", &request);

    for (case, id, epoch) in [("half", 5, -1), ("other half", -1, 5)] {
        let request = InitProducerIdRequest {
            producer_id: id,
            producer_epoch: epoch,
            transaction_timeout_ms: 1000,
            ..Default::default()
        };
        scenario.ask(case, |_| request.clone());
    }
    let empty = InitProducerIdRequest {
        transactional_id: Some("".into()),
        transaction_timeout_ms: 1000,
        ..Default::default()
    };
    scenario.ask("empty id", |_| empty.clone());
}

/// Waits for nothing, and for a byte only.
fn fetching(version: i16, (name, id): (&str, Uuid), wanted: FetchPartition) -> FetchRequest {
    FetchRequest {
        max_wait_ms: 10,
        min_bytes: 1,
        max_bytes: 1 << 20,
        session_epoch: -1,
        topics: vec![FetchTopic {
            topic: if version < FETCH_IDS { name.into() } else { Default::default() },
            topic_id: if version < FETCH_IDS { Uuid::ZERO } else { id },
            partitions: vec![wanted],
            ..Default::default()
        }],
        ..Default::default()
    }
}

pub(super) fn fetch(scenario: &mut Scenario) {
    let log = ("w-log", scenario.topic_id("w-log"));
    let unknown = ("w-none", Uuid([7; 16]));
    let at = |fetch_offset| FetchPartition {
        fetch_offset,
        partition_max_bytes: 1 << 20,
        ..Default::default()
    };
    let end = 9_999;
    for (case, topic, wanted) in [
        ("from the start", log, FetchPartition { partition_max_bytes: 300, ..at(0) }),
        ("inside a batch", log, FetchPartition { partition_max_bytes: 300, ..at(1) }),
        ("one byte", log, FetchPartition { partition_max_bytes: 1, ..at(0) }),
        ("no byte", log, FetchPartition { partition_max_bytes: 0, ..at(0) }),
        ("beyond the end", log, at(end)),
        ("before the start", log, at(-1)),
        ("unknown partition", log, FetchPartition { partition: 9, ..at(0) }),
        ("unknown topic", unknown, at(0)),
    ] {
        scenario.ask(case, |version| fetching(version, topic, wanted.clone()));
    }
    for version in 9..=18 {
        let wanted = FetchPartition { current_leader_epoch: 7, ..at(0) };
        scenario.ask_in(version, "newer epoch", &fetching(version, log, wanted));
    }
    for version in 12..=18 {
        let wanted = FetchPartition { last_fetched_epoch: 7, ..at(0) };
        scenario.ask_in(version, "newer epoch fetched", &fetching(version, log, wanted));
    }
    for version in 7..=18 {
        let wanted = FetchPartition { partition_max_bytes: 1, ..at(0) };
        let unknown =
            FetchRequest { session_id: 77, session_epoch: 5, ..fetching(version, log, wanted) };
        scenario.ask_in(version, "unknown session", &unknown);
    }
    scenario.ask("committed", |version| FetchRequest {
        isolation_level: 1,
        ..fetching(version, log, FetchPartition { partition_max_bytes: 1, ..at(0) })
    });
    scenario.ask("nothing", |_| FetchRequest {
        max_wait_ms: 10,
        session_epoch: -1,
        ..Default::default()
    });
}

pub(super) fn offsets(scenario: &mut Scenario) {
    let request = |name: &str, partition: ListOffsetsPartition| ListOffsetsRequest {
        replica_id: -1,
        topics: vec![ListOffsetsTopic {
            name: name.into(),
            partitions: vec![partition],
            ..Default::default()
        }],
        ..Default::default()
    };
    let at = |timestamp| ListOffsetsPartition { timestamp, ..Default::default() };
    for topic in ["w-log", "w-t"] {
        for time in [-1, -2, -3, -4, -5, -6, -7, 0, TIME, TIME + 1, TIME + 2, TIME + 3] {
            scenario.ask(&format!("{topic} at {time}"), |_| request(topic, at(time)));
        }
    }
    scenario.ask("unknown topic", |_| request("w-none", at(-1)));
    let elsewhere = ListOffsetsPartition { partition_index: 9, ..at(-1) };
    scenario.ask("unknown partition", |_| request("w-log", elsewhere.clone()));
    for version in 4..=11 {
        let newer = ListOffsetsPartition { current_leader_epoch: 7, ..at(-1) };
        scenario.ask_in(version, "newer epoch", &request("w-log", newer));
    }
    let mut twice = request("w-log", at(-1));
    twice.topics[0].partitions.push(at(-2));
    scenario.ask("twice", |_| twice.clone());
}
