//! WriteTxnMarkers (key 27), versions 0 to 2, flexible from 1: write the end of transactions into partitions (KIP-98).
//!
//! - Brokers send it, from the transaction's coordinator to the leaders of its partitions; an administrator aborts a
//!   hanging transaction by it.
//! - Version 2 names the transactions' version, so that a leader can insist on a greater epoch in version 2 (KIP-1228).
//!   4.0 dropped version 0.
//! - There is no error for a whole marker: it is repeated for each partition.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Writes markers.
    WriteTxnMarkersRequest -> WriteTxnMarkersResponse = key 27, versions 0..=2, flexible 1..,
        kips [0: 98, 1: 482, 2: 1228] {
        /// The markers.
        markers: Vec<WritableTxnMarker> [0..],
    }

    /// A transaction's marker.
    WritableTxnMarker {
        /// Its producer.
        producer_id: i64 [0..],
        /// The producer's epoch.
        producer_epoch: i16 [0..],
        /// Whether it is committed; false when aborted.
        transaction_result: bool [0..],
        /// The topics to write it into.
        topics: Vec<WritableTxnMarkerTopic> [0..],
        /// Leader epoch of the coordinator's own partition; older coordinators are refused.
        coordinator_epoch: i32 [0..],
        /// The transaction's version; 0 and 1 accept the epoch that the partition knows, 2 wants a greater one.
        transaction_version: i8 [2.., ignorable],
    }

    /// A topic.
    WritableTxnMarkerTopic {
        /// Its name.
        name: Str [0..],
        /// Numbers of the partitions.
        partition_indexes: Vec<i32> [0..],
    }

    /// What became of each marker.
    WriteTxnMarkersResponse = key 27, versions 0..=2, flexible 1.. {
        /// The markers.
        markers: Vec<WritableTxnMarkerResult> [0..],
    }

    /// A marker's outcomes.
    WritableTxnMarkerResult {
        /// Its producer.
        producer_id: i64 [0..],
        /// The topics.
        topics: Vec<WritableTxnMarkerTopicResult> [0..],
    }

    /// A topic's outcomes.
    WritableTxnMarkerTopicResult {
        /// Its name.
        name: Str [0..],
        /// The partitions.
        partitions: Vec<WritableTxnMarkerPartitionResult> [0..],
    }

    /// A partition's outcome.
    WritableTxnMarkerPartitionResult {
        /// Its number.
        partition_index: i32 [0..],
        /// 0, or why the marker was not written.
        error_code: i16 [0..],
    }
}
