//! AddPartitionsToTxn (key 24), versions 0 to 5, flexible from 3: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    AddPartitionsToTxnRequest -> AddPartitionsToTxnResponse = key 24, versions 0..=5, flexible 3.. {
        /// TODO.
        transactions: Vec<AddPartitionsToTxnTransaction> [4..],
        /// TODO.
        v3_and_below_transactional_id: Str [0..=3],
        /// TODO.
        v3_and_below_producer_id: i64 [0..=3],
        /// TODO.
        v3_and_below_producer_epoch: i16 [0..=3],
        /// TODO.
        v3_and_below_topics: Vec<AddPartitionsToTxnTopic> [0..=3],
    }

    /// TODO.
    AddPartitionsToTxnTransaction {
        /// TODO.
        transactional_id: Str [4..],
        /// TODO.
        producer_id: i64 [4..],
        /// TODO.
        producer_epoch: i16 [4..],
        /// TODO.
        verify_only: bool [4..] = false,
        /// TODO.
        topics: Vec<AddPartitionsToTxnTopic> [4..],
    }

    /// TODO.
    AddPartitionsToTxnTopic {
        /// TODO.
        name: Str [0..],
        /// TODO.
        partitions: Vec<i32> [0..],
    }

    /// TODO.
    AddPartitionsToTxnResponse = key 24, versions 0..=5, flexible 3.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [4.., ignorable],
        /// TODO.
        results_by_transaction: Vec<AddPartitionsToTxnResult> [4..],
        /// TODO.
        results_by_topic_v3_and_below: Vec<AddPartitionsToTxnTopicResult> [0..=3],
    }

    /// TODO.
    AddPartitionsToTxnResult {
        /// TODO.
        transactional_id: Str [4..],
        /// TODO.
        topic_results: Vec<AddPartitionsToTxnTopicResult> [4..],
    }

    /// TODO.
    AddPartitionsToTxnTopicResult {
        /// TODO.
        name: Str [0..],
        /// TODO.
        results_by_partition: Vec<AddPartitionsToTxnPartitionResult> [0..],
    }

    /// TODO.
    AddPartitionsToTxnPartitionResult {
        /// TODO.
        partition_index: i32 [0..],
        /// TODO.
        partition_error_code: i16 [0..],
    }
}
