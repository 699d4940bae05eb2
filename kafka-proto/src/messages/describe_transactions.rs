//! DescribeTransactions (key 65), version 0, flexible from 0: state of transactions (KIP-664).
//!
//! - Sent to the transaction coordinator of each id.
//! - While a transaction completes, only partitions without a marker yet are told.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks for transactions.
    DescribeTransactionsRequest -> DescribeTransactionsResponse = key 65, versions 0..=0, flexible 0.., kips [0: 664] {
        /// Their ids; none for none.
        transactional_ids: Vec<Str> [0..],
    }

    /// State of transactions.
    DescribeTransactionsResponse = key 65, versions 0..=0, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// The transactions.
        transaction_states: Vec<TransactionState> [0..],
    }

    /// A transaction.
    TransactionState {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// Its id.
        transactional_id: Str [0..],
        /// `Empty`, `Ongoing`, `PrepareCommit`, `PrepareAbort`, `CompleteCommit`, `CompleteAbort` and the like.
        transaction_state: Str [0..],
        /// Milliseconds after which the coordinator aborts it.
        transaction_timeout_ms: i32 [0..],
        /// When it began, milliseconds since 1970, or -1.
        transaction_start_time_ms: i64 [0..],
        /// Its producer.
        producer_id: i64 [0..],
        /// Epoch of the producer.
        producer_epoch: i16 [0..],
        /// Partitions in it.
        topics: Vec<TopicData> [0..],
    }

    /// Partitions of a topic.
    TopicData {
        /// Its name.
        topic: Str [0..],
        /// Numbers of the partitions.
        partitions: Vec<i32> [0..],
    }
}
