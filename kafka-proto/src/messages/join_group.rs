//! JoinGroup (key 11), versions 0 to 9, flexible from 6: become a member of a classic group.
//!
//! - The answer comes when the group has gathered, which may take all of the rebalance timeout. Only the leader is told
//!   of the members; it computes the assignments and sends them in SyncGroup.
//! - In version 0 the session timeout is the rebalance timeout too (KIP-62). From version 4 on a member without an id
//!   is answered MEMBER_ID_REQUIRED together with the id to join again with (KIP-394), unless it has a static id
//!   (version 5, KIP-345).
//! - Version 7 answers with the protocol type too, and with a null protocol where none was chosen, for proxies
//!   (KIP-559); before, that was an empty text. Version 8 has reasons (KIP-800), version 9 lets a static leader come
//!   back without assigning again (KIP-814).
//! - A protocol takes as few as 7 bytes and 72 decoded, a member 8 and 104, hence the memory factors.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::{schema::messages, wire::Str};

messages! {
    /// Joins a group, or joins it again in a rebalance.
    JoinGroupRequest -> JoinGroupResponse = key 11, versions 0..=9, flexible 6.., memory 12,
        kips [1: 62, 2: 124, 3: 219, 4: 394, 5: 345, 6: 482, 7: 559, 8: 800, 9: 814] {
        /// The group.
        group_id: Str [0..],
        /// Milliseconds without a heartbeat after which the member is taken for dead.
        session_timeout_ms: i32 [0..],
        /// Milliseconds to wait for members to join again; in version 0 the session timeout counts.
        rebalance_timeout_ms: i32 [1.., ignorable] = -1,
        /// The member's id; empty when it has none yet.
        member_id: Str [0..],
        /// The member's static id, or null.
        group_instance_id: Option<Str> [5.., null 5..],
        /// What kind of group it is: "consumer", "connect" or another; all members must agree.
        protocol_type: Str [0..],
        /// Protocols that the member supports, the preferred one first.
        protocols: Vec<JoinGroupRequestProtocol> [0..],
        /// Why the member joins, for the coordinator's log; null when not told.
        reason: Option<Str> [8.., null 8.., ignorable, lossy],
    }

    /// A protocol: for consumers, a way to assign partitions.
    JoinGroupRequestProtocol {
        /// Its name.
        name: Str [0..],
        /// What the leader needs to know; for consumers, the subscription.
        metadata: Bytes [0..],
    }

    /// The generation that the group has entered.
    JoinGroupResponse = key 11, versions 0..=9, flexible 6.., memory 16 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [2.., ignorable],
        /// 0, or why the member is not in.
        error_code: i16 [0..],
        /// The generation, or -1.
        generation_id: i32 [0..] = -1,
        /// What kind of group it is; null with an error.
        protocol_type: Option<Str> [7.., null 7.., ignorable],
        /// The protocol that was chosen; null or empty with an error.
        protocol_name: Option<Str> [0.., null 7..] = Some(Str::default()),
        /// The leader's member id.
        leader: Str [0..],
        /// Whether the leader is to leave the assignments as they are.
        skip_assignment: bool [9..] = false,
        /// The member's own id.
        member_id: Str [0..],
        /// All members, for the leader; empty for others.
        members: Vec<JoinGroupResponseMember> [0..],
    }

    /// A member.
    JoinGroupResponseMember {
        /// Its id.
        member_id: Str [0..],
        /// Its static id, or null.
        group_instance_id: Option<Str> [5.., null 5.., ignorable],
        /// What it sent for the chosen protocol.
        metadata: Bytes [0..],
    }
}
