//! LeaveGroup (key 13), versions 0 to 5, flexible from 4: members leave a classic group.
//!
//! - Up to version 2 one member leaves by its id. From version 3 on several do at once (KIP-345), and each has an error
//!   code of its own; an administrator removes a static member by its static id, with an empty member id.
//! - Version 5 has reasons (KIP-800).
//! - A member takes as few as 7 bytes and 104 decoded in the request, 9 and 80 in the response, hence the memory
//!   factors.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Takes members out of a group.
    LeaveGroupRequest -> LeaveGroupResponse = key 13, versions 0..=5, flexible 4.., memory 16,
        kips [1: 124, 2: 219, 3: 345, 4: 482, 5: 800] {
        /// The group.
        group_id: Str [0..],
        /// The member, before version 3.
        member_id: Str [0..=2],
        /// The members, from version 3 on.
        members: Vec<MemberIdentity> [3..],
    }

    /// A member that leaves.
    MemberIdentity {
        /// Its id; may be empty for a static member.
        member_id: Str [3..],
        /// Its static id, or null.
        group_instance_id: Option<Str> [3.., null 3..],
        /// Why it leaves, for the coordinator's log; null when not told.
        reason: Option<Str> [5.., null 5.., ignorable, lossy],
    }

    /// What became of each member.
    LeaveGroupResponse = key 13, versions 0..=5, flexible 4.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [1.., ignorable],
        /// 0, or why nobody left.
        error_code: i16 [0..],
        /// The members.
        members: Vec<MemberResponse> [3..],
    }

    /// A member's outcome.
    MemberResponse {
        /// Its id.
        member_id: Str [3..],
        /// Its static id, or null.
        group_instance_id: Option<Str> [3.., null 3..],
        /// 0, or why it is still in.
        error_code: i16 [3..],
    }
}
