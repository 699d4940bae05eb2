//! DescribeGroups (key 15), versions 0 to 6, flexible from 5: TODO.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    DescribeGroupsRequest -> DescribeGroupsResponse = key 15, versions 0..=6, flexible 5.. {
        /// TODO.
        groups: Vec<Str> [0..],
        /// TODO.
        include_authorized_operations: bool [3..],
    }

    /// TODO.
    DescribeGroupsResponse = key 15, versions 0..=6, flexible 5.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [1.., ignorable],
        /// TODO.
        groups: Vec<DescribedGroup> [0..],
    }

    /// TODO.
    DescribedGroup {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [6.., null 6.., lossy],
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        group_state: Str [0..],
        /// TODO.
        protocol_type: Str [0..],
        /// TODO.
        protocol_data: Str [0..],
        /// TODO.
        members: Vec<DescribedGroupMember> [0..],
        /// TODO.
        authorized_operations: i32 [3..] = -2147483648,
    }

    /// TODO.
    DescribedGroupMember {
        /// TODO.
        member_id: Str [0..],
        /// TODO.
        group_instance_id: Option<Str> [4.., null 4.., ignorable],
        /// TODO.
        client_id: Str [0..],
        /// TODO.
        client_host: Str [0..],
        /// TODO.
        member_metadata: Bytes [0..],
        /// TODO.
        member_assignment: Bytes [0..],
    }
}
