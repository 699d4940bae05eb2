//! AllocateProducerIds (key 67), version 0, flexible from 0: TODO.

use crate::schema::messages;

messages! {
    /// TODO.
    AllocateProducerIdsRequest -> AllocateProducerIdsResponse = key 67, versions 0..=0, flexible 0.. {
        /// TODO.
        broker_id: i32 [0..],
        /// TODO.
        broker_epoch: i64 [0..] = -1,
    }

    /// TODO.
    AllocateProducerIdsResponse = key 67, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        producer_id_start: i64 [0..],
        /// TODO.
        producer_id_len: i32 [0..],
    }
}
