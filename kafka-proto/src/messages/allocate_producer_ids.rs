//! AllocateProducerIds (key 67), version 0, flexible from 0: a block of producer ids for a broker (KIP-730).
//!
//! - Sent by brokers to the controller, which gives each id once.

use crate::schema::messages;

messages! {
    /// Asks for producer ids.
    AllocateProducerIdsRequest -> AllocateProducerIdsResponse = key 67, versions 0..=0, flexible 0.., kips [0: 730] {
        /// The broker.
        broker_id: i32 [0..],
        /// Its epoch.
        broker_epoch: i64 [0..] = -1,
    }

    /// A block of producer ids.
    AllocateProducerIdsResponse = key 67, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// The first id.
        producer_id_start: i64 [0..],
        /// How many.
        producer_id_len: i32 [0..],
    }
}
