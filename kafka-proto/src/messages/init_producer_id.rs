//! InitProducerId (key 22), versions 0 to 6, flexible from 2: a producer's id and epoch (KIP-98).
//!
//! - Version 3 bumps the epoch of an id that the producer has (KIP-360), version 4 answers PRODUCER_FENCED (KIP-588),
//!   version 5 may answer TRANSACTION_ABORTABLE (KIP-890).
//! - Version 6 is unstable: two-phase commit (KIP-939), never negotiated unless asked for. See [`UNSTABLE_VERSION`].

use crate::{schema::messages, wire::Str};

/// The version that no broker offers unless unstable APIs are enabled.
pub const UNSTABLE_VERSION: i16 = 6;

messages! {
    /// Asks for a producer id, and fences older producers of the same transactional id.
    InitProducerIdRequest -> InitProducerIdResponse = key 22, versions 0..=6, flexible 2..,
        kips [0: 98, 1: 219, 2: 482, 3: 360, 4: 588, 5: 890, 6: 939] {
        /// The transactional id; null for a producer that is only idempotent.
        transactional_id: Option<Str> [0.., null 0..],
        /// Milliseconds after which an open transaction is aborted.
        transaction_timeout_ms: i32 [0..],
        /// The id that the producer has, or -1.
        producer_id: i64 [3..] = -1,
        /// The epoch that the producer has, or -1.
        producer_epoch: i16 [3..] = -1,
        /// Whether a transaction may stay prepared until an outside coordinator decides.
        enable2_pc: bool [6..] = false,
        /// Whether a prepared transaction is to stay rather than be aborted.
        keep_prepared_txn: bool [6..] = false,
    }

    /// A producer's id and epoch.
    InitProducerIdResponse = key 22, versions 0..=6, flexible 2.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0.., ignorable],
        /// 0, or why there is no id.
        error_code: i16 [0..],
        /// The id, or -1.
        producer_id: i64 [0..] = -1,
        /// The epoch.
        producer_epoch: i16 [0..],
        /// Id of the prepared transaction's producer, or -1.
        ongoing_txn_producer_id: i64 [6..] = -1,
        /// Epoch of the prepared transaction's producer, or -1.
        ongoing_txn_producer_epoch: i16 [6..] = -1,
    }
}
