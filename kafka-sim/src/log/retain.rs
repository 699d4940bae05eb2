//! What a log keeps no longer: by age and by size (retention.ms, retention.bytes).
//!
//! Segments are reduced to single batches here: what Kafka does to a segment is done to each batch by itself, the last
//! one included, as to an active segment that has been rolled.

use super::Log;

/// What a topic keeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Batches all of whose records are older than this go; `None` keeps all ages.
    pub(crate) oldest_ms: Option<i64>,
    /// Batches go as long as no fewer bytes than these are left; `None` keeps all.
    pub(crate) bytes: Option<u64>,
}

impl Log {
    /// Where the log will begin once what is too old, and then what is too much, has gone; `None` where it begins now. Only
    /// what is below `readable` goes. Batches without timestamps are never too old.
    pub(crate) fn retained_from(&self, limits: Limits, readable: i64) -> Option<i64> {
        let mut gone = 0_usize;
        let mut left = self.bytes();
        let too_old =
            |time: i64| limits.oldest_ms.is_some_and(|oldest| (0..oldest).contains(&time));
        let readable = |last: i64| last < readable;
        for batch in &self.batches {
            if !(too_old(batch.max_timestamp) && readable(batch.last_offset)) {
                break;
            }
            left = left.saturating_sub(batch.len() as u64);
            gone = gone.saturating_add(1);
        }
        let Some(keep) = limits.bytes else { return self.beginning(gone) };
        for batch in self.batches.iter().skip(gone) {
            let rest = left.checked_sub(batch.len() as u64).filter(|rest| *rest >= keep);
            let Some(rest) = rest.filter(|_| readable(batch.last_offset)) else { break };
            left = rest;
            gone = gone.saturating_add(1);
        }
        self.beginning(gone)
    }

    /// Where the log begins without its first batches.
    fn beginning(&self, without: usize) -> Option<i64> {
        let next = self.batches.get(without).map_or(self.end, |batch| batch.base_offset);
        (without > 0 && next > self.start).then_some(next)
    }
}
