//! Tagged fields that lie, come twice, or are not known.

use kafka_proto::messages::{ApiVersionsRequest, ApiVersionsResponse};
use kafka_proto::{DecodeErrorKind, Message, Writer};

use super::{check, decode};

/// Bytes of an empty ApiVersions request of version 3, with these tagged fields.
fn tagged(tags: &[u8]) -> Vec<u8> {
    [&[1, 1], tags].concat()
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
