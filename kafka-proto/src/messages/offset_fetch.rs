//! OffsetFetch (key 9), versions 0 to 10, flexible from 6: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    OffsetFetchRequest -> OffsetFetchResponse = key 9, versions 0..=10, flexible 6.., memory 16 {
        /// TODO.
        group_id: Str [0..=7],
        /// TODO.
        topics: Option<Vec<OffsetFetchRequestTopic>> [0..=7, null 2..=7] = Some(Vec::new()),
        /// TODO.
        groups: Vec<OffsetFetchRequestGroup> [8..],
        /// TODO.
        require_stable: bool [7..] = false,
    }

    /// TODO.
    OffsetFetchRequestTopic {
        /// TODO.
        name: Str [0..=7],
        /// TODO.
        partition_indexes: Vec<i32> [0..=7],
    }

    /// TODO.
    OffsetFetchRequestGroup {
        /// TODO.
        group_id: Str [8..],
        /// TODO.
        member_id: Option<Str> [9.., null 9.., ignorable],
        /// TODO.
        member_epoch: i32 [9.., ignorable] = -1,
        /// TODO.
        topics: Option<Vec<OffsetFetchRequestTopics>> [8.., null 8..],
    }

    /// TODO.
    OffsetFetchRequestTopics {
        /// TODO.
        name: Str [8..=9, ignorable],
        /// TODO.
        topic_id: Uuid [10.., ignorable],
        /// TODO.
        partition_indexes: Vec<i32> [8..],
    }

    /// TODO.
    OffsetFetchResponse = key 9, versions 0..=10, flexible 6.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [3.., ignorable],
        /// TODO.
        topics: Vec<OffsetFetchResponseTopic> [0..=7],
        /// 0, or what went wrong.
        error_code: i16 [2..=7, ignorable],
        /// TODO.
        groups: Vec<OffsetFetchResponseGroup> [8..],
    }

    /// TODO.
    OffsetFetchResponseTopic {
        /// TODO.
        name: Str [0..=7],
        /// TODO.
        partitions: Vec<OffsetFetchResponsePartition> [0..=7],
    }

    /// TODO.
    OffsetFetchResponsePartition {
        /// TODO.
        partition_index: i32 [0..=7],
        /// TODO.
        committed_offset: i64 [0..=7],
        /// TODO.
        committed_leader_epoch: i32 [5..=7, ignorable] = -1,
        /// TODO.
        metadata: Option<Str> [0..=7, null 0..=7],
        /// 0, or what went wrong.
        error_code: i16 [0..=7],
    }

    /// TODO.
    OffsetFetchResponseGroup {
        /// TODO.
        group_id: Str [8..],
        /// TODO.
        topics: Vec<OffsetFetchResponseTopics> [8..],
        /// 0, or what went wrong.
        error_code: i16 [8..],
    }

    /// TODO.
    OffsetFetchResponseTopics {
        /// TODO.
        name: Str [8..=9, ignorable],
        /// TODO.
        topic_id: Uuid [10.., ignorable],
        /// TODO.
        partitions: Vec<OffsetFetchResponsePartitions> [8..],
    }

    /// TODO.
    OffsetFetchResponsePartitions {
        /// TODO.
        partition_index: i32 [8..],
        /// TODO.
        committed_offset: i64 [8..],
        /// TODO.
        committed_leader_epoch: i32 [8.., ignorable] = -1,
        /// TODO.
        metadata: Option<Str> [8.., null 8..],
        /// 0, or what went wrong.
        error_code: i16 [8..],
    }
}
