//! Lengths and counts that lie, and varints that are none.

use kafka_proto::messages::{
    ApiVersionsRequest, DeleteTopicsRequest, FetchResponse, MetadataRequest, MetadataResponse,
    ProduceRequest,
};
use kafka_proto::{DecodeErrorKind, Message, Writer};

use super::{check, decode};

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
