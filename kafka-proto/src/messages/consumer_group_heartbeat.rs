//! ConsumerGroupHeartbeat (key 68), versions 0 to 1, flexible from 0: join, keep up and leave a group of the new
//! rebalance protocol (KIP-848).
//!
//! - The broker assigns; a heartbeat takes the place of JoinGroup, SyncGroup, Heartbeat and LeaveGroup.
//! - Null, and -1 for the timeout, says "as in the last heartbeat". The first one to a coordinator has all.
//! - Version 1 subscribes by regular expression, and the client makes up its member id; in version 0 it joins with an
//!   empty one and the broker gives it one (KIP-1082).

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Tells that a member lives, and what it has and wants.
    ConsumerGroupHeartbeatRequest -> ConsumerGroupHeartbeatResponse = key 68, versions 0..=1, flexible 0..,
        kips [0: 848, 1: 848, 1: 1082] {
        /// The group.
        group_id: Str [0..],
        /// The member's id, the same for as long as the process lives.
        member_id: Str [0..],
        /// The epoch that the broker last told; 0 joins, -1 leaves, -2 is a static member that will be back.
        member_epoch: i32 [0..],
        /// Id of a static member; null for others.
        instance_id: Option<Str> [0.., null 0..],
        /// The client's rack.
        rack_id: Option<Str> [0.., null 0..],
        /// Milliseconds that the member may take to give partitions up.
        rebalance_timeout_ms: i32 [0..] = -1,
        /// Topics that the member wants.
        subscribed_topic_names: Option<Vec<Str>> [0.., null 0..],
        /// Regular expression (RE2) for topics that it wants; empty to end such a subscription.
        subscribed_topic_regex: Option<Str> [1.., null 1..],
        /// Assignor that the broker should use, such as `uniform`; null leaves it to the group.
        server_assignor: Option<Str> [0.., null 0..],
        /// Partitions that the member has.
        topic_partitions: Option<Vec<TopicPartitions>> [0.., null 0..],
    }

    /// Partitions of a topic.
    TopicPartitions {
        /// Its id.
        topic_id: Uuid [0..],
        /// Numbers of the partitions.
        partitions: Vec<i32> [0..],
    }

    /// What the member shall have.
    ConsumerGroupHeartbeatResponse = key 68, versions 0..=1, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// The member's id.
        member_id: Option<Str> [0.., null 0..],
        /// The member's epoch, to be told in the next heartbeat.
        member_epoch: i32 [0..],
        /// Milliseconds until the next heartbeat.
        heartbeat_interval_ms: i32 [0..],
        /// Partitions that the member shall have; null for no change.
        assignment: Option<Assignment> [0.., null 0..],
    }

    /// Partitions of a member.
    Assignment {
        /// The partitions, all of them, not only what changed.
        topic_partitions: Vec<TopicPartitions> [0..],
    }
}
