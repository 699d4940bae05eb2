//! ShareGroupHeartbeat (key 76), versions 0 to 1, flexible from 0: join, keep up and leave a share group (KIP-932).
//!
//! - Version 0 was for early access in Kafka 4.0 and went with 4.1, where version 1 is the first stable one.
//! - Null says "as in the last heartbeat". The first one to a coordinator has all.
//! - Members share partitions, so an assignment counts at once: nobody has to give anything up first.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// Tells that a member lives, and what it wants.
    ShareGroupHeartbeatRequest -> ShareGroupHeartbeatResponse = key 76, versions 0..=1, flexible 0..,
        kips [0: 932, 1: 932] {
        /// The group.
        group_id: Str [0..],
        /// The member's id, made up by the client and the same for as long as its process lives.
        member_id: Str [0..],
        /// The epoch that the broker last told; 0 joins, -1 leaves.
        member_epoch: i32 [0..],
        /// The client's rack.
        rack_id: Option<Str> [0.., null 0..],
        /// Topics that the member wants.
        subscribed_topic_names: Option<Vec<Str>> [0.., null 0..],
    }

    /// What the member shall read.
    ShareGroupHeartbeatResponse = key 76, versions 0..=1, flexible 0.. {
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
        /// Partitions that the member shall read; null for no change.
        assignment: Option<Assignment> [0.., null 0..],
    }

    /// Partitions of a member.
    Assignment {
        /// The partitions, all of them, not only what changed.
        topic_partitions: Vec<TopicPartitions> [0..],
    }

    /// Partitions of a topic.
    TopicPartitions {
        /// Its id.
        topic_id: Uuid [0..],
        /// Numbers of the partitions.
        partitions: Vec<i32> [0..],
    }
}
