//! ConsumerGroupDescribe (key 69), versions 0 to 1, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    ConsumerGroupDescribeRequest -> ConsumerGroupDescribeResponse = key 69, versions 0..=1, flexible 0.. {
        /// TODO.
        group_ids: Vec<Str> [0..],
        /// TODO.
        include_authorized_operations: bool [0..],
    }

    /// TODO.
    ConsumerGroupDescribeResponse = key 69, versions 0..=1, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// TODO.
        groups: Vec<DescribedGroup> [0..],
    }

    /// TODO.
    DescribedGroup {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        group_state: Str [0..],
        /// TODO.
        group_epoch: i32 [0..],
        /// TODO.
        assignment_epoch: i32 [0..],
        /// TODO.
        assignor_name: Str [0..],
        /// TODO.
        members: Vec<Member> [0..],
        /// TODO.
        authorized_operations: i32 [0..] = -2147483648,
    }

    /// TODO.
    Member {
        /// TODO.
        member_id: Str [0..],
        /// TODO.
        instance_id: Option<Str> [0.., null 0..],
        /// TODO.
        rack_id: Option<Str> [0.., null 0..],
        /// TODO.
        member_epoch: i32 [0..],
        /// TODO.
        client_id: Str [0..],
        /// TODO.
        client_host: Str [0..],
        /// TODO.
        subscribed_topic_names: Vec<Str> [0..],
        /// TODO.
        subscribed_topic_regex: Option<Str> [0.., null 0..],
        /// TODO.
        assignment: Assignment [0..],
        /// TODO.
        target_assignment: Assignment [0..],
        /// TODO.
        member_type: i8 [1.., ignorable] = -1,
    }

    /// TODO.
    TopicPartitions {
        /// TODO.
        topic_id: Uuid [0..],
        /// TODO.
        topic_name: Str [0..],
        /// TODO.
        partitions: Vec<i32> [0..],
    }

    /// TODO.
    Assignment {
        /// TODO.
        topic_partitions: Vec<TopicPartitions> [0..],
    }
}
