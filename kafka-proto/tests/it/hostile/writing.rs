//! Values that are too large to be written, which our own callers could hand in.

use bytes::Bytes;
use kafka_proto::messages::produce::{PartitionProduceData, TopicProduceData};
use kafka_proto::messages::{ProduceRequest, SaslAuthenticateRequest};
use kafka_proto::{Chunks, EncodeError, Message, Records, Writer, encode_request};

fn refused<M: Message>(version: i16, message: &M, want: EncodeError) {
    let mut writer = Writer::new(version, false);
    assert_eq!(message.encode(&mut writer), Err(want), "{} v{version}", M::NAME);
    assert!(writer.len() < 1 << 20, "nothing of the value was copied");
}

/// Records of so many bytes, which are a few in memory.
fn records(len: u64) -> Records {
    const PIECE: usize = 1 << 24;
    let piece = Bytes::from(vec![0; PIECE]);
    let mut pieces: Vec<Bytes> = vec![piece.clone(); (len / PIECE as u64) as usize];
    pieces.push(piece.slice(..(len % PIECE as u64) as usize));
    Records::from(pieces.into_iter().collect::<Chunks>())
}

fn produce(records: impl IntoIterator<Item = Records>) -> ProduceRequest {
    let partition = |records| PartitionProduceData { records: Some(records), ..Default::default() };
    let partition_data = records.into_iter().map(partition).collect();
    let topic = TopicProduceData { partition_data, ..Default::default() };
    ProduceRequest { topic_data: vec![topic], ..Default::default() }
}

/// A byte more than a length holds, and a gibibyte more than 32 bits do, of which a length in them would be sound.
#[test]
fn c58_bytes_beyond_their_length_field() {
    let max = i32::MAX as usize;
    for len in [1_u64 << 31, 5 << 30].into_iter().filter_map(|len| usize::try_from(len).ok()) {
        let want = EncodeError::TooLong { what: "records", len, max };
        refused(7, &produce([records(len as u64)]), want.clone());
        refused(9, &produce([records(len as u64)]), want);
    }
    let auth_bytes = Bytes::from(vec![0; max + 1]);
    let token = SaslAuthenticateRequest { auth_bytes, ..Default::default() };
    let want = EncodeError::TooLong { what: "bytes", len: max + 1, max };
    refused(0, &token, want.clone());
    refused(2, &token, want);
}

/// Each part fits its own length field, the frame does not fit the one in front of it.
#[test]
fn c58_a_frame_beyond_its_length_field() {
    let half = records(1 << 30);
    for version in [7, 9] {
        let fits = produce([half.clone()]);
        assert!(encode_request(&fits, version, 1, None).is_ok());
        let both = produce([half.clone(), half.clone()]);
        let error = encode_request(&both, version, 1, None).unwrap_err();
        assert!(matches!(error, EncodeError::TooLong { .. }), "{error}");
    }
}
