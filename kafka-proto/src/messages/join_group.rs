//! JoinGroup (key 11), versions 0 to 9, flexible from 6: TODO.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    JoinGroupRequest -> JoinGroupResponse = key 11, versions 0..=9, flexible 6.., memory 12 {
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        session_timeout_ms: i32 [0..],
        /// TODO.
        rebalance_timeout_ms: i32 [1.., ignorable] = -1,
        /// TODO.
        member_id: Str [0..],
        /// TODO.
        group_instance_id: Option<Str> [5.., null 5..],
        /// TODO.
        protocol_type: Str [0..],
        /// TODO.
        protocols: Vec<JoinGroupRequestProtocol> [0..],
        /// TODO.
        reason: Option<Str> [8.., null 8.., ignorable],
    }

    /// TODO.
    JoinGroupRequestProtocol {
        /// TODO.
        name: Str [0..],
        /// TODO.
        metadata: Bytes [0..],
    }

    /// TODO.
    JoinGroupResponse = key 11, versions 0..=9, flexible 6.., memory 16 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [2.., ignorable],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        generation_id: i32 [0..] = -1,
        /// TODO.
        protocol_type: Option<Str> [7.., null 7.., ignorable],
        /// TODO.
        protocol_name: Option<Str> [0.., null 7..] = Some(Str::default()),
        /// TODO.
        leader: Str [0..],
        /// TODO.
        skip_assignment: bool [9..] = false,
        /// TODO.
        member_id: Str [0..],
        /// TODO.
        members: Vec<JoinGroupResponseMember> [0..],
    }

    /// TODO.
    JoinGroupResponseMember {
        /// TODO.
        member_id: Str [0..],
        /// TODO.
        group_instance_id: Option<Str> [5.., null 5.., ignorable],
        /// TODO.
        metadata: Bytes [0..],
    }
}
