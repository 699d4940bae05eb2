//! ConsumerGroupDescribe (key 69), versions 0 to 1, flexible from 0: state and members of groups of the new rebalance
//! protocol (KIP-848).
//!
//! - Sent to the coordinator of each group. Groups of the old protocol answer GROUP_ID_NOT_FOUND: DescribeGroups has
//!   them.
//! - Version 1 tells which members still speak the old protocol (KIP-1099).

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Asks for groups.
    ConsumerGroupDescribeRequest -> ConsumerGroupDescribeResponse = key 69, versions 0..=1, flexible 0..,
        kips [0: 848, 1: 1099] {
        /// The groups.
        group_ids: Vec<Str> [0..],
        /// Whether to tell which operations the client may do.
        include_authorized_operations: bool [0..],
    }

    /// State and members of groups.
    ConsumerGroupDescribeResponse = key 69, versions 0..=1, flexible 0.. {
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
        /// `Empty`, `Assigning`, `Reconciling`, `Stable` or `Dead`; empty after an error.
        group_state: Str [0..],
        /// Rises with each change of members or topics.
        group_epoch: i32 [0..],
        /// Epoch of the group for which the target assignment was made.
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
        /// Id of a static member; null for others.
        instance_id: Option<Str> [0.., null 0..],
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
        /// Regular expression for topics that it wants; null without one.
        subscribed_topic_regex: Option<Str> [0.., null 0..],
        /// Partitions that it has.
        assignment: Assignment [0..],
        /// Partitions that it shall have.
        target_assignment: Assignment [0..],
        /// -1 unknown, 0 old protocol, 1 new protocol.
        member_type: i8 [1.., ignorable] = -1,
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
