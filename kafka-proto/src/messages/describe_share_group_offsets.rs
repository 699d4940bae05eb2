//! DescribeShareGroupOffsets (key 90), versions 0 to 1, flexible from 0: how far share groups are (KIP-932).
//!
//! - Sent by clients to the coordinator of each group. Version 1 tells the lag (KIP-1226).
//! - A group's part with an id of four letters takes 7 bytes and 64 decoded, hence the memory factor of the request.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Asks how far share groups are.
    DescribeShareGroupOffsetsRequest -> DescribeShareGroupOffsetsResponse = key 90, versions 0..=1, flexible 0..,
        memory 12, kips [0: 932, 1: 1226] {
        /// The groups.
        groups: Vec<DescribeShareGroupOffsetsRequestGroup> [0..],
    }

    /// A group.
    DescribeShareGroupOffsetsRequestGroup {
        /// Its id.
        group_id: Str [0..],
        /// Its topics; null for all that it has.
        topics: Option<Vec<DescribeShareGroupOffsetsRequestTopic>> [0.., null 0..],
    }

    /// A topic.
    DescribeShareGroupOffsetsRequestTopic {
        /// Its name.
        topic_name: Str [0..],
        /// Numbers of the partitions.
        partitions: Vec<i32> [0..],
    }

    /// How far share groups are.
    DescribeShareGroupOffsetsResponse = key 90, versions 0..=1, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// The groups.
        groups: Vec<DescribeShareGroupOffsetsResponseGroup> [0..],
    }

    /// A group.
    DescribeShareGroupOffsetsResponseGroup {
        /// Its id.
        group_id: Str [0..],
        /// The topics.
        topics: Vec<DescribeShareGroupOffsetsResponseTopic> [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }

    /// A topic.
    DescribeShareGroupOffsetsResponseTopic {
        /// Its name.
        topic_name: Str [0..],
        /// Its id.
        topic_id: Uuid [0..],
        /// The partitions.
        partitions: Vec<DescribeShareGroupOffsetsResponsePartition> [0..],
    }

    /// A partition.
    DescribeShareGroupOffsetsResponsePartition {
        /// Its number.
        partition_index: i32 [0..],
        /// First offset that is not settled; -1 if that is open.
        start_offset: i64 [0..],
        /// Epoch of the partition's leader.
        leader_epoch: i32 [0..],
        /// Records that wait to be settled, or -1.
        lag: i64 [1.., ignorable] = -1,
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
