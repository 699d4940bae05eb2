//! AddOffsetsToTxn (key 25), versions 0 to 4, flexible from 3: take a group's offsets into a transaction (KIP-98).
//!
//! - It comes before TxnOffsetCommit, at the transaction's coordinator. With transactions of version 2 producers need
//!   not send it (KIP-890).
//! - Version 2 answers PRODUCER_FENCED where older ones said INVALID_PRODUCER_EPOCH (KIP-588), version 4 may answer
//!   TRANSACTION_ABORTABLE (KIP-890).

use crate::{schema::messages, wire::Str};

messages! {
    /// Takes a group's offsets into a transaction.
    AddOffsetsToTxnRequest -> AddOffsetsToTxnResponse = key 25, versions 0..=4, flexible 3..,
        kips [0: 98, 1: 219, 2: 588, 3: 482, 4: 890] {
        /// The transactional id.
        transactional_id: Str [0..],
        /// The producer.
        producer_id: i64 [0..],
        /// The producer's epoch.
        producer_epoch: i16 [0..],
        /// The group whose offsets will be committed.
        group_id: Str [0..],
    }

    /// Whether they are in.
    AddOffsetsToTxnResponse = key 25, versions 0..=4, flexible 3.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or why they are not.
        error_code: i16 [0..],
    }
}
