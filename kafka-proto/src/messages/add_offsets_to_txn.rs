//! AddOffsetsToTxn (key 25), versions 0 to 4, flexible from 3: TODO.

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    AddOffsetsToTxnRequest -> AddOffsetsToTxnResponse = key 25, versions 0..=4, flexible 3.. {
        /// TODO.
        transactional_id: Str [0..],
        /// TODO.
        producer_id: i64 [0..],
        /// TODO.
        producer_epoch: i16 [0..],
        /// TODO.
        group_id: Str [0..],
    }

    /// TODO.
    AddOffsetsToTxnResponse = key 25, versions 0..=4, flexible 3.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
    }
}
