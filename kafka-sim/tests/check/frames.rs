//! What a history takes out of whole frames, and what it makes of garbage.

use bytes::Bytes;
use kafka_proto::header::{encode_request, encode_response};
use kafka_proto::messages::fetch::{
    FetchPartition, FetchRequest, FetchResponse, FetchTopic, FetchableTopicResponse, PartitionData,
};
use kafka_proto::messages::produce::{
    PartitionProduceData, PartitionProduceResponse, ProduceRequest, ProduceResponse,
    TopicProduceData, TopicProduceResponse,
};
use kafka_proto::records::{BatchBuilder, Codec};
use kafka_proto::{Records, Request, Str};
use kafka_sim::check::{
    Event, FinalLog, History, Invariant, ProducerRef, RecordId, Settings, Wire, check_all, payload,
};
use kafka_sim::{ConnId, Time, Truth};

use crate::story::{CLIENT, ID};

const CONN: ConnId = ConnId(1);

fn frame<R: Request>(body: &R, version: i16, correlation_id: i32) -> Bytes {
    let encoded = encode_request(body, version, correlation_id, Some("app")).unwrap();
    encoded.chunks.to_bytes().slice(4..)
}

fn answer<R: Request>(body: &R::Response, version: i16, correlation_id: i32) -> Bytes {
    encode_response::<R>(body, version, correlation_id).unwrap().chunks.to_bytes().slice(4..)
}

fn batch(sequence: i32, codec: Codec) -> Bytes {
    let mut builder = BatchBuilder::new(codec).with_producer(7, 1, sequence);
    for index in 0..3 {
        let value = payload::encode(RecordId(40 + u64::from(index)), ProducerRef(2), index, 50);
        builder.push(0, None, Some(&value), &[]).unwrap();
    }
    builder.build(0).unwrap()
}

fn produce(records: Bytes) -> ProduceRequest {
    let partition = PartitionProduceData {
        index: 2,
        records: Some(Records::from(records)),
        ..Default::default()
    };
    let topic =
        TopicProduceData { topic_id: ID, partition_data: vec![partition], ..Default::default() };
    ProduceRequest { acks: -1, topic_data: vec![topic], ..Default::default() }
}

fn wires(history: &History) -> Vec<Wire> {
    let wire = |event: &(Time, Event)| match event.1 {
        Event::Wire { wire, .. } => Some(wire),
        _ => None,
    };
    history.events().iter().filter_map(wire).collect()
}

#[test]
fn produce_frames() {
    let mut history = History::new();
    let named = Truth::TopicCreated { topic: ID, name: Str::from("t"), partitions: 3 };
    for (id, codec) in [(1, Codec::None), (2, Codec::Gzip)] {
        let sent = frame(&produce(batch(5, codec)), 13, id);
        history.bytes_out(Time::ZERO, CLIENT, CONN, 1, &sent);
    }
    let partition = PartitionProduceResponse { index: 2, error_code: 6, ..Default::default() };
    let topic = TopicProduceResponse {
        topic_id: ID,
        partition_responses: vec![partition],
        ..Default::default()
    };
    let response =
        ProduceResponse { responses: vec![topic], throttle_time_ms: 9, ..Default::default() };
    history.bytes_in(Time::ZERO, CLIENT, CONN, 1, &answer::<ProduceRequest>(&response, 13, 1));
    // The id is known before it is known whose it is.
    history.truth(Time::ZERO, &named);

    let incarnation = history.incarnation(ID);
    let wires = wires(&history);
    let batches: Vec<_> = wires.iter().filter(|wire| matches!(wire, Wire::Batch { .. })).collect();
    for (wire, id) in batches.iter().zip([1, 2]) {
        let Wire::Batch {
            correlation_id,
            partition,
            producer_id,
            epoch,
            sequence,
            records,
            first,
            ..
        } = **wire
        else {
            unreachable!()
        };
        assert_eq!((correlation_id, partition.topic, partition.partition), (id, incarnation, 2));
        assert_eq!(
            (producer_id, epoch, sequence, records, first),
            (7, 1, 5, 3, Some(RecordId(40)))
        );
    }
    assert_eq!(batches.len(), 2);
    assert!(wires.iter().any(|wire| matches!(wire, Wire::Response { throttle_ms: 9, .. })));
    assert!(wires.contains(&Wire::Error { api: 0, code: 6 }));
    assert!(
        wires.iter().any(|wire| matches!(wire, Wire::Produced { correlation_id: 1, error: 6, .. }))
    );
    // The same sequence with other bytes is seen through all of that; the first of them begins at 5.
    let violations = check_all(&history, &Settings::default(), &[]).violations;
    assert_eq!(violations.len(), 2, "{violations:?}");
    assert!(violations.iter().all(|of| of.invariant == Invariant::SequenceDiscipline));
    assert!(violations[0].what.contains("t-2"), "{violations:?}");
}

#[test]
fn fetch_frames() {
    let mut history = History::new();
    let partition = FetchPartition {
        partition: 1,
        fetch_offset: 4,
        current_leader_epoch: 3,
        ..Default::default()
    };
    let topic =
        FetchTopic { topic: Str::from("t"), partitions: vec![partition], ..Default::default() };
    let request = FetchRequest {
        max_wait_ms: 500,
        min_bytes: 1,
        session_id: 5,
        session_epoch: 2,
        topics: vec![topic],
        ..Default::default()
    };
    history.bytes_out(Time::ZERO, CLIENT, CONN, 1, &frame(&request, 12, 1));
    // One batch that is whole, and one that was cut off.
    let cut = [batch(0, Codec::None), batch(3, Codec::None).slice(..80)].concat();
    let data = PartitionData {
        partition_index: 1,
        high_watermark: 9,
        records: Some(Records::from(Bytes::from(cut))),
        ..Default::default()
    };
    let topic = FetchableTopicResponse {
        topic: Str::from("t"),
        partitions: vec![data],
        ..Default::default()
    };
    let response = FetchResponse { session_id: 5, responses: vec![topic], ..Default::default() };
    history.bytes_in(Time::ZERO, CLIENT, CONN, 1, &answer::<FetchRequest>(&response, 12, 1));

    let partition = history.partition("t", 1);
    let wires = wires(&history);
    let (correlation_id, session_id) = (1, 5);
    let (session_epoch, max_wait_ms, min_bytes) = (2, 500, 1);
    assert!(wires.contains(&Wire::Fetch {
        correlation_id,
        session_id,
        session_epoch,
        max_wait_ms,
        min_bytes
    }));
    assert!(wires.contains(&Wire::FetchPartition {
        correlation_id,
        partition,
        offset: 4,
        leader_epoch: 3
    }));
    assert!(wires.contains(&Wire::Fetched { correlation_id, session_id, error: 0 }));
    let fetched: Vec<_> =
        wires.iter().filter(|wire| matches!(wire, Wire::FetchedBatch { .. })).collect();
    assert!(
        matches!(fetched[..], [Wire::FetchedBatch { base_offset: 0, last_offset: 2, .. }]),
        "{fetched:?}"
    );
}

#[test]
fn garbage_is_an_event() {
    let sent = frame(&produce(batch(0, Codec::None)), 13, 1);
    let received = answer::<ProduceRequest>(&ProduceResponse::default(), 13, 1);
    let undecodable = |history: &History| {
        wires(history).iter().filter(|wire| matches!(wire, Wire::Undecodable { .. })).count()
    };
    for len in 0..sent.len() {
        let mut history = History::new();
        history.bytes_out(Time::ZERO, CLIENT, CONN, 1, &sent.slice(..len));
        assert_eq!(undecodable(&history), 1, "cut at {len}");
    }
    // Every byte of a request, and of its answer, may be another.
    for at in 0..sent.len() + received.len() {
        let mut history = History::new();
        let mut bytes = [sent.clone(), received.clone()].concat();
        bytes[at] ^= 0x55;
        let bytes = Bytes::from(bytes);
        history.bytes_out(Time::ZERO, CLIENT, CONN, 1, &bytes.slice(..sent.len()));
        history.bytes_in(Time::ZERO, CLIENT, CONN, 1, &bytes.slice(sent.len()..));
        let report = check_all(&history, &Settings::default(), &[] as &[FinalLog]);
        assert_eq!(report.summary.undecodable, undecodable(&history) as u64);
    }
    // A flipped bit in the records is not mistaken for other data.
    let mut flipped = sent.to_vec();
    let last = flipped.len() - 10;
    flipped[last] ^= 1;
    let mut history = History::new();
    history.bytes_out(Time::ZERO, CLIENT, CONN, 1, &sent);
    history.bytes_out(Time::ZERO, CLIENT, CONN, 1, &Bytes::from(flipped));
    assert_eq!(undecodable(&history), 1);
    // An answer that nobody waits for.
    history.bytes_in(Time::ZERO, CLIENT, ConnId(2), 1, &received);
    assert_eq!(undecodable(&history), 2);
}
