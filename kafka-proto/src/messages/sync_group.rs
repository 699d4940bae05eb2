//! SyncGroup (key 14), versions 0 to 5, flexible from 4: TODO.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    SyncGroupRequest -> SyncGroupResponse = key 14, versions 0..=5, flexible 4.., memory 12 {
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        generation_id: i32 [0..],
        /// TODO.
        member_id: Str [0..],
        /// TODO.
        group_instance_id: Option<Str> [3.., null 3..],
        /// TODO.
        protocol_type: Option<Str> [5.., null 5.., ignorable],
        /// TODO.
        protocol_name: Option<Str> [5.., null 5.., ignorable],
        /// TODO.
        assignments: Vec<SyncGroupRequestAssignment> [0..],
    }

    /// TODO.
    SyncGroupRequestAssignment {
        /// TODO.
        member_id: Str [0..],
        /// TODO.
        assignment: Bytes [0..],
    }

    /// TODO.
    SyncGroupResponse = key 14, versions 0..=5, flexible 4.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [1.., ignorable],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        protocol_type: Option<Str> [5.., null 5.., ignorable],
        /// TODO.
        protocol_name: Option<Str> [5.., null 5.., ignorable],
        /// TODO.
        assignment: Bytes [0..],
    }
}
