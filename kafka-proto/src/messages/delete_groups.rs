//! DeleteGroups (key 42), versions 0 to 3, flexible from 2: delete groups with their offsets (KIP-229).
//!
//! - Each group's coordinator must be asked. A group with members is answered NON_EMPTY_GROUP.
//! - Version 3 has messages (KIP-1331).
//! - A group takes as few as 8 bytes and 80 decoded, hence the memory factor of the response.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Deletes groups.
    DeleteGroupsRequest -> DeleteGroupsResponse = key 42, versions 0..=3, flexible 2..,
        kips [0: 229, 1: 219, 2: 482, 3: 1331] {
        /// Ids of the groups.
        groups_names: Vec<Str> [0..],
    }

    /// What became of each group.
    DeleteGroupsResponse = key 42, versions 0..=3, flexible 2.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// The groups.
        results: Vec<DeletableGroupResult> [0..],
    }

    /// A group's outcome.
    DeletableGroupResult {
        /// Its id.
        group_id: Str [0..],
        /// 0, or why it was not deleted.
        error_code: i16 [0..],
        /// Why it was not deleted.
        error_message: Option<Str> [3.., null 3.., ignorable, lossy],
    }
}
