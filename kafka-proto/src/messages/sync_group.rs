//! SyncGroup (key 14), versions 0 to 5, flexible from 4: hand out a classic group's assignments.
//!
//! - Follows JoinGroup: the leader sends all assignments, others send none, and all are answered when the leader's have
//!   come. REBALANCE_IN_PROGRESS asks to join again.
//! - Version 3 has static members (KIP-345). Version 5 repeats the group's protocol both ways (KIP-559); one that is
//!   not the group's is answered INCONSISTENT_GROUP_PROTOCOL.
//! - An assignment takes as few as 7 bytes and 72 decoded, hence the memory factor of the request.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks for the member's assignment, and brings everybody's if the leader sends it.
    SyncGroupRequest -> SyncGroupResponse = key 14, versions 0..=5, flexible 4.., memory 12,
        kips [1: 124, 2: 219, 3: 345, 4: 482, 5: 559] {
        /// The group.
        group_id: Str [0..],
        /// The generation that the member is in.
        generation_id: i32 [0..],
        /// The member.
        member_id: Str [0..],
        /// The member's static id, or null.
        group_instance_id: Option<Str> [3.., null 3..],
        /// What kind of group it is; null when not told.
        protocol_type: Option<Str> [5.., null 5.., ignorable],
        /// The protocol that JoinGroup chose; null when not told.
        protocol_name: Option<Str> [5.., null 5.., ignorable],
        /// Assignments, from the leader; empty from others.
        assignments: Vec<SyncGroupRequestAssignment> [0..],
    }

    /// A member's assignment.
    SyncGroupRequestAssignment {
        /// The member.
        member_id: Str [0..],
        /// Its part, in the protocol's own encoding.
        assignment: Bytes [0..],
    }

    /// The member's assignment.
    SyncGroupResponse = key 14, versions 0..=5, flexible 4.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [1.., ignorable],
        /// 0, or why there is no assignment.
        error_code: i16 [0..],
        /// What kind of group it is; null with an error.
        protocol_type: Option<Str> [5.., null 5.., ignorable],
        /// The group's protocol; null with an error.
        protocol_name: Option<Str> [5.., null 5.., ignorable],
        /// The member's part, in the protocol's own encoding; may be empty.
        assignment: Bytes [0..],
    }
}
