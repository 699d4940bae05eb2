//! The batch that every fetch is answered with.

use crate::value::value;

/// Creation time of the records, in milliseconds since 1970: a moment in 2024.
const TIMESTAMP: i64 = 1_717_171_717_171;

/// A batch of format v2 without its first eight bytes, the base offset, which alone changes from one copy to the next
/// and which the checksum does not cover.
pub(super) struct Canned {
    /// Records in the batch.
    pub(super) records: i64,
    /// Everything behind the base offset.
    pub(super) body: Vec<u8>,
}

impl Canned {
    pub(super) fn new(records: u64, value_bytes: usize) -> Self {
        let mut body = head(records as i32);
        for index in 0..records {
            let mut record = vec![0, 0]; // Attributes, and a timestamp delta of zero.
            varint(&mut record, index as i64);
            varint(&mut record, -1); // A null key.
            varint(&mut record, value_bytes as i64);
            record.extend(value(index, value_bytes));
            record.push(0); // No headers.
            varint(&mut body, record.len() as i64);
            body.extend(record);
        }
        // The length counts what follows it; the checksum covers what follows it.
        let len = body.len() as i32 - 4;
        body[..4].copy_from_slice(&len.to_be_bytes());
        let crc = crc32c::crc32c(&body[13..]);
        body[9..13].copy_from_slice(&crc.to_be_bytes());
        Self {
            records: records as i64,
            body,
        }
    }

    /// Size of a copy on the wire.
    pub(super) fn bytes(&self) -> usize {
        8 + self.body.len()
    }
}

/// Length and checksum as zeros, the rest of a batch's header as it stays.
fn head(records: i32) -> Vec<u8> {
    let mut head = vec![0; 4];
    head.extend(0_i32.to_be_bytes()); // The leader's epoch.
    head.push(2); // The format.
    head.extend([0; 4]);
    head.extend(0_i16.to_be_bytes()); // Uncompressed, created by the producer's clock, outside of transactions.
    head.extend((records - 1).to_be_bytes());
    head.extend(TIMESTAMP.to_be_bytes());
    head.extend(TIMESTAMP.to_be_bytes());
    head.extend((-1_i64).to_be_bytes()); // No producer id, epoch or sequence.
    head.extend((-1_i16).to_be_bytes());
    head.extend((-1_i32).to_be_bytes());
    head.extend(records.to_be_bytes());
    head
}

/// A number in zigzag form, seven bits a byte.
fn varint(out: &mut Vec<u8>, value: i64) {
    let mut value = (value << 1 ^ value >> 63) as u64;
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_of_one_has_the_documented_layout() {
        let body = Canned::new(1, 3).body;
        assert_eq!(
            body.len(),
            53 + 10,
            "header without base offset, one record"
        );
        assert_eq!(body[..4], 59_i32.to_be_bytes());
        assert_eq!(body[8], 2);
        assert_eq!(body[9..13], crc32c::crc32c(&body[13..]).to_be_bytes());
        assert_eq!(body[49..53], 1_i32.to_be_bytes());
        // Length 9, attributes, delta, delta, key -1, value of 3, no headers; all but attributes and bytes zigzag.
        assert_eq!(body[53..], [18, 0, 0, 0, 1, 6, 0, 1, 2, 0]);
    }

    #[test]
    fn varints_are_zigzag() {
        for (value, wanted) in [
            (0, vec![0]),
            (-1, vec![1]),
            (63, vec![126]),
            (100, vec![200, 1]),
        ] {
            let mut out = Vec::new();
            varint(&mut out, value);
            assert_eq!(out, wanted, "{value}");
        }
    }
}
