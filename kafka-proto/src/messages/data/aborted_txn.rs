//! AbortedTxn, version 0: an entry of a `.txnindex` file, which lists the aborted transactions of a log segment
//! (KIP-98).
//!
//! - On disk its version stands in front, so that an entry has 34 bytes. Brokers build `aborted_transactions` of a
//!   Fetch from them.

use crate::schema::messages;

messages! {
    /// An aborted transaction in one partition.
    AbortedTxn = versions 0..=0, kips [0: 98] {
        /// Its producer.
        producer_id: i64 [0..],
        /// Its first offset.
        first_offset: i64 [0..],
        /// Offset of the marker that aborted it.
        last_offset: i64 [0..],
        /// The last stable offset from then on: the first of the oldest transaction still open, or else `last_offset` +
        /// 1.
        last_stable_offset: i64 [0..],
    }
}
