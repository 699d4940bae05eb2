//! The broker over a socket, spoken to by hand.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use kafka_peers::broker::{self, Counts};
use kafka_peers::settings::Settings;

const PRODUCE: i16 = 0;
const FETCH: i16 = 1;
const API_VERSIONS: i16 = 18;

/// A connection to a broker of its own: two partitions, batches of three records of four bytes.
struct Session {
    stream: TcpStream,
    counts: Arc<Counts>,
}

impl Session {
    fn new() -> Self {
        let settings = Settings {
            partitions: 2,
            value_bytes: 4,
            canned_records: 3,
            ..Settings::default()
        };
        let (address, counts) = broker::start(&settings).expect("a free port");
        Self {
            stream: TcpStream::connect(address).expect("the broker listens"),
            counts,
        }
    }

    /// Sends a request with header version 2 and gives back what follows the response's header of `header` bytes.
    fn ask(&mut self, key: i16, version: i16, header: usize, body: &[&[u8]]) -> Vec<u8> {
        let mut request = vec![0; 4];
        request.extend(key.to_be_bytes());
        request.extend(version.to_be_bytes());
        request.extend(7_i32.to_be_bytes());
        request.extend((-1_i16).to_be_bytes());
        request.push(0);
        request.extend(body.concat());
        let len = request.len() as i32 - 4;
        request[..4].copy_from_slice(&len.to_be_bytes());
        self.stream.write_all(&request).expect("the broker reads");
        let mut size = [0; 4];
        self.stream
            .read_exact(&mut size)
            .expect("the broker answers");
        let mut response = vec![0; u32::from_be_bytes(size) as usize];
        self.stream
            .read_exact(&mut response)
            .expect("it answers in full");
        assert_eq!(response[..4], 7_i32.to_be_bytes());
        response.split_off(header)
    }

    /// Fetches version 12 of one topic: offset and limit of each partition asked, and the limit of all. Gives back
    /// the error and the records of each partition.
    fn fetch(&mut self, asked: &[(i32, i64, i32)], max_bytes: i32) -> Vec<(i16, Vec<u8>)> {
        let mut body = [0_i32; 3]
            .iter()
            .flat_map(|v| v.to_be_bytes())
            .collect::<Vec<_>>();
        body.extend(max_bytes.to_be_bytes());
        body.extend([0; 9]);
        body.extend([2, 2, b't', asked.len() as u8 + 1]);
        for (partition, offset, limit) in asked {
            body.extend(partition.to_be_bytes());
            body.extend([0; 4]);
            body.extend(offset.to_be_bytes());
            body.extend([0; 12]);
            body.extend(limit.to_be_bytes());
            body.push(0);
        }
        body.extend([0, 1, 1, 0]);
        let response = self.ask(FETCH, 12, 5, &[&body]);
        let (head, mut rest) = response.split_at(4 + 2 + 4 + 4);
        assert_eq!(
            head,
            [
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                2,
                2,
                b't',
                asked.len() as u8 + 1
            ]
        );
        let mut partitions = Vec::new();
        for (partition, ..) in asked {
            let (fixed, more) = rest.split_at(4 + 2 + 3 * 8 + 1 + 4);
            assert_eq!(fixed[..4], partition.to_be_bytes());
            let (len, more) = compact_len(more);
            let (records, more) = more.split_at(len);
            partitions.push((i16::from_be_bytes([fixed[4], fixed[5]]), records.to_vec()));
            rest = &more[1..];
        }
        assert_eq!(rest, [0, 0]);
        partitions
    }
}

/// The length in front of compact bytes of less than 16 KiB, and what follows it.
fn compact_len(bytes: &[u8]) -> (usize, &[u8]) {
    let (low, more) = bytes.split_first().expect("a length");
    let (high, more) = if *low < 0x80 {
        (&0, more)
    } else {
        more.split_first().expect("its second byte")
    };
    (
        usize::from(*low & 0x7f) + (usize::from(*high) << 7) - 1,
        more,
    )
}

/// The base offsets of the batches, every one of which must be whole and right.
fn base_offsets(mut records: &[u8]) -> Vec<i64> {
    let mut offsets = Vec::new();
    while let Some((base, rest)) = records.split_first_chunk() {
        let (len, rest) = rest.split_first_chunk().expect("a length");
        let (batch, rest) = rest.split_at(i32::from_be_bytes(*len) as usize);
        assert_eq!(batch[4], 2, "the format");
        assert_eq!(batch[5..9], crc32c::crc32c(&batch[9..]).to_be_bytes());
        offsets.push(i64::from_be_bytes(*base));
        records = rest;
    }
    offsets
}

#[test]
fn fetches_are_filled_from_the_offset_asked_for() {
    let mut session = Session::new();
    let one = session.fetch(&[(0, 0, 1)], 1 << 20).remove(0).1.len() as i32;
    for (asked, max_bytes, wanted) in [
        (vec![(0, 0, 3 * one)], i32::MAX, vec![(0, vec![0, 3, 6])]),
        (vec![(1, 7, 2 * one + 1)], i32::MAX, vec![(0, vec![6, 9])]),
        (
            vec![(0, 3, one), (1, 300, one)],
            i32::MAX,
            vec![(0, vec![3]), (0, vec![300])],
        ),
        // The request's limit comes first, and the first batch comes whatever the limits.
        (
            vec![(0, 0, 2 * one), (1, 0, 2 * one)],
            3 * one,
            vec![(0, vec![0, 3]), (0, vec![0])],
        ),
        (
            vec![(0, 0, 1), (1, 0, one)],
            2,
            vec![(0, vec![0]), (0, vec![])],
        ),
        (
            vec![(2, 0, one), (0, -1, one), (1, 0, one)],
            i32::MAX,
            vec![(3, vec![]), (1, vec![]), (0, vec![0])],
        ),
    ] {
        let fetched = session.fetch(&asked, max_bytes);
        let fetched = fetched
            .iter()
            .map(|(error, records)| (*error, base_offsets(records)))
            .collect::<Vec<_>>();
        assert_eq!(fetched, wanted, "{asked:?} {max_bytes}");
    }
}

#[test]
fn produced_batches_are_counted_and_given_their_offsets() {
    let mut session = Session::new();
    let mut batch = [0; 61];
    batch[57..].copy_from_slice(&5_i32.to_be_bytes());
    let partition = |partition: u8, batch: &[u8]| {
        [&[0, 0, 0, partition, batch.len() as u8 + 1], batch, &[0]].concat()
    };
    for round in 0..2_u8 {
        let partitions = [
            partition(0, &batch),
            partition(2, &batch),
            partition(1, &batch[..60]),
        ]
        .concat();
        let head = [0, 0xff, 0xff, 0, 0, 0, 0, 2, 2, b't', 4];
        let response = session.ask(PRODUCE, 9, 5, &[&head, &partitions, &[0, 0]]);
        assert_eq!(response[..4], [2, 2, b't', 4]);
        let outcomes = response[4..].chunks(33).take(3).map(|answer| {
            assert_eq!(answer[22..], [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
            (answer[3], answer[5], answer[13])
        });
        // Partition, error and the last byte of the base offset.
        let wanted = [(0, 0, 5 * round), (2, 3, 255), (1, 2, 255)];
        assert_eq!(outcomes.collect::<Vec<_>>(), wanted, "{round}");
    }
    assert_eq!(
        session.counts.line(),
        "records=10 batches=2 bytes=122 produces=2 fetches=0 served=0"
    );
}

#[test]
fn too_new_an_api_versions_request_is_told_the_versions() {
    let mut session = Session::new();
    assert_eq!(
        session.ask(API_VERSIONS, 5, 4, &[])[..6],
        [0, 35, 0, 0, 0, 7]
    );
    assert_eq!(
        session.ask(API_VERSIONS, 4, 4, &[&[1, 1, 0]])[..3],
        [0, 0, 8]
    );
}
