//! DescribeShareGroupOffsets (key 90), versions 0 to 1, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    DescribeShareGroupOffsetsRequest -> DescribeShareGroupOffsetsResponse = key 90, versions 0..=1, flexible 0.., memory 12 {
        /// TODO.
        groups: Vec<DescribeShareGroupOffsetsRequestGroup> [0..],
    }

    /// TODO.
    DescribeShareGroupOffsetsRequestGroup {
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        topics: Option<Vec<DescribeShareGroupOffsetsRequestTopic>> [0.., null 0..],
    }

    /// TODO.
    DescribeShareGroupOffsetsRequestTopic {
        /// TODO.
        topic_name: Str [0..],
        /// TODO.
        partitions: Vec<i32> [0..],
    }

    /// TODO.
    DescribeShareGroupOffsetsResponse = key 90, versions 0..=1, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// TODO.
        groups: Vec<DescribeShareGroupOffsetsResponseGroup> [0..],
    }

    /// TODO.
    DescribeShareGroupOffsetsResponseGroup {
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        topics: Vec<DescribeShareGroupOffsetsResponseTopic> [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }

    /// TODO.
    DescribeShareGroupOffsetsResponseTopic {
        /// TODO.
        topic_name: Str [0..],
        /// TODO.
        topic_id: Uuid [0..],
        /// TODO.
        partitions: Vec<DescribeShareGroupOffsetsResponsePartition> [0..],
    }

    /// TODO.
    DescribeShareGroupOffsetsResponsePartition {
        /// TODO.
        partition_index: i32 [0..],
        /// TODO.
        start_offset: i64 [0..],
        /// TODO.
        leader_epoch: i32 [0..],
        /// TODO.
        lag: i64 [1.., ignorable] = -1,
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
    }
}
