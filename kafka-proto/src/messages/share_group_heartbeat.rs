//! ShareGroupHeartbeat (key 76), versions 0 to 1, flexible from 0: TODO.

use alloc::vec::Vec;

use crate::{
    schema::messages,
    wire::{Str, Uuid},
};

messages! {
    /// TODO.
    ShareGroupHeartbeatRequest -> ShareGroupHeartbeatResponse = key 76, versions 0..=1, flexible 0.. {
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        member_id: Str [0..],
        /// TODO.
        member_epoch: i32 [0..],
        /// TODO.
        rack_id: Option<Str> [0.., null 0..],
        /// TODO.
        subscribed_topic_names: Option<Vec<Str>> [0.., null 0..],
    }

    /// TODO.
    ShareGroupHeartbeatResponse = key 76, versions 0..=1, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        member_id: Option<Str> [0.., null 0..],
        /// TODO.
        member_epoch: i32 [0..],
        /// TODO.
        heartbeat_interval_ms: i32 [0..],
        /// TODO.
        assignment: Option<Assignment> [0.., null 0..],
    }

    /// TODO.
    Assignment {
        /// TODO.
        topic_partitions: Vec<TopicPartitions> [0..],
    }

    /// TODO.
    TopicPartitions {
        /// TODO.
        topic_id: Uuid [0..],
        /// TODO.
        partitions: Vec<i32> [0..],
    }
}
