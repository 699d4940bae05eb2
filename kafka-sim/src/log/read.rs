//! Reading a log by offset, as Fetch does: whole batches, then as many bytes of the next one as
//! fit.

use super::{Log, StoredBatch};
use kafka_proto::Chunks;

impl Log {
    /// Bytes from the batch that holds `offset` to the one that holds `end`, which is not counted.
    pub(crate) fn bytes_between(&self, offset: i64, end: i64) -> u64 {
        self.position(end).saturating_sub(self.position(offset))
    }

    /// Bytes of the batch that holds `offset`; 0 at the log's end.
    pub(crate) fn first_batch_len(&self, offset: i64) -> u64 {
        self.batches.get(self.find(offset)).map_or(0, |batch| batch.len() as u64)
    }

    /// Puts at most `max` bytes of batches into `out`, from the one that holds `offset` on and only
    /// of those below `end`, and tells how many.
    ///
    /// The last batch may be cut short, as a real broker cuts it. The first one is whole: when it
    /// alone is larger than `max` it is given if `first_whatever_size` (KIP-74), else nothing is.
    pub(crate) fn read(
        &self,
        (offset, end): (i64, i64),
        max: usize,
        first_whatever_size: bool,
        out: &mut Chunks,
    ) -> usize {
        let mut given = 0_usize;
        let below = self.batches.range(self.find(offset)..);
        for batch in below.take_while(|batch| batch.last_offset < end) {
            let room = max.saturating_sub(given);
            if batch.len() <= room || (given == 0 && first_whatever_size) {
                out.push(batch.head.clone());
                out.push(batch.payload.clone());
                given = given.saturating_add(batch.len());
            } else {
                return if given == 0 { 0 } else { given.saturating_add(cut(batch, room, out)) };
            }
        }
        given
    }

    /// Where the batch that holds `offset` begins, in bytes.
    fn position(&self, offset: i64) -> u64 {
        if offset >= self.end {
            return self.written;
        }
        self.batches.get(self.find(offset)).map_or(self.written, |batch| batch.position)
    }

    /// Index of the first batch that ends at or behind `offset`.
    fn find(&self, offset: i64) -> usize {
        self.batches.partition_point(|batch| batch.last_offset < offset)
    }
}

/// Gives the first `room` bytes of a batch that is longer than that.
fn cut(batch: &StoredBatch, room: usize, out: &mut Chunks) -> usize {
    let head = room.min(batch.head.len());
    let payload = room.saturating_sub(head).min(batch.payload.len());
    for piece in [batch.head.slice(..head), batch.payload.slice(..payload)] {
        if !piece.is_empty() {
            out.push(piece);
        }
    }
    head.saturating_add(payload)
}
