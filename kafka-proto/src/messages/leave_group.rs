//! LeaveGroup (key 13), versions 0 to 5, flexible from 4: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    LeaveGroupRequest -> LeaveGroupResponse = key 13, versions 0..=5, flexible 4.., memory 16 {
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        member_id: Str [0..=2],
        /// TODO.
        members: Vec<MemberIdentity> [3..],
    }

    /// TODO.
    MemberIdentity {
        /// TODO.
        member_id: Str [3..],
        /// TODO.
        group_instance_id: Option<Str> [3.., null 3..],
        /// TODO.
        reason: Option<Str> [5.., null 5.., ignorable],
    }

    /// TODO.
    LeaveGroupResponse = key 13, versions 0..=5, flexible 4.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [1.., ignorable],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        members: Vec<MemberResponse> [3..],
    }

    /// TODO.
    MemberResponse {
        /// TODO.
        member_id: Str [3..],
        /// TODO.
        group_instance_id: Option<Str> [3.., null 3..],
        /// 0, or what went wrong.
        error_code: i16 [3..],
    }
}
