//! EndTxn (key 26), versions 0 to 5, flexible from 3: commit or abort a transaction (KIP-98).
//!
//! - The answer comes when the decision is stored; markers are written after it, and CONCURRENT_TRANSACTIONS asks to
//!   try again where the previous one isn't done yet.
//! - Version 2 answers PRODUCER_FENCED where older ones said INVALID_PRODUCER_EPOCH (KIP-588), version 4 may answer
//!   TRANSACTION_ABORTABLE (KIP-890).
//! - Version 5 is for transactions of version 2 only: each transaction ends with a new epoch, or with a new producer id
//!   when epochs have run out, and both are in the answer (KIP-890).

use crate::{schema::messages, wire::Str};

messages! {
    /// Ends a transaction.
    EndTxnRequest -> EndTxnResponse = key 26, versions 0..=5, flexible 3..,
        kips [0: 98, 1: 219, 2: 588, 3: 482, 4: 890, 5: 890] {
        /// The transactional id.
        transactional_id: Str [0..],
        /// The producer.
        producer_id: i64 [0..],
        /// The producer's epoch.
        producer_epoch: i16 [0..],
        /// Whether to commit; false aborts.
        committed: bool [0..],
    }

    /// Whether the transaction is decided.
    EndTxnResponse = key 26, versions 0..=5, flexible 3.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or why it is not.
        error_code: i16 [0..],
        /// The producer id for the next transaction, or -1.
        producer_id: i64 [5.., ignorable] = -1,
        /// The epoch for the next transaction, or -1.
        producer_epoch: i16 [5.., ignorable] = -1,
    }
}
