//! ListOffsets (key 2), versions 0 to 11, flexible from 6: offsets of partitions by time.
//!
//! - Version 0 answers with a list of offsets of segments, later versions with one offset and its timestamp (KIP-79).
//! - Special timestamps: -1 the end, -2 the start, -3 the record with the highest timestamp (version 7, KIP-734), -4
//!   the start of the local log (version 8, KIP-405), -5 the end of the tiered log (version 9, KIP-1005), -6 the first
//!   that is not tiered yet (version 11, KIP-1023).
//! - Version 2 has isolation levels, version 4 leader epochs (KIP-320), version 10 a timeout for tiered storage
//!   (KIP-1075).
//! - 4.0 dropped version 0 (KIP-896).

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks for offsets by time.
    ListOffsetsRequest -> ListOffsetsResponse = key 2, versions 0..=11, flexible 6..,
        kips [1: 79, 2: 98, 2: 124, 3: 219, 4: 320, 5: 207, 6: 482, 7: 734, 8: 405, 9: 1005, 10: 1075, 11: 1023] {
        /// The replica that asks; -1 for clients.
        replica_id: i32 [0..],
        /// 0 sees all records, 1 only what is committed.
        isolation_level: i8 [2..],
        /// The topics.
        topics: Vec<ListOffsetsTopic> [0..],
        /// Milliseconds to wait for tiered storage.
        timeout_ms: i32 [10.., ignorable],
    }

    /// A topic.
    ListOffsetsTopic {
        /// Its name.
        name: Str [0..],
        /// The partitions.
        partitions: Vec<ListOffsetsPartition> [0..],
    }

    /// A partition.
    ListOffsetsPartition {
        /// Its number.
        partition_index: i32 [0..],
        /// The leader epoch that the client knows, or -1.
        current_leader_epoch: i32 [4.., ignorable] = -1,
        /// Milliseconds since 1970, or one of the special values.
        timestamp: i64 [0..],
        /// Offsets to answer with at most.
        max_num_offsets: i32 [0..=0] = 1,
    }

    /// Offsets by time.
    ListOffsetsResponse = key 2, versions 0..=11, flexible 6.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [2.., ignorable],
        /// The topics.
        topics: Vec<ListOffsetsTopicResponse> [0..],
    }

    /// A topic.
    ListOffsetsTopicResponse {
        /// Its name.
        name: Str [0..],
        /// The partitions.
        partitions: Vec<ListOffsetsPartitionResponse> [0..],
    }

    /// A partition.
    ListOffsetsPartitionResponse {
        /// Its number.
        partition_index: i32 [0..],
        /// 0, or why there is no offset.
        error_code: i16 [0..],
        /// Offsets of segments, descending.
        old_style_offsets: Vec<i64> [0..=0],
        /// Timestamp of the record found, or -1.
        timestamp: i64 [1..] = -1,
        /// Offset of the record found, or -1.
        offset: i64 [1..] = -1,
        /// Leader epoch of the record found, or -1.
        leader_epoch: i32 [4..] = -1,
    }
}
