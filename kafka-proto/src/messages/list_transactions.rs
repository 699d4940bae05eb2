//! ListTransactions (key 66), versions 0 to 2, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    ListTransactionsRequest -> ListTransactionsResponse = key 66, versions 0..=2, flexible 0.. {
        /// TODO.
        state_filters: Vec<Str> [0..],
        /// TODO.
        producer_id_filters: Vec<i64> [0..],
        /// TODO.
        duration_filter: i64 [1..] = -1,
        /// TODO.
        transactional_id_pattern: Option<Str> [2.., null 2..],
    }

    /// TODO.
    ListTransactionsResponse = key 66, versions 0..=2, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        unknown_state_filters: Vec<Str> [0..],
        /// TODO.
        transaction_states: Vec<TransactionState> [0..],
    }

    /// TODO.
    TransactionState {
        /// TODO.
        transactional_id: Str [0..],
        /// TODO.
        producer_id: i64 [0..],
        /// TODO.
        transaction_state: Str [0..],
    }
}
