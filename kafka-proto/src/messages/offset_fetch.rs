//! OffsetFetch (key 9), versions 0 to 10, flexible from 6: read a group's offsets.
//!
//! - Version 0 reads from ZooKeeper and says UNKNOWN_TOPIC_OR_PARTITION where nothing is stored; later versions read
//!   from the group's coordinator and answer such a partition with offset -1 and no error. 4.0 dropped version 0
//!   (KIP-896).
//! - From version 2 on null asks for all topics, and there is an error for the whole group (KIP-88). Version 5 has
//!   leader epochs (KIP-320). Version 7 can insist on stable offsets (KIP-447): a partition with offsets in an open
//!   transaction then answers UNSTABLE_OFFSET_COMMIT, to be tried again.
//! - From version 8 on all is in `groups`, of which there may be several (KIP-709). Version 9 is the first for members
//!   of the consumer protocol and can answer STALE_MEMBER_EPOCH and UNKNOWN_MEMBER_ID (KIP-848), and from version 10 on
//!   topics have an id in place of a name (KIP-848).
//! - A group asked for with all its topics takes as few as 7 bytes and 104 decoded, hence the memory factor of the
//!   request.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Asks for offsets of groups.
    OffsetFetchRequest -> OffsetFetchResponse = key 9, versions 0..=10, flexible 6.., memory 16,
        kips [2: 88, 3: 124, 4: 219, 5: 320, 6: 482, 7: 447, 8: 709, 9: 848, 10: 848] {
        /// The group, before version 8.
        group_id: Str [0..=7],
        /// The topics, before version 8; null for all, from version 2 on.
        topics: Option<Vec<OffsetFetchRequestTopic>> [0..=7, null 2..=7] = Some(Vec::new()),
        /// The groups, from version 8 on.
        groups: Vec<OffsetFetchRequestGroup> [8..],
        /// Whether to have an error rather than an offset that an open transaction may replace.
        require_stable: bool [7..] = false,
    }

    /// A topic, before version 8.
    OffsetFetchRequestTopic {
        /// Its name.
        name: Str [0..=7],
        /// Numbers of the partitions.
        partition_indexes: Vec<i32> [0..=7],
    }

    /// A group.
    OffsetFetchRequestGroup {
        /// Its id.
        group_id: Str [8..],
        /// The member of the consumer protocol that asks; null otherwise.
        member_id: Option<Str> [9.., null 9.., ignorable],
        /// The member's epoch; -1 without a member.
        member_epoch: i32 [9.., ignorable] = -1,
        /// The topics; null for all.
        topics: Option<Vec<OffsetFetchRequestTopics>> [8.., null 8..],
    }

    /// A topic.
    OffsetFetchRequestTopics {
        /// Its name.
        name: Str [8..=9, ignorable],
        /// Its id.
        topic_id: Uuid [10.., ignorable],
        /// Numbers of the partitions.
        partition_indexes: Vec<i32> [8..],
    }

    /// Offsets of groups.
    OffsetFetchResponse = key 9, versions 0..=10, flexible 6.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [3.., ignorable],
        /// The topics, before version 8.
        topics: Vec<OffsetFetchResponseTopic> [0..=7],
        /// 0, or why the group has no answer, before version 8.
        error_code: i16 [2..=7, ignorable],
        /// The groups, from version 8 on.
        groups: Vec<OffsetFetchResponseGroup> [8..],
    }

    /// A topic, before version 8.
    OffsetFetchResponseTopic {
        /// Its name.
        name: Str [0..=7],
        /// The partitions.
        partitions: Vec<OffsetFetchResponsePartition> [0..=7],
    }

    /// A partition's offset, before version 8.
    OffsetFetchResponsePartition {
        /// Its number.
        partition_index: i32 [0..=7],
        /// The offset to go on from; -1 when none is stored.
        committed_offset: i64 [0..=7],
        /// Leader epoch of the last record that was processed, or -1.
        committed_leader_epoch: i32 [5..=7, ignorable] = -1,
        /// What the group keeps with the offset.
        metadata: Option<Str> [0..=7, null 0..=7],
        /// 0, or why there is no offset.
        error_code: i16 [0..=7],
    }

    /// A group.
    OffsetFetchResponseGroup {
        /// Its id.
        group_id: Str [8..],
        /// The topics.
        topics: Vec<OffsetFetchResponseTopics> [8..],
        /// 0, or why the group has no answer.
        error_code: i16 [8..],
    }

    /// A topic.
    OffsetFetchResponseTopics {
        /// Its name.
        name: Str [8..=9, ignorable],
        /// Its id.
        topic_id: Uuid [10.., ignorable],
        /// The partitions.
        partitions: Vec<OffsetFetchResponsePartitions> [8..],
    }

    /// A partition's offset.
    OffsetFetchResponsePartitions {
        /// Its number.
        partition_index: i32 [8..],
        /// The offset to go on from; -1 when none is stored.
        committed_offset: i64 [8..],
        /// Leader epoch of the last record that was processed, or -1.
        committed_leader_epoch: i32 [8.., ignorable] = -1,
        /// What the group keeps with the offset.
        metadata: Option<Str> [8.., null 8..],
        /// 0, or why there is no offset.
        error_code: i16 [8..],
    }
}
