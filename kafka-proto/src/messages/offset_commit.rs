//! OffsetCommit (key 8), versions 0 to 10, flexible from 8: store a group's offsets.
//!
//! - Version 0 stores them in ZooKeeper, all others in the group's coordinator. 4.0 dropped versions 0 and 1 (KIP-896).
//! - `generation_id_or_member_epoch` -1 with an empty `member_id` commits from outside the group, which must have no
//!   members then.
//! - Version 5 leaves retention to the broker (KIP-211), version 6 has leader epochs (KIP-320), version 7 static
//!   members (KIP-345). Version 9 is the first for members of the consumer protocol, to whom it may answer
//!   STALE_MEMBER_EPOCH, and an unknown group is GROUP_ID_NOT_FOUND from there on, ILLEGAL_GENERATION before (KIP-848).
//!   From version 10 on topics have an id in place of a name (KIP-848).
//! - An error of the whole group has no field: it is repeated for each partition.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Stores offsets of a group.
    OffsetCommitRequest -> OffsetCommitResponse = key 8, versions 0..=10, flexible 8..,
        kips [3: 124, 4: 219, 5: 211, 6: 320, 7: 345, 8: 482, 9: 848, 10: 848] {
        /// The group.
        group_id: Str [0..],
        /// The member's generation, or its epoch in the consumer protocol; -1 outside the group.
        generation_id_or_member_epoch: i32 [1.., ignorable] = -1,
        /// The member; empty outside the group.
        member_id: Str [1.., ignorable],
        /// The member's static id, or null.
        group_instance_id: Option<Str> [7.., null 7..],
        /// Milliseconds to keep the offsets; -1 for the broker's default.
        retention_time_ms: i64 [2..=4, ignorable] = -1,
        /// The topics.
        topics: Vec<OffsetCommitRequestTopic> [0..],
    }

    /// A topic.
    OffsetCommitRequestTopic {
        /// Its name.
        name: Str [0..=9, ignorable],
        /// Its id.
        topic_id: Uuid [10.., ignorable],
        /// The partitions.
        partitions: Vec<OffsetCommitRequestPartition> [0..],
    }

    /// A partition's offset.
    OffsetCommitRequestPartition {
        /// Its number.
        partition_index: i32 [0..],
        /// The offset to go on from: one after the last record that was processed.
        committed_offset: i64 [0..],
        /// Leader epoch of the last record that was processed, or -1.
        committed_leader_epoch: i32 [6.., ignorable] = -1,
        /// Milliseconds since 1970 from which retention counts; -1 for the broker's time.
        commit_timestamp: i64 [1] = -1,
        /// Anything that the group wants to keep with the offset; null is stored as an empty text.
        committed_metadata: Option<Str> [0.., null 0..],
    }

    /// What became of each offset.
    OffsetCommitResponse = key 8, versions 0..=10, flexible 8.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [3.., ignorable],
        /// The topics.
        topics: Vec<OffsetCommitResponseTopic> [0..],
    }

    /// A topic's outcomes.
    OffsetCommitResponseTopic {
        /// Its name.
        name: Str [0..=9, ignorable],
        /// Its id.
        topic_id: Uuid [10.., ignorable],
        /// The partitions.
        partitions: Vec<OffsetCommitResponsePartition> [0..],
    }

    /// A partition's outcome.
    OffsetCommitResponsePartition {
        /// Its number.
        partition_index: i32 [0..],
        /// 0, or why the offset was not stored.
        error_code: i16 [0..],
    }
}
