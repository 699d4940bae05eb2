//! WriteTxnMarkers (key 27), versions 0 to 2, flexible from 1: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    WriteTxnMarkersRequest -> WriteTxnMarkersResponse = key 27, versions 0..=2, flexible 1.. {
        /// TODO.
        markers: Vec<WritableTxnMarker> [0..],
    }

    /// TODO.
    WritableTxnMarker {
        /// TODO.
        producer_id: i64 [0..],
        /// TODO.
        producer_epoch: i16 [0..],
        /// TODO.
        transaction_result: bool [0..],
        /// TODO.
        topics: Vec<WritableTxnMarkerTopic> [0..],
        /// TODO.
        coordinator_epoch: i32 [0..],
        /// TODO.
        transaction_version: i8 [2.., ignorable],
    }

    /// TODO.
    WritableTxnMarkerTopic {
        /// TODO.
        name: Str [0..],
        /// TODO.
        partition_indexes: Vec<i32> [0..],
    }

    /// TODO.
    WriteTxnMarkersResponse = key 27, versions 0..=2, flexible 1.. {
        /// TODO.
        markers: Vec<WritableTxnMarkerResult> [0..],
    }

    /// TODO.
    WritableTxnMarkerResult {
        /// TODO.
        producer_id: i64 [0..],
        /// TODO.
        topics: Vec<WritableTxnMarkerTopicResult> [0..],
    }

    /// TODO.
    WritableTxnMarkerTopicResult {
        /// TODO.
        name: Str [0..],
        /// TODO.
        partitions: Vec<WritableTxnMarkerPartitionResult> [0..],
    }

    /// TODO.
    WritableTxnMarkerPartitionResult {
        /// TODO.
        partition_index: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
    }
}
