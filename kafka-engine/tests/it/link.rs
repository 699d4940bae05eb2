//! A link gives the same events however its bytes are cut, and ends at the first fault.

use bytes::{Buf, Bytes};
use kafka_engine::{
    CloseCause, Expect, Link, LinkConfig, LinkEvent, Response, ResponseBody, Span, Transmit,
};
use kafka_proto::messages::api_versions::{ApiVersion, ApiVersionsRequest, ApiVersionsResponse};
use kafka_proto::messages::fetch::{
    FetchRequest, FetchResponse, FetchableTopicResponse, PartitionData,
};
use kafka_proto::messages::metadata::{MetadataRequest, MetadataResponse, MetadataResponseBroker};
use kafka_proto::messages::{
    CreateTopicsRequest, CreateTopicsResponse, DeleteTopicsRequest, DeleteTopicsResponse,
    InitProducerIdRequest, InitProducerIdResponse, ListOffsetsRequest, ListOffsetsResponse,
    ProduceRequest, ProduceResponse,
};
use kafka_proto::records::{BatchBuilder, BatchHeader, Batches, Codec};
use kafka_proto::{ApiKey, Chunks, Records, Request, encode_response};
use proptest::collection::vec;
use proptest::prelude::*;

const FRAME_MAX: usize = 100 << 20;

fn expect(correlation_id: i32, api: ApiKey, version: i16) -> Expect {
    Expect { correlation_id, api, version, bytes_hint: 1 << 20 }
}

fn link(expect: impl IntoIterator<Item = Expect>) -> Link {
    let mut link = Link::new(LinkConfig::new(FRAME_MAX));
    link.transmit(Transmit { expect: expect.into_iter().collect(), ..Transmit::default() });
    link
}

/// Gives bytes to a link as a socket would, and takes its events.
fn feed(link: &mut Link, mut bytes: &[u8]) -> Vec<LinkEvent> {
    let mut events = Vec::new();
    while !bytes.is_empty() {
        let buf = link.read_buf();
        let room = buf.capacity() - buf.len();
        assert!(room > 0, "a read of no bytes would look like the end of the stream");
        let (now, later) = bytes.split_at(room.min(bytes.len()));
        buf.extend_from_slice(now);
        bytes = later;
        events.extend(std::iter::from_fn(|| link.poll_event()));
    }
    events
}

fn frame<R: Request>(body: &R::Response, version: i16, correlation_id: i32) -> Vec<u8> {
    encode_response::<R>(body, version, correlation_id).unwrap().chunks.to_bytes().to_vec()
}

fn batch(base_offset: i64, records: usize) -> Bytes {
    let mut builder = BatchBuilder::new(Codec::None);
    for _ in 0..records {
        builder.push(1_700_000_000_000, Some(b"key"), Some(b"value"), &[]).unwrap();
    }
    builder.build(base_offset).unwrap()
}

fn fetch_response(records: &[Bytes]) -> FetchResponse {
    let partitions = records.iter().map(|records| PartitionData {
        records: Some(Records::from(records.clone())),
        ..PartitionData::default()
    });
    let topic = FetchableTopicResponse {
        topic: "topic".into(),
        partitions: partitions.collect(),
        ..FetchableTopicResponse::default()
    };
    FetchResponse { responses: vec![topic], ..FetchResponse::default() }
}

/// One response of each API, and what they answer.
fn conversation() -> (Vec<Expect>, Vec<u8>) {
    let mut expected = Vec::new();
    let mut stream = Vec::new();
    let mut say = |api, version, frame: Vec<u8>| {
        expected.push(expect(expected.len() as i32, api, version));
        stream.extend(frame);
    };
    let versions = ApiVersionsResponse {
        api_keys: vec![ApiVersion { api_key: 18, max_version: 4, ..ApiVersion::default() }],
        ..ApiVersionsResponse::default()
    };
    let too_new = ApiVersionsResponse { error_code: 35, ..versions.clone() };
    let broker = MetadataResponseBroker {
        host: "host".into(),
        port: 9092,
        ..MetadataResponseBroker::default()
    };
    let metadata = MetadataResponse { brokers: vec![broker], ..MetadataResponse::default() };
    let cut = [batch(5, 2), batch(7, 1), batch(8, 3).slice(..70)].concat();
    let fetch = fetch_response(&[Bytes::new(), cut.into(), batch(0, 1)]);
    say(ApiKey::ApiVersions, 4, frame::<ApiVersionsRequest>(&too_new, 0, 0));
    say(ApiKey::ApiVersions, 3, frame::<ApiVersionsRequest>(&versions, 3, 1));
    say(ApiKey::Metadata, 12, frame::<MetadataRequest>(&metadata, 12, 2));
    say(ApiKey::Metadata, 1, frame::<MetadataRequest>(&metadata, 1, 3));
    say(ApiKey::Produce, 9, frame::<ProduceRequest>(&ProduceResponse::default(), 9, 4));
    say(ApiKey::Fetch, 12, frame::<FetchRequest>(&fetch, 12, 5));
    say(ApiKey::Fetch, 4, frame::<FetchRequest>(&fetch, 4, 6));
    say(ApiKey::ListOffsets, 6, frame::<ListOffsetsRequest>(&ListOffsetsResponse::default(), 6, 7));
    say(
        ApiKey::InitProducerId,
        4,
        frame::<InitProducerIdRequest>(&InitProducerIdResponse::default(), 4, 8),
    );
    say(
        ApiKey::CreateTopics,
        5,
        frame::<CreateTopicsRequest>(&CreateTopicsResponse::default(), 5, 9),
    );
    say(
        ApiKey::DeleteTopics,
        4,
        frame::<DeleteTopicsRequest>(&DeleteTopicsResponse::default(), 4, 10),
    );
    (expected, stream)
}

fn debug(events: &[LinkEvent]) -> Vec<String> {
    events.iter().map(|event| format!("{event:?}")).collect()
}

fn failure(events: &[LinkEvent]) -> String {
    match events {
        [.., LinkEvent::Failed(cause @ CloseCause::Misbehaved(_))] => cause.to_string(),
        events => panic!("{events:?}"),
    }
}

fn only_response(mut events: Vec<LinkEvent>) -> Response {
    match (events.pop(), events.is_empty()) {
        (Some(LinkEvent::Response(response)), true) => response,
        (event, _) => panic!("{event:?} after {events:?}"),
    }
}

#[test]
fn a_conversation_however_it_is_cut() {
    let (expected, stream) = conversation();
    let events = feed(&mut link(expected.clone()), &stream);
    assert_eq!(events.len(), expected.len());
    for (event, expect) in events.iter().zip(&expected) {
        assert!(
            matches!(event, LinkEvent::Response(response) if response.correlation_id == expect.correlation_id)
        );
    }
    let whole = debug(&events);
    for cut in 0..stream.len() {
        let mut link = link(expected.clone());
        let mut events = feed(&mut link, &stream[..cut]);
        events.extend(feed(&mut link, &stream[cut..]));
        assert_eq!(debug(&events), whole, "cut at {cut}");
    }
    for size in 1..50 {
        let mut link = link(expected.clone());
        let events: Vec<_> = stream.chunks(size).flat_map(|slice| feed(&mut link, slice)).collect();
        assert_eq!(debug(&events), whole, "in slices of {size}");
        assert_eq!(link.handle_eof(), CloseCause::Eof { clean: true });
    }
}

#[test]
fn the_end_of_the_stream_is_clean_between_frames_only() {
    let (expected, stream) = conversation();
    let boundaries: Vec<usize> = (0..=stream.len())
        .filter(|&cut| {
            let mut link = link(expected.clone());
            feed(&mut link, &stream[..cut]);
            link.handle_eof() == CloseCause::Eof { clean: true }
        })
        .collect();
    assert_eq!(boundaries.len(), expected.len() + 1);
}

#[test]
fn an_api_versions_answer_of_version_0_to_a_newer_request() {
    let (expected, stream) = conversation();
    let events = feed(&mut link(expected), &stream);
    let LinkEvent::Response(Response { body: ResponseBody::ApiVersions(body), .. }) = &events[0]
    else {
        panic!("{:?}", events[0]);
    };
    assert_eq!((body.error_code, body.api_keys.len()), (35, 1));
}

#[test]
fn bytes_behind_the_body_are_ignored() {
    let mut bytes = frame::<MetadataRequest>(&MetadataResponse::default(), 1, 9);
    bytes.extend([1, 2, 3]);
    let length = i32::try_from(bytes.len() - 4).unwrap();
    bytes[..4].copy_from_slice(&length.to_be_bytes());
    let response = only_response(feed(&mut link([expect(9, ApiKey::Metadata, 1)]), &bytes));
    assert_eq!((response.correlation_id, response.frame_bytes), (9, bytes.len() - 4));
}

#[test]
fn c01_c03_lengths_that_can_not_be_one() {
    let check = |prefix: [u8; 4], words: &str| {
        let events = feed(&mut link([expect(0, ApiKey::Metadata, 1)]), &prefix);
        assert!(failure(&events).contains(words), "{events:?}");
    };
    check([0xff; 4], "-1 bytes: a negative length");
    check([0x80, 0, 0, 0], "a negative length");
    for short in 0..4 {
        check([0, 0, 0, short], "too short");
    }
    check([0x7f, 0xff, 0xff, 0xff], "2147483647 bytes, where at most 104857600 are taken");
    check([0x06, 0x40, 0, 1], "104857601 bytes");
    check([0x15, 3, 1, 0], "speaks TLS");
    check([0x15, 3, 3, 0], "speaks TLS");
    check([0x16, 3, 3, 2], "speaks TLS");
    check(*b"HTTP", "speaks HTTP");
}

#[test]
fn the_limit_can_be_moved() {
    let bytes = frame::<MetadataRequest>(&MetadataResponse::default(), 1, 0);
    for (limit, taken) in [(bytes.len() - 4, true), (bytes.len() - 5, false)] {
        let mut link = link([expect(0, ApiKey::Metadata, 1)]);
        link.limit(limit);
        let events = feed(&mut link, &bytes);
        assert_eq!(matches!(events[..], [LinkEvent::Response(_)]), taken, "{events:?}");
    }
}

#[test]
fn c04_responses_that_nobody_asked_for() {
    let bytes = frame::<MetadataRequest>(&MetadataResponse::default(), 1, 7);
    // The correlation id is enough: the rest of the frame is not waited for.
    for expected in [
        vec![],
        vec![expect(6, ApiKey::Metadata, 1)],
        vec![expect(8, ApiKey::Metadata, 1), expect(7, ApiKey::Metadata, 1)],
    ] {
        let mut link = link(expected);
        assert!(feed(&mut link, &bytes[..7]).is_empty());
        let events = feed(&mut link, &bytes[7..8]);
        assert!(failure(&events).contains("a response to request 7"), "{events:?}");
    }
}

#[test]
fn nothing_comes_after_a_failure_or_a_close() {
    let (expected, stream) = conversation();
    let mut link = link(expected.clone());
    feed(&mut link, &[0xff; 4]);
    assert!(feed(&mut link, &stream).is_empty());
    let mut link = self::link(expected);
    link.transmit(Transmit { chunks: Bytes::from_static(b"x").into(), ..Transmit::default() });
    link.close();
    assert!(link.poll_write().is_none());
    assert!(feed(&mut link, &stream).is_empty());
}

#[test]
fn a_body_that_is_cut_short_fails() {
    let (expected, stream) = conversation();
    let mut at = 0;
    for expect in expected {
        let length = i32::from_be_bytes(stream[at..at + 4].try_into().unwrap()) as usize;
        // A frame that ends where the body does not.
        let mut frame = stream[at..at + 4 + length - 1].to_vec();
        frame[..4].copy_from_slice(&(length as u32 - 1).to_be_bytes());
        let events = feed(&mut link([expect]), &frame);
        assert!(failure(&events).contains("can't be decoded"), "{events:?}");
        at += 4 + length;
    }
}

fn fetched(records: &Bytes) -> (Span, Bytes) {
    let bytes = frame::<FetchRequest>(&fetch_response(std::slice::from_ref(records)), 12, 0);
    let response = only_response(feed(&mut link([expect(0, ApiKey::Fetch, 12)]), &bytes));
    let ResponseBody::Fetch(mut fetched) = response.body else {
        panic!("{response:?}");
    };
    let kept = fetched.response.responses[0].partitions[0].records.take().unwrap().into_bytes();
    (fetched.spans.remove(0), kept)
}

#[test]
fn a_partial_tail_is_cut_off_wherever_it_is() {
    let (first, second) = (batch(10, 3), batch(20, 2));
    let all: Bytes = [first.clone(), second.clone()].concat().into();
    for cut in 0..=all.len() {
        let (expected, whole) = match cut {
            0 => (Span::Empty { partial: false }, 0),
            _ if cut < first.len() => (Span::Empty { partial: true }, 0),
            _ if cut < all.len() => (Span::Batches { next_offset: 13 }, first.len()),
            _ => (Span::Batches { next_offset: 22 }, all.len()),
        };
        assert_eq!(fetched(&all.slice(..cut)), (expected, all.slice(..whole)), "cut at {cut}");
    }
}

#[test]
fn what_precedes_a_broken_header_is_kept() {
    let check = |at: usize, bytes: &[u8], reason: &str| {
        let sound = batch(10, 3);
        let mut broken = batch(13, 2).to_vec();
        broken[at..at + bytes.len()].copy_from_slice(bytes);
        let both: Bytes = [&sound[..], &broken].concat().into();
        for (records, next_offset, kept) in
            [(broken.into(), None, Bytes::new()), (both, Some(13), sound)]
        {
            let (Span::Broken { next_offset: next, reason: why }, left) = fetched(&records) else {
                panic!("{:?}", fetched(&records));
            };
            assert_eq!((next, left), (next_offset, kept));
            assert!(why.contains(reason), "{why}");
        }
    };
    check(0, &(-1_i64).to_be_bytes(), "negative base offset");
    check(0, &i64::MAX.to_be_bytes(), "overflows");
    check(8, &(-1_i32).to_be_bytes(), "batch length");
    check(8, &48_i32.to_be_bytes(), "batch length");
    check(16, &[0], "before 0.11");
    check(16, &[1], "before 0.11");
    check(16, &[3], "unknown message format");
    check(23, &(-1_i32).to_be_bytes(), "last offset delta");
    check(57, &(-1_i32).to_be_bytes(), "record count");
}

#[test]
fn offsets_that_go_back_do_not_move_the_position_back() {
    let records = [batch(10, 3), batch(5, 2)].concat().into();
    assert_eq!(fetched(&records).0, Span::Batches { next_offset: 13 });
}

#[test]
fn records_are_slices_of_the_frame() {
    let bytes = frame::<FetchRequest>(&fetch_response(&[batch(0, 50), batch(9, 1)]), 12, 0);
    let mut link = link([expect(0, ApiKey::Fetch, 12)]);
    link.read_buf().reserve(bytes.len());
    let memory =
        link.read_buf().as_ptr_range().start..link.read_buf().as_ptr().wrapping_add(bytes.len());
    let response = only_response(feed(&mut link, &bytes));
    let ResponseBody::Fetch(fetched) = response.body else {
        panic!("{response:?}");
    };
    for partition in &fetched.response.responses[0].partitions {
        let records = partition.records.clone().unwrap().into_bytes();
        assert!(memory.contains(&records.as_ptr()) && !records.is_empty());
    }
}

/// Cuts a batch into header and body pieces, the header without its checksum.
fn pieces(batch: &Bytes, cut: usize) -> [Bytes; 3] {
    let mut header = batch[..BatchHeader::LEN].to_vec();
    header[BatchHeader::CRC_AT..BatchHeader::CRC_COVERS_FROM].fill(0);
    let body = batch.slice(BatchHeader::LEN..);
    [header.into(), body.slice(..cut.min(body.len())), body.slice(cut.min(body.len())..)]
}

#[test]
fn every_batch_gets_its_checksum() {
    for cut in [0, 1, 40, 1000] {
        for shared in [false, true] {
            let batches = [batch(0, 3), batch(0, 1), batch(0, 20)];
            let mut chunks = Chunks::from(Bytes::from_static(b"request"));
            let mut batches_at = Vec::new();
            let mut others = Vec::new();
            for batch in &batches {
                batches_at.push(chunks.iter().count());
                let pieces = pieces(batch, cut);
                others.extend(shared.then(|| pieces[0].clone()));
                pieces.into_iter().for_each(|piece| chunks.push(piece));
                chunks.push(Bytes::from_static(b"between"));
            }
            let mut link = Link::new(LinkConfig::new(FRAME_MAX));
            link.transmit(Transmit { chunks, batches_at, expect: Vec::new() });
            let mut wire = link.poll_write().unwrap().to_bytes();
            assert_eq!(wire.split_to(7), "request");
            for batch in &batches {
                let sent = wire.split_to(batch.len());
                assert_eq!(sent, batch);
                Batches::new(sent).next().unwrap().unwrap().verify_crc().unwrap();
                assert_eq!(wire.split_to(7), "between");
            }
            assert!(wire.is_empty());
            assert!(
                others.iter().all(|header| header[17..21] == [0; 4]),
                "what others hold is not written to"
            );
        }
    }
}

#[test]
fn writing_goes_on_where_it_stopped_and_transmits_queue_up() {
    let mut link = Link::new(LinkConfig::new(FRAME_MAX));
    assert!(link.poll_write().is_none());
    for text in ["first", "second"] {
        link.transmit(Transmit {
            chunks: Bytes::from_static(text.as_bytes()).into(),
            ..Transmit::default()
        });
    }
    let mut written = Vec::new();
    while let Some(chunks) = link.poll_write() {
        let some = chunks.chunk().len().min(2);
        written.extend_from_slice(&chunks.chunk()[..some]);
        chunks.advance(some);
    }
    assert_eq!(written, b"firstsecond");
}

proptest! {
    /// Whatever a peer sends, the link gives responses up to a failure, and never panics.
    #[test]
    fn garbage(garbage in vec(vec(any::<u8>(), 0..60), 0..6), flips in vec((any::<usize>(), any::<u8>()), 0..4)) {
        let (expected, mut stream) = conversation();
        for (at, byte) in flips {
            let at = at % stream.len();
            stream[at] = byte;
        }
        let mut link = link(expected.clone());
        let events = feed(&mut link, &stream);
        let failed = events.iter().position(|event| matches!(event, LinkEvent::Failed(_)));
        prop_assert!(failed.is_none_or(|at| at + 1 == events.len()));
        prop_assert!(events.len() <= expected.len() + 1);
        // Well-framed garbage for every API.
        for expect in expected {
            let mut link = self::link([expect]);
            for body in &garbage {
                let mut frame = (body.len() as i32 + 4).to_be_bytes().to_vec();
                frame.extend(expect.correlation_id.to_be_bytes());
                frame.extend(body);
                feed(&mut link, &frame);
            }
        }
    }
}
