//! What the benches of the codec and the engine work on.
//!
//! `cargo bench -p kafka-bench`. Ratios against other clients are in `benches/peers`, a workspace of its own because it binds C.

use bytes::Bytes;
use kafka_proto::records::{BatchBuilder, Codec};

/// As many records are in a batch.
pub const RECORDS: usize = 1_000;

/// A value of 100 bytes.
pub const VALUE: [u8; 100] = [b'x'; 100];

/// A batch of [`RECORDS`] records of [`VALUE`], uncompressed.
///
/// # Errors
/// None, for records of this size.
pub fn batch() -> Result<Bytes, kafka_proto::EncodeError> {
    let mut batch = BatchBuilder::new(Codec::None);
    for record in 0..RECORDS {
        batch.push(record as i64, None, Some(&VALUE), &[])?;
    }
    batch.build(0)
}

#[cfg(test)]
mod tests {
    use kafka_proto::records::Batches;

    #[test]
    fn the_batch_holds_what_it_says() {
        let batch = Batches::new(super::batch().unwrap()).next().unwrap().unwrap();
        batch.verify_crc().unwrap();
        assert_eq!(batch.header().records_count as usize, super::RECORDS);
    }
}
