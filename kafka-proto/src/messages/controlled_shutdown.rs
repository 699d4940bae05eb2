//! ControlledShutdown (key 7), versions 0 to 3, flexible from 3: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    ControlledShutdownRequest -> ControlledShutdownResponse = key 7, versions 0..=3, flexible 3.. {
        /// TODO.
        broker_id: i32 [0..],
        /// TODO.
        broker_epoch: i64 [2.., ignorable] = -1,
    }

    /// TODO.
    ControlledShutdownResponse = key 7, versions 0..=3, flexible 3.. {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        remaining_partitions: Vec<RemainingPartition> [0..],
    }

    /// TODO.
    RemainingPartition {
        /// TODO.
        topic_name: Str [0..],
        /// TODO.
        partition_index: i32 [0..],
    }
}
