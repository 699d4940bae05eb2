//! What a link's buffers cost: never what is claimed, and little once large frames have stopped coming.

use std::collections::BTreeSet;

use bytes::{Bytes, BytesMut};
use kafka_engine::{Expect, Link, LinkConfig, LinkEvent, Response, ResponseBody, Transmit};
use kafka_proto::messages::FetchRequest;
use kafka_proto::messages::fetch::{FetchResponse, FetchableTopicResponse, PartitionData};
use kafka_proto::records::{BatchBuilder, Codec};
use kafka_proto::{ApiKey, Records, encode_response};

/// What may be reserved whatever has arrived and whatever is expected.
const SMALL: usize = 16 << 10;

fn transmit(bytes_hint: usize) -> Transmit {
    let expect = Expect { correlation_id: 0, api: ApiKey::Fetch, version: 12, bytes_hint };
    Transmit { expect: vec![expect], ..Transmit::default() }
}

/// A Fetch response with one batch of one record of so many bytes.
fn frame(bytes: usize) -> Bytes {
    let mut batch = BatchBuilder::new(Codec::None);
    batch.push(0, None, Some(&vec![0x7f; bytes]), &[]).unwrap();
    let records = Records::from(batch.build(0).unwrap());
    let partition = PartitionData { records: Some(records), ..PartitionData::default() };
    let topic =
        FetchableTopicResponse { partitions: vec![partition], ..FetchableTopicResponse::default() };
    let response = FetchResponse { responses: vec![topic], ..FetchResponse::default() };
    encode_response::<FetchRequest>(&response, 12, 0).unwrap().chunks.to_bytes()
}

/// Gives bytes to a link as they fit, at most `slice` at a time, and takes its one response at the end.
fn feed(link: &mut Link, mut bytes: &[u8], slice: usize) -> Option<Response> {
    let mut response = None;
    while !bytes.is_empty() {
        let buf = link.read_buf();
        let some = slice.min(buf.capacity() - buf.len()).min(bytes.len());
        assert!(some > 0);
        buf.extend_from_slice(&bytes[..some]);
        bytes = &bytes[some..];
        while let Some(event) = link.poll_event() {
            match event {
                LinkEvent::Response(this) => response = Some(this),
                event => panic!("{event:?}"),
            }
        }
    }
    response
}

#[test]
fn c02_a_claim_costs_no_more_than_what_arrived_or_is_expected() {
    let claim = 900 << 20_i32;
    let check = |hint: usize, most_for: fn(usize) -> usize| {
        let mut link = Link::new(LinkConfig::new(1 << 30));
        link.transmit(transmit(hint));
        let mut arrived = 8;
        let prefix = [(claim as u32).to_be_bytes(), [0; 4]].concat();
        assert!(feed(&mut link, &prefix, 1).is_none());
        while arrived < 40 << 20 {
            let capacity = link.read_buf().capacity();
            assert!(
                capacity <= most_for(arrived),
                "{capacity} for {arrived} with a hint of {hint}"
            );
            // Large reads fill what there is, small ones come to the same.
            let some = (capacity - arrived).min(1 << 20);
            assert!(feed(&mut link, &vec![0; some], some).is_none());
            arrived += some;
        }
    };
    // Sizes are rounded up by a quarter at most.
    check(0, |arrived| (2 * arrived + SMALL) * 5 / 4 + SMALL);
    check(100, |arrived| (2 * arrived + SMALL) * 5 / 4 + SMALL);
    check(4 << 20, |arrived| (arrived + arrived.max(4 << 20)) * 5 / 4 + SMALL);
    check(usize::MAX, |arrived| (arrived + arrived.max(8 << 20)) * 5 / 4 + SMALL);
}

#[test]
fn an_idle_connection_is_small_whatever_it_expects() {
    let mut link = Link::new(LinkConfig::new(1 << 30));
    link.transmit(transmit(50 << 20));
    assert!(link.read_buf().capacity() <= SMALL);
}

#[test]
fn a_frame_is_read_in_place_once_its_length_is_known() {
    let mut link = Link::new(LinkConfig::new(1 << 30));
    let frame = frame(1 << 20);
    link.transmit(transmit(1 << 21));
    feed(&mut link, &frame[..SMALL], SMALL);
    let memory = link.read_buf().as_ptr() as usize;
    let response = feed(&mut link, &frame[SMALL..], SMALL).unwrap();
    assert_eq!(response.frame_bytes, frame.len() - 4);
    let records = records(&response);
    assert!(records.len() > 1 << 20);
    assert!((memory..memory + frame.len()).contains(&(records.as_ptr() as usize)));
}

fn records(response: &Response) -> Bytes {
    let ResponseBody::Fetch(fetched) = &response.body else {
        panic!("{response:?}");
    };
    fetched.response.responses[0].partitions[0].records.clone().unwrap().into_bytes()
}

/// Large frames, of which the application holds a few: their memory goes round, and is let go when they get small.
#[test]
fn buffers_go_round() {
    let mut link = Link::new(LinkConfig::new(1 << 30));
    let mut held = std::collections::VecDeque::new();
    let mut memories = BTreeSet::new();
    for round in 0..100_usize {
        // Sizes vary as they do in life.
        let frame = frame((1 << 20) + round * 7919 % (100 << 10));
        link.transmit(transmit(4 << 20));
        let response = feed(&mut link, &frame, 200_000).unwrap();
        held.push_back(records(&response));
        if held.len() > 2 {
            held.pop_front();
        }
        if round > 20 {
            memories.insert(link.read_buf().as_ptr() as usize);
        }
    }
    // Two that are held, one to read into, and one that its size has not come round to yet.
    assert!(memories.len() <= 4, "{}", memories.len());
    held.clear();
    let large = link.read_buf().capacity();
    assert!(large >= 1 << 20, "{large}");
    for _ in 0..50 {
        link.transmit(transmit(4 << 20));
        feed(&mut link, &frame(100), 200).unwrap();
    }
    let small = link.read_buf().capacity();
    assert!(small <= SMALL, "{small}");
}

#[test]
fn small_frames_share_a_buffer() {
    let mut link = Link::new(LinkConfig::new(1 << 30));
    let mut memories = BTreeSet::new();
    for _ in 0..1000 {
        link.transmit(transmit(4 << 20));
        feed(&mut link, &frame(100), 64).unwrap();
        let buf: &mut BytesMut = link.read_buf();
        memories.insert(buf.as_ptr() as usize / SMALL);
    }
    assert!(memories.len() <= 3, "{}", memories.len());
}
