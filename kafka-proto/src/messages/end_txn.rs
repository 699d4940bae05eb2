//! EndTxn (key 26), versions 0 to 5, flexible from 3: TODO.

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    EndTxnRequest -> EndTxnResponse = key 26, versions 0..=5, flexible 3.. {
        /// TODO.
        transactional_id: Str [0..],
        /// TODO.
        producer_id: i64 [0..],
        /// TODO.
        producer_epoch: i16 [0..],
        /// TODO.
        committed: bool [0..],
    }

    /// TODO.
    EndTxnResponse = key 26, versions 0..=5, flexible 3.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        producer_id: i64 [5.., ignorable] = -1,
        /// TODO.
        producer_epoch: i16 [5.., ignorable] = -1,
    }
}
