//! ListGroups (key 16), versions 0 to 5, flexible from 3: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    ListGroupsRequest -> ListGroupsResponse = key 16, versions 0..=5, flexible 3.. {
        /// TODO.
        states_filter: Vec<Str> [4..],
        /// TODO.
        types_filter: Vec<Str> [5..],
    }

    /// TODO.
    ListGroupsResponse = key 16, versions 0..=5, flexible 3.., memory 16 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [1.., ignorable],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// TODO.
        groups: Vec<ListedGroup> [0..],
    }

    /// TODO.
    ListedGroup {
        /// TODO.
        group_id: Str [0..],
        /// TODO.
        protocol_type: Str [0..],
        /// TODO.
        group_state: Str [4.., ignorable],
        /// TODO.
        group_type: Str [5.., ignorable],
    }
}
