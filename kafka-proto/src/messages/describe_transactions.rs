//! DescribeTransactions (key 65), version 0, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    DescribeTransactionsRequest -> DescribeTransactionsResponse = key 65, versions 0..=0, flexible 0.. {
        /// TODO.
        transactional_ids: Vec<Str> [0..],
    }

    /// TODO.
    DescribeTransactionsResponse = key 65, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// TODO.
        transaction_states: Vec<TransactionState> [0..],
    }

    /// TODO.
    TransactionState {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        transactional_id: Str [0..],
        /// TODO.
        transaction_state: Str [0..],
        /// TODO.
        transaction_timeout_ms: i32 [0..],
        /// TODO.
        transaction_start_time_ms: i64 [0..],
        /// TODO.
        producer_id: i64 [0..],
        /// TODO.
        producer_epoch: i16 [0..],
        /// TODO.
        topics: Vec<TopicData> [0..],
    }

    /// TODO.
    TopicData {
        /// TODO.
        topic: Str [0..],
        /// TODO.
        partitions: Vec<i32> [0..],
    }
}
