//! AddPartitionsToTxn (key 24), versions 0 to 5, flexible from 3: take partitions into a transaction (KIP-98).
//!
//! - Versions 0 to 3 are for clients and have one transaction, in the `v3_and_below` fields. Versions 4 and 5 are for
//!   brokers, have several, and can verify rather than add (KIP-890).
//! - It is all or nothing: when one partition is refused, the others say OPERATION_NOT_ATTEMPTED.
//! - Version 2 answers PRODUCER_FENCED where older ones said INVALID_PRODUCER_EPOCH (KIP-588), version 5 may answer
//!   TRANSACTION_ABORTABLE (KIP-890).
//! - With transactions of version 2 producers need not send it: producing adds the partition.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Takes partitions into transactions.
    AddPartitionsToTxnRequest -> AddPartitionsToTxnResponse = key 24, versions 0..=5, flexible 3..,
        kips [0: 98, 1: 219, 2: 588, 3: 482, 4: 890, 5: 890] {
        /// The transactions, from version 4 on.
        transactions: Vec<AddPartitionsToTxnTransaction> [4..],
        /// The transactional id, before version 4.
        v3_and_below_transactional_id: Str [0..=3],
        /// The producer, before version 4.
        v3_and_below_producer_id: i64 [0..=3],
        /// The producer's epoch, before version 4.
        v3_and_below_producer_epoch: i16 [0..=3],
        /// The topics, before version 4.
        v3_and_below_topics: Vec<AddPartitionsToTxnTopic> [0..=3],
    }

    /// A transaction.
    AddPartitionsToTxnTransaction {
        /// Its transactional id.
        transactional_id: Str [4..],
        /// Its producer.
        producer_id: i64 [4..],
        /// The producer's epoch.
        producer_epoch: i16 [4..],
        /// Whether to check that the partitions are in the transaction rather than to add them.
        verify_only: bool [4..] = false,
        /// The topics.
        topics: Vec<AddPartitionsToTxnTopic> [4..],
    }

    /// A topic.
    AddPartitionsToTxnTopic {
        /// Its name.
        name: Str [0..],
        /// Numbers of the partitions.
        partitions: Vec<i32> [0..],
    }

    /// What became of each partition.
    AddPartitionsToTxnResponse = key 24, versions 0..=5, flexible 3.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or why the whole request was refused.
        error_code: i16 [4.., ignorable],
        /// The transactions, from version 4 on.
        results_by_transaction: Vec<AddPartitionsToTxnResult> [4..],
        /// The topics, before version 4.
        results_by_topic_v3_and_below: Vec<AddPartitionsToTxnTopicResult> [0..=3],
    }

    /// A transaction's outcomes.
    AddPartitionsToTxnResult {
        /// Its transactional id.
        transactional_id: Str [4..],
        /// The topics.
        topic_results: Vec<AddPartitionsToTxnTopicResult> [4..],
    }

    /// A topic's outcomes.
    AddPartitionsToTxnTopicResult {
        /// Its name.
        name: Str [0..],
        /// The partitions.
        results_by_partition: Vec<AddPartitionsToTxnPartitionResult> [0..],
    }

    /// A partition's outcome.
    AddPartitionsToTxnPartitionResult {
        /// Its number.
        partition_index: i32 [0..],
        /// 0, or why it is not in the transaction.
        partition_error_code: i16 [0..],
    }
}
