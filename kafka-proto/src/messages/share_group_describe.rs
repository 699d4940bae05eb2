//! ShareGroupDescribe (key 77), versions 0 to 1, flexible from 0: state and members of share groups (KIP-932).
//!
//! - Sent to the coordinator of each group.
//! - Version 0 was for early access in Kafka 4.0 and went with 4.1, where version 1 is the first stable one.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Asks for share groups.
    ShareGroupDescribeRequest -> ShareGroupDescribeResponse = key 77, versions 0..=1, flexible 0..,
        kips [0: 932, 1: 932] {
        /// The groups.
        group_ids: Vec<Str> [0..],
        /// Whether to tell which operations the client may do.
        include_authorized_operations: bool [0..],
    }

    /// State and members of share groups.
    ShareGroupDescribeResponse = key 77, versions 0..=1, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// The groups.
        groups: Vec<DescribedGroup> [0..],
    }

    /// A group.
    DescribedGroup {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// Its id.
        group_id: Str [0..],
        /// `Empty`, `Stable` or `Dead`; empty after an error.
        group_state: Str [0..],
        /// Rises with each change of members or topics.
        group_epoch: i32 [0..],
        /// Epoch of the group for which the assignment was made.
        assignment_epoch: i32 [0..],
        /// Assignor in use.
        assignor_name: Str [0..],
        /// The members.
        members: Vec<Member> [0..],
        /// Bits of the operations that the client may do; the default if it didn't ask.
        authorized_operations: i32 [0..] = -2147483648,
    }

    /// A member.
    Member {
        /// Its id.
        member_id: Str [0..],
        /// Its rack, if it tells one.
        rack_id: Option<Str> [0.., null 0..],
        /// Epoch of the assignment that it has.
        member_epoch: i32 [0..],
        /// Its client id.
        client_id: Str [0..],
        /// Address that it connects from.
        client_host: Str [0..],
        /// Topics that it wants.
        subscribed_topic_names: Vec<Str> [0..],
        /// Partitions that it reads.
        assignment: Assignment [0..],
    }

    /// Partitions of a topic.
    TopicPartitions {
        /// Its id.
        topic_id: Uuid [0..],
        /// Its name.
        topic_name: Str [0..],
        /// Numbers of the partitions.
        partitions: Vec<i32> [0..],
    }

    /// Partitions of a member.
    Assignment {
        /// The partitions, by topic.
        topic_partitions: Vec<TopicPartitions> [0..],
    }
}
