//! A byte stream from a peer into a [`Link`], cut as the network may cut it.

use bytes::Bytes;
use kafka_engine::{CloseCause, Expect, Link, LinkConfig, LinkEvent, Transmit};
use kafka_proto::{ApiKey, Chunks};

use crate::input::Input;

const APIS: [ApiKey; 9] = [
    ApiKey::ApiVersions,
    ApiKey::Metadata,
    ApiKey::Produce,
    ApiKey::Fetch,
    ApiKey::ListOffsets,
    ApiKey::InitProducerId,
    ApiKey::CreateTopics,
    ApiKey::DeleteTopics,
    // One that no client sends.
    ApiKey::Vote,
];

/// What the first requests are, and then how each slice of the stream is cut, and what else happens in between.
pub fn frame(data: &[u8]) {
    let mut input = Input::new(data);
    let frame_bytes_max = input.pick(&[64 << 10, 100_000_000, 100, 4]);
    let expected: Vec<Expect> = (0..input.below(8)).map(|at| expect(&mut input, at)).collect();
    let stream = Stream::new(input);
    let sliced = stream.read(frame_bytes_max, &expected, true);
    let whole = stream.read(frame_bytes_max, &expected, false);
    assert_eq!(sliced, whole, "how a stream is cut makes no difference");
}

fn expect(input: &mut Input<'_>, at: usize) -> Expect {
    Expect {
        correlation_id: at as i32,
        api: input.pick(&APIS),
        version: i16::from(input.byte() as i8),
        bytes_hint: input.pick(&[16 << 10, 0, 1 << 20, 50 << 20]),
    }
}

/// Slices of at most 255 bytes.
struct Stream<'a>(Vec<&'a [u8]>);

/// What came out of a link, as far as it can be compared.
#[derive(Debug, PartialEq)]
enum Heard {
    Response(i32, usize),
    Failed(CloseCause),
    End(CloseCause),
}

impl<'a> Stream<'a> {
    fn new(mut input: Input<'a>) -> Self {
        let mut slices = Vec::new();
        while !input.is_empty() {
            let len = usize::from(input.byte());
            slices.push(input.take(len));
        }
        Self(slices)
    }

    /// Reads the stream slice by slice, or as fast as there is room.
    fn read(&self, frame_bytes_max: usize, expected: &[Expect], sliced: bool) -> Vec<Heard> {
        let mut link = Link::new(LinkConfig::new(frame_bytes_max));
        link.transmit(Transmit {
            chunks: Chunks::from(Bytes::from_static(b"request")),
            batches_at: Vec::new(),
            expect: expected.to_vec(),
        });
        let mut heard = Vec::new();
        let mut received = 0;
        let whole = self.0.concat();
        let slices = if sliced { &self.0[..] } else { &[whole.as_slice()][..] };
        for mut slice in slices.iter().copied() {
            while !slice.is_empty() {
                received += feed(&mut link, &mut slice, received, expected);
                hear(&mut link, &mut heard);
            }
        }
        assert!(heard.len() <= expected.len() + 1);
        if !matches!(heard.last(), Some(Heard::Failed(_))) {
            heard.push(Heard::End(link.handle_eof()));
        }
        assert!(link.poll_event().is_none(), "nothing comes after the end");
        assert!(link.poll_write().is_none(), "nothing is written after the end");
        heard
    }
}

/// Reads as much as there is room for. Room follows the bytes that came, and what may honestly come.
fn feed(link: &mut Link, slice: &mut &[u8], received: usize, expected: &[Expect]) -> usize {
    let hint = expected.iter().map(|expect| expect.bytes_hint).max().unwrap_or(0);
    let buffer = link.read_buf();
    let most = (2 * received).max(2 * hint.min(8 << 20)) + (64 << 10);
    assert!(buffer.capacity() <= most, "{} for {received} bytes", buffer.capacity());
    assert!(buffer.capacity() > buffer.len(), "there is room to read");
    let taken = (buffer.capacity() - buffer.len()).min(slice.len());
    buffer.extend_from_slice(&slice[..taken]);
    *slice = &slice[taken..];
    taken
}

fn hear(link: &mut Link, heard: &mut Vec<Heard>) {
    while let Some(event) = link.poll_event() {
        assert!(!matches!(heard.last(), Some(Heard::Failed(_))), "a failure is the last event");
        heard.push(match event {
            LinkEvent::Response(response) => {
                Heard::Response(response.correlation_id, response.frame_bytes)
            }
            LinkEvent::Failed(cause) => Heard::Failed(cause),
            _ => panic!("an event that this target does not know"),
        });
    }
}
