//! DescribeGroups (key 15), versions 0 to 6, flexible from 5: classic groups and their members.
//!
//! - Ask each group's coordinator. Groups of the consumer, share and streams protocols have APIs of their own.
//! - Version 3 can tell what the client may do (KIP-430), version 4 static ids (KIP-345). Up to version 5 an unknown
//!   group is no error but in state "Dead"; from version 6 on it is GROUP_ID_NOT_FOUND, with a message (KIP-1043).
//! - A member takes as few as 19 bytes and 200 decoded, hence the memory factor of the response.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks for groups and their members.
    DescribeGroupsRequest -> DescribeGroupsResponse = key 15, versions 0..=6, flexible 5..,
        kips [1: 124, 2: 219, 3: 430, 4: 345, 5: 482, 6: 1043] {
        /// Ids of the groups.
        groups: Vec<Str> [0..],
        /// Whether to say what the client may do with each group.
        include_authorized_operations: bool [3..],
    }

    /// Groups and their members.
    DescribeGroupsResponse = key 15, versions 0..=6, flexible 5.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [1.., ignorable],
        /// The groups.
        groups: Vec<DescribedGroup> [0..],
    }

    /// A group.
    DescribedGroup {
        /// 0, or why it has no answer.
        error_code: i16 [0..],
        /// Why it has no answer.
        error_message: Option<Str> [6.., null 6.., lossy],
        /// Its id.
        group_id: Str [0..],
        /// "PreparingRebalance", "CompletingRebalance", "Stable", "Empty" or "Dead"; empty with an error.
        group_state: Str [0..],
        /// What kind of group it is: "consumer", "connect" or another; empty if it never had members.
        protocol_type: Str [0..],
        /// The protocol that was chosen, such as "range"; empty unless the group is stable.
        protocol_data: Str [0..],
        /// Its members.
        members: Vec<DescribedGroupMember> [0..],
        /// What the client may do with the group, a bit per operation; i32::MIN when not asked for.
        authorized_operations: i32 [3..] = -2147483648,
    }

    /// A member.
    DescribedGroupMember {
        /// Its id.
        member_id: Str [0..],
        /// Its static id, or null.
        group_instance_id: Option<Str> [4.., null 4.., ignorable],
        /// The client id of its last JoinGroup.
        client_id: Str [0..],
        /// Address that it last joined from.
        client_host: Str [0..],
        /// What it sent for the chosen protocol; empty unless the group is stable.
        member_metadata: Bytes [0..],
        /// Its part, in the protocol's own encoding; empty unless the group is stable.
        member_assignment: Bytes [0..],
    }
}
