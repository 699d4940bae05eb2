//! Whole frames: headers, records linked into them, and what can't be encoded.

use bytes::Bytes;
use kafka_proto::{
    ApiKey, DecodeErrorKind, EncodeError, Message, Records, Request, Writer, decode_body,
    decode_request_header, decode_response_header, encode_request, encode_request_into,
    encode_response, encode_response_into,
    messages::{
        ApiVersionsRequest, ApiVersionsResponse, MetadataRequest, ProduceRequest,
        api_versions::ApiVersion,
        produce::{PartitionProduceData, TopicProduceData},
    },
    peek_request,
};

use crate::known_bytes::{hex, produce};

#[test]
fn request_frames() {
    let request = ApiVersionsRequest {
        client_software_name: "kp".into(),
        client_software_version: "1".into(),
        ..Default::default()
    };
    let check = |version, client_id, bytes: &str| {
        let encoded = encode_request(&request, version, 77, client_id).unwrap();
        let frame = encoded.chunks.to_bytes();
        assert_eq!(frame, hex(bytes));
        let (header, reader) = decode_request_header(frame.slice(4..)).unwrap();
        assert_eq!((header.request_api_key, header.request_api_version), (18, version));
        assert_eq!(header.correlation_id, 77);
        assert_eq!(header.client_id.as_deref(), client_id);
        decode_body::<ApiVersionsRequest>(reader).unwrap();
    };
    check(0, Some("me"), "0000000c 0012 0000 0000004d 0002 6d65");
    check(2, None, "0000000a 0012 0002 0000004d ffff");
    // Header version 2 has tagged fields, and a client id that is not compact for all that.
    check(3, Some("me"), "00000013 0012 0003 0000004d 0002 6d65 00  03 6b70 02 31 00");
}

#[test]
fn response_frames() {
    fn check<R: Request>(version: i16, bytes: &str) {
        let frame =
            encode_response::<R>(&R::Response::default(), version, 9).unwrap().chunks.to_bytes();
        assert_eq!(frame, hex(bytes), "{} v{version}", R::NAME);
        let (id, reader) = decode_response_header(frame.slice(4..), R::API, version).unwrap();
        assert_eq!(id, 9);
        assert_eq!(decode_body(reader), Ok(R::Response::default()));
    }
    check::<MetadataRequest>(0, "0000000c 00000009 00000000 00000000");
    check::<MetadataRequest>(9, "00000015 00000009 00 00000000 01 00 ffffffff 01 80000000 00");
    check::<ApiVersionsRequest>(0, "0000000a 00000009 0000 00000000");
    // Never tagged fields in the header of this one, flexible or not.
    check::<ApiVersionsRequest>(3, "0000000c 00000009 0000 01 00000000 00");
}

#[test]
fn c05_a_header_of_the_other_version_is_an_error() {
    let response =
        ApiVersionsResponse { api_keys: vec![ApiVersion::default()], ..Default::default() };
    let frame = encode_response::<ApiVersionsRequest>(&response, 3, 1).unwrap().chunks.to_bytes();
    let (_, reader) = decode_response_header(frame.slice(4..), ApiKey::Metadata, 9).unwrap();
    assert!(decode_body::<ApiVersionsResponse>(reader).is_err());
}

#[test]
fn a_request_too_new_still_shows_its_header() {
    let frame = hex("0012 0063 0000004d 0002 6d65 00  0102030405");
    let (header, reader) = decode_request_header(Bytes::from(frame)).unwrap();
    assert_eq!((header.request_api_version, header.correlation_id), (99, 77));
    let error = decode_body::<ApiVersionsRequest>(reader).unwrap_err();
    assert_eq!(error.kind(), &DecodeErrorKind::UnsupportedVersion);
}

#[test]
fn an_unknown_api_is_an_error() {
    let error = decode_request_header(Bytes::from(hex("0999 0000 0000004d"))).unwrap_err();
    assert_eq!(error.kind(), &DecodeErrorKind::UnknownApiKey(0x999));
}

#[test]
fn a_proxy_sees_where_an_unknown_api_belongs() {
    let start = peek_request(&hex("7fff 0003 00000009 0001 61")).unwrap();
    assert_eq!((start.api_key, start.api_version, start.correlation_id), (0x7fff, 3, 9));
    let error = peek_request(&hex("7fff 0003 000000")).unwrap_err();
    assert_eq!(error.kind(), &DecodeErrorKind::Truncated { needed: 8, left: 7 });
}

#[test]
fn a_broken_request_header_is_an_error_with_its_place() {
    let check = |frame, want: &str| {
        let error = decode_request_header(Bytes::from(hex(frame))).unwrap_err();
        assert_eq!(error.to_string(), want);
    };
    check("0012 00", "byte 0: 4 bytes needed, 3 left");
    check("0012 0000 0000", "RequestHeader v1, correlation_id, byte 4: 4 bytes needed, 2 left");
    let cut = "RequestHeader v1, client_id, byte 10: 5 bytes needed, 2 left";
    check("0012 0000 0000004d 0005 6d65", cut);
    check(
        "0012 0003 0000004d 0000 01",
        "RequestHeader v2, byte 11: length 1 is more than 0 bytes can hold",
    );
}

#[test]
fn a_header_keeps_tagged_fields_that_it_does_not_know() {
    let frame = hex("0012 0003 0000004d ffff 01 07 02 beef  03 6b70 02 31 00");
    let (header, reader) = decode_request_header(Bytes::from(frame)).unwrap();
    assert_eq!(header.unknown_tagged_fields.get(7).unwrap()[..], [0xbe, 0xef]);
    let request: ApiVersionsRequest = decode_body(reader).unwrap();
    assert_eq!(request.client_software_name, "kp");
}

fn refused<M: Message>(version: i16, message: &M, want: EncodeError) {
    let mut writer = Writer::new(version, false);
    assert_eq!(message.encode(&mut writer), Err(want));
}

#[test]
fn what_a_version_cannot_carry_is_refused() {
    let field =
        |message, field, version| EncodeError::FieldNotInVersion { message, field, version };
    let transactional = produce(TopicProduceData::default(), Some("x".into()));
    refused(2, &transactional, field("ProduceRequest", "transactional_id", 2));
    let unknown = EncodeError::UnsupportedVersion { message: "ProduceRequest", version: 14 };
    refused(14, &transactional, unknown);

    let all_topics = MetadataRequest { topics: None, ..Default::default() };
    let null = |message, field, version| EncodeError::NullNotAllowed { message, field, version };
    refused(0, &all_topics, null("MetadataRequest", "topics", 0));

    let mut tagged = ApiVersionsRequest::default();
    tagged.unknown_tagged_fields.insert(5, Bytes::from_static(b"x"));
    refused(2, &tagged, field("ApiVersionsRequest", "unknown_tagged_fields", 2));

    let long = ApiVersionsRequest {
        client_software_name: "x".repeat(32_768).into(),
        ..Default::default()
    };
    refused(3, &long, EncodeError::TooLong { what: "string", len: 32_768, max: 32_767 });
    // The field is ignorable, so a version without it drops even that.
    let mut writer = Writer::new(0, false);
    assert_eq!(long.encode(&mut writer), Ok(()));
}

#[test]
fn records_are_linked_not_copied() {
    let batch = Bytes::from(vec![7; 5000]);
    let request = |records: Records| {
        let mut request =
            produce(TopicProduceData { name: "t".into(), ..Default::default() }, None);
        request.topic_data[0].partition_data[0].records = Some(records);
        encode_request(&request, 7, 1, None).unwrap()
    };
    let encoded = request(Records::from(batch.clone()));
    assert_eq!(encoded.records_at, [1]);
    let pieces: Vec<_> = encoded.chunks.iter().collect();
    assert_eq!(pieces[1].as_ptr(), batch.as_ptr());
    assert_eq!(
        encoded.chunks.len(),
        u32::from_be_bytes(pieces[0][..4].try_into().unwrap()) as usize + 4
    );

    let small = request(Records::from(Bytes::from_static(b"abc")));
    assert_eq!((small.records_at.len(), small.chunks.iter().count()), (0, 1));

    let header = Bytes::from(vec![1; 61]);
    let stamped = request(Records::from_iter([header.clone(), Bytes::from_static(b"abc")]));
    assert_eq!(stamped.records_at, [1]);
    assert_eq!(stamped.chunks.iter().nth(1).unwrap().as_ptr(), header.as_ptr());
}

#[test]
fn frames_are_appended_to_a_buffer() {
    let mut request = produce(TopicProduceData { name: "t".into(), ..Default::default() }, None);
    request.topic_data[0].partition_data[0].records = Some(Bytes::from(vec![7; 5000]).into());
    let response = ApiVersionsResponse::default();
    let mut buf = b"before".to_vec();
    encode_request_into(&mut buf, &request, 7, 1, Some("me")).unwrap();
    encode_response_into::<ApiVersionsRequest>(&mut buf, &response, 3, 2).unwrap();
    let mut expected = b"before".to_vec();
    expected.extend(encode_request(&request, 7, 1, Some("me")).unwrap().chunks.to_bytes());
    let answer = encode_response::<ApiVersionsRequest>(&response, 3, 2).unwrap();
    expected.extend(answer.chunks.to_bytes());
    assert_eq!(buf, expected);

    // A version that there is not, and a field that can't be written after others were.
    assert!(encode_request_into(&mut buf, &request, 99, 1, None).is_err());
    request.transactional_id = Some("a".repeat(40_000).into());
    assert!(encode_request_into(&mut buf, &request, 7, 1, None).is_err());
    assert_eq!(buf, expected);
}

#[test]
fn several_partitions_know_where_their_records_are() {
    let topics = (0..3).map(|number| TopicProduceData {
        name: "t".into(),
        partition_data: vec![PartitionProduceData {
            index: number,
            records: Some(Records::from_iter([
                Bytes::from(vec![number as u8; 61]),
                Bytes::from(vec![0xee; 2000]),
            ])),
            ..Default::default()
        }],
        ..Default::default()
    });
    let request = ProduceRequest { topic_data: topics.collect(), ..Default::default() };
    let mut encoded = encode_request(&request, 9, 1, None).unwrap();
    assert_eq!(encoded.records_at, [1, 4, 7]);
    for (number, at) in encoded.records_at.iter().enumerate() {
        assert_eq!(encoded.chunks.get_mut(*at).unwrap()[..], [number as u8; 61]);
    }
    let (_, reader) = decode_request_header(encoded.chunks.to_bytes().slice(4..)).unwrap();
    assert_eq!(decode_body(reader), Ok(request));
}
