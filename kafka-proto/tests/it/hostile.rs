//! Bytes that no honest peer sends. Names begin with the row of the catalogue of bad input.

use bytes::Bytes;
use kafka_proto::{
    ApiKey, DecodeErrorKind, Message, Reader, Uuid, VersionRange, Writer, decode_body,
    decode_body_lenient, decode_response_header,
    messages::{
        ApiVersionsRequest, ApiVersionsResponse, DeleteTopicsRequest, FetchRequest, FetchResponse,
        MetadataRequest, MetadataResponse, ProduceRequest, ProduceResponse,
    },
};

fn decode<M: Message>(version: i16, bytes: &[u8]) -> Result<M, kafka_proto::DecodeError> {
    decode_body(Reader::new(Bytes::copy_from_slice(bytes), version, false))
}

#[track_caller]
fn check<M: Message>(version: i16, bytes: &[u8], want: DecodeErrorKind, path: &str) {
    let error = decode::<M>(version, bytes).expect_err("hostile bytes");
    assert_eq!((error.kind(), error.path().to_string().as_str()), (&want, path), "{error}");
}

/// Bytes of an empty ApiVersions request of version 3, with these tagged fields.
fn tagged(tags: &[u8]) -> Vec<u8> {
    [&[1, 1], tags].concat()
}

#[test]
fn c06_trailing_bytes() {
    let body = [0, 0, 0, 0, 0, 0, 0xff];
    check::<ApiVersionsResponse>(0, &body, DecodeErrorKind::TrailingBytes(1), "");
    let reader = Reader::new(Bytes::copy_from_slice(&body), 0, false);
    assert_eq!(decode_body_lenient(reader), Ok(ApiVersionsResponse::default()));
}

#[test]
fn c08_c09_varints_that_do_not_end_or_fit() {
    let body = [0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    check::<ApiVersionsRequest>(3, &body, DecodeErrorKind::VarintTooLong, "client_software_name");
    let body = [0xff, 0xff, 0xff, 0xff, 0x1f];
    check::<ApiVersionsRequest>(3, &body, DecodeErrorKind::VarintOverflow, "client_software_name");
}

#[test]
fn c10_overlong_varints_are_read_and_written_short() {
    let message = decode::<ApiVersionsRequest>(3, &[0x83, 0x80, 0x00, b'k', b'p', 1, 0]).unwrap();
    assert_eq!(message.client_software_name, "kp");
    let mut writer = Writer::new(3, true);
    message.encode(&mut writer).unwrap();
    assert_eq!(writer.finish().unwrap().chunks.to_bytes(), &[3, b'k', b'p', 1, 0][..]);
}

#[test]
fn c12_negative_lengths() {
    let name = "topic_data[0].name";
    let body = |len: i16| {
        let mut body = vec![0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 1];
        body.extend(len.to_be_bytes());
        body.extend([0; 8]);
        body
    };
    check::<ProduceRequest>(0, &body(-1), DecodeErrorKind::NullNotAllowed, name);
    check::<ProduceRequest>(0, &body(-2), DecodeErrorKind::NegativeLength(-2), name);
    check::<ProduceRequest>(0, &body(i16::MIN), DecodeErrorKind::NegativeLength(-32768), name);
    let array = [0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xfe];
    check::<ProduceRequest>(0, &array, DecodeErrorKind::NegativeLength(-2), "topic_data");
}

#[test]
fn c13_compact_lengths_of_zero_and_of_the_largest_number() {
    let name = "client_software_name";
    check::<ApiVersionsRequest>(3, &[0, 1, 0], DecodeErrorKind::NullNotAllowed, name);
    let truncated = DecodeErrorKind::Truncated { needed: 0xffff_fffe, left: 2 };
    check::<ApiVersionsRequest>(3, &[0xff, 0xff, 0xff, 0xff, 0x0f, 1, 0], truncated, name);
}

#[test]
fn c14_a_null_array_is_none() {
    let none = decode::<MetadataRequest>(1, &[0xff; 4]).unwrap();
    assert_eq!(none.topics, None);
    check::<MetadataRequest>(0, &[0xff; 4], DecodeErrorKind::NullNotAllowed, "topics");
    let none = decode::<MetadataRequest>(9, &[0, 1, 0, 0, 0]).unwrap();
    assert_eq!(none.topics, None);
}

#[test]
fn c15_a_count_beyond_the_bytes() {
    let huge = |left| DecodeErrorKind::LengthTooLarge { claimed: i32::MAX as u64, left };
    check::<MetadataRequest>(0, &[0x7f, 0xff, 0xff, 0xff], huge(0), "topics");
    check::<MetadataRequest>(0, &[0x7f, 0xff, 0xff, 0xff, 0, 0, 0], huge(3), "topics");
    check::<MetadataRequest>(9, &[0x80, 0x80, 0x80, 0x80, 0x08, 0, 0], huge(2), "topics");
    let ids = [&[0, 0, 0, 0, 0, 0, 0, 0][..], &[0, 0, 0, 1, 0, 0, 0, 0], &[0; 6]].concat();
    assert!(decode::<MetadataResponse>(0, &ids).is_err());
}

/// Topics within topics, each claiming as many as the bytes left could hold: the claims are never all granted.
#[test]
fn c16_nested_arrays_cannot_multiply() {
    let mut body = vec![0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for _ in 0..200 {
        // Topic "", and a count of partitions that just fits what is left.
        body.extend([0x81, 0x80, 0x04, 1, 0xc0, 0x3e]);
    }
    body.extend(vec![0; 300_000]);
    assert!(decode::<FetchResponse>(12, &body).is_err());
}

/// Elements as small as the format allows, of which each takes many times its bytes: refused rather than stored.
#[test]
fn c17_amplification_is_bounded() {
    let mut body = vec![0x80, 0x80, 0x80, 0x01];
    body.extend(vec![1; 0x20_0000]);
    body.extend([0; 16]);
    // One byte each on the wire, the empty name; 32 in memory.
    let budget = DecodeErrorKind::BudgetExceeded { limit: body.len() * 8 + 65_536 };
    check::<DeleteTopicsRequest>(4, &body, budget, "topic_names");
    let names = decode::<DeleteTopicsRequest>(4, &[&[201][..], &[1], &[1; 200], &[0; 5]].concat());
    assert_eq!(names.unwrap().topic_names.len(), 200);
}

#[test]
fn c18_text_that_is_not_utf8() {
    let body = [2, 0xe9, 1, 0];
    check::<ApiVersionsRequest>(3, &body, DecodeErrorKind::InvalidUtf8, "client_software_name");

    // A message for people is repaired: partition 0 of topic "t" failed with "é" in Latin-1.
    let mut body = vec![2, 2, b't', 2];
    body.extend([0; 4 + 2 + 8 + 8 + 8]);
    body.extend([1, 2, 0xe9, 0, 0, 0, 0, 0, 0, 0]);
    let response = decode::<ProduceResponse>(9, &body).unwrap();
    let partition = &response.responses[0].partition_responses[0];
    assert_eq!(partition.error_message.as_deref(), Some("\u{fffd}"));
}

#[test]
fn c19_long_strings_and_odd_names_are_read() {
    let mut body = vec![0x81, 0x80, 0x04];
    body.extend(vec![b'/'; 0x10000]);
    body.extend([1, 0]);
    let message = decode::<ApiVersionsRequest>(3, &body).unwrap();
    assert_eq!(message.client_software_name.len(), 0x10000);
    let mut writer = Writer::new(3, true);
    assert!(message.encode(&mut writer).is_err());
}

#[test]
fn c20_tag_counts_and_sizes_beyond_the_bytes() {
    let count = tagged(&[0x80, 0x80, 0x80, 0x80, 0x08]);
    let huge = DecodeErrorKind::LengthTooLarge { claimed: 1 << 31, left: 0 };
    check::<ApiVersionsRequest>(3, &count, huge, "");
    let size = tagged(&[1, 9, 100, 0, 0]);
    check::<ApiVersionsRequest>(3, &size, DecodeErrorKind::Truncated { needed: 100, left: 2 }, "");
}

#[test]
fn c20_many_tags_stay_within_the_budget() {
    let mut body = tagged(&[0x80, 0x80, 0x40]);
    for tag in 0..0x10_0000_u32 {
        let mut tag = tag;
        while tag >= 0x80 {
            body.push(tag as u8 | 0x80);
            tag >>= 7;
        }
        body.extend([tag as u8, 0]);
    }
    let limit = body.len() * 8 + 65_536;
    check::<ApiVersionsRequest>(3, &body, DecodeErrorKind::BudgetExceeded { limit }, "");
}

#[test]
fn c21_duplicate_tags() {
    let unknown = tagged(&[2, 50, 0, 50, 0]);
    check::<ApiVersionsRequest>(3, &unknown, DecodeErrorKind::DuplicateTag(50), "");
    let apart = tagged(&[3, 50, 0, 40, 0, 50, 0]);
    check::<ApiVersionsRequest>(3, &apart, DecodeErrorKind::DuplicateTag(50), "");
    let low = tagged(&[2, 7, 0, 7, 0]);
    check::<ApiVersionsRequest>(3, &low, DecodeErrorKind::DuplicateTag(7), "");
    // Tag 3 is known.
    let body = [0, 0, 1, 0, 0, 0, 0, 2, 3, 1, 1, 3, 1, 1];
    check::<ApiVersionsResponse>(3, &body, DecodeErrorKind::DuplicateTag(3), "");
}

#[test]
fn c22_tags_out_of_order_are_read_and_written_in_order() {
    let message = decode::<ApiVersionsRequest>(3, &tagged(&[3, 9, 1, b'a', 60, 0, 8, 0])).unwrap();
    let tags: Vec<_> = message.unknown_tagged_fields.iter().map(|(tag, _)| tag).collect();
    assert_eq!(tags, [8, 9, 60]);
    let mut writer = Writer::new(3, true);
    message.encode(&mut writer).unwrap();
    let encoded = writer.finish().unwrap().chunks.to_bytes();
    assert_eq!(encoded, tagged(&[3, 8, 0, 9, 1, b'a', 60, 0]));
}

#[test]
fn c23_a_known_tag_of_another_size() {
    let body = |tag: &[u8]| [&[0, 0, 1, 0, 0, 0, 0, 1][..], tag].concat();
    let size = |claimed, consumed| DecodeErrorKind::TagSize { claimed, consumed };
    // Tag 3 is a bool, tag 1 an i64.
    check::<ApiVersionsResponse>(3, &body(&[3, 2, 1, 1]), size(2, 1), "");
    check::<ApiVersionsResponse>(3, &body(&[3, 0, 1]), size(0, 1), "");
    let short = body(&[1, 4, 0, 0, 0, 0, 0, 0, 0, 0]);
    check::<ApiVersionsResponse>(3, &short, size(4, 8), "");
}

#[test]
fn c24_unknown_tags_are_kept_among_known_ones() {
    let body = [0, 0, 1, 0, 0, 0, 0, 3, 1, 8, 0, 0, 0, 0, 0, 0, 0, 5, 2, 1, 1, 33, 2, 7, 7];
    let message = decode::<ApiVersionsResponse>(3, &body);
    // Tag 2 is an array, whose count plus one is 1: empty, its default, so it is not written again.
    let message = message.unwrap();
    assert_eq!(message.finalized_features_epoch, 5);
    assert_eq!(message.unknown_tagged_fields.get(33).unwrap()[..], [7, 7]);
    let mut writer = Writer::new(3, true);
    message.encode(&mut writer).unwrap();
    let want = [&body[..7], &[2], &body[8..18], &body[21..]].concat();
    assert_eq!(writer.finish().unwrap().chunks.to_bytes(), want);
}

#[test]
fn c25_a_bool_that_is_neither_zero_nor_one_is_true() {
    let request = decode::<MetadataRequest>(4, &[0, 0, 0, 0, 0x80]).unwrap();
    assert!(request.allow_auto_topic_creation);
}

#[test]
fn c26_zero_ids_are_values() {
    let ids = [[0; 21].as_slice(), &[2], &[0; 16], &[1, 0, 1, 1, 0]].concat();
    let request = decode::<FetchRequest>(15, &ids).unwrap();
    assert_eq!(request.topics[0].topic_id, Uuid::ZERO);
}

#[test]
fn c27_odd_version_ranges_are_decoded_and_meet_nothing() {
    let apis = [[18, 5, 2], [18, 0, 3], [-7, -1, -3]];
    let mut body = vec![0, 0, 0, 0, 0, 3];
    for number in apis.as_flattened() {
        body.extend(i16::to_be_bytes(*number));
    }
    let response = decode::<ApiVersionsResponse>(0, &body).unwrap();
    let ours = ApiKey::ApiVersions.versions();
    let common: Vec<_> = response
        .api_keys
        .iter()
        .map(|api| VersionRange::new(api.min_version, api.max_version).intersect(ours))
        .collect();
    assert_eq!(common, [VersionRange::EMPTY, VersionRange::new(0, 3), VersionRange::EMPTY]);
}

#[test]
fn a_short_header_is_an_error() {
    for len in 0..4 {
        let frame = Bytes::from(vec![0; len]);
        let error = decode_response_header(frame, ApiKey::Metadata, 9).unwrap_err();
        assert_eq!(error.kind(), &DecodeErrorKind::Truncated { needed: 4, left: len });
    }
}
