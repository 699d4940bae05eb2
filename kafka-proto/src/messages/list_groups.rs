//! ListGroups (key 16), versions 0 to 5, flexible from 3: the groups that a broker coordinates.
//!
//! - Each broker knows its own groups only: ask them all.
//! - Version 4 filters by state and tells it (KIP-518), version 5 by type (KIP-848). Before version 5 groups of all
//!   types are listed, without their type.
//! - A group takes as few as 11 bytes and 136 decoded, hence the memory factor of the response.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks for the groups of a broker.
    ListGroupsRequest -> ListGroupsResponse = key 16, versions 0..=5, flexible 3..,
        kips [1: 124, 2: 219, 3: 482, 4: 518, 5: 848] {
        /// States to list; empty for all.
        states_filter: Vec<Str> [4..],
        /// Types to list, such as "classic", "consumer", "share" or "streams"; empty for all.
        types_filter: Vec<Str> [5..],
    }

    /// The groups of a broker.
    ListGroupsResponse = key 16, versions 0..=5, flexible 3.., memory 16 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [1.., ignorable],
        /// 0, or why the list may lack groups.
        error_code: i16 [0..],
        /// The groups.
        groups: Vec<ListedGroup> [0..],
    }

    /// A group.
    ListedGroup {
        /// Its id.
        group_id: Str [0..],
        /// What kind of members it has: "consumer", "connect" or another; empty if only offsets were committed.
        protocol_type: Str [0..],
        /// Its state, such as "Stable" or "Empty".
        group_state: Str [4.., ignorable],
        /// Its type, such as "classic" or "consumer".
        group_type: Str [5.., ignorable],
    }
}
