//! DeleteGroups (key 42), versions 0 to 3, flexible from 2: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    DeleteGroupsRequest -> DeleteGroupsResponse = key 42, versions 0..=3, flexible 2.. {
        /// TODO.
        groups_names: Vec<Str> [0..],
    }

    /// TODO.
    DeleteGroupsResponse = key 42, versions 0..=3, flexible 2.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// TODO.
        results: Vec<DeletableGroupResult> [0..],
    }

    /// TODO.
    DeletableGroupResult {
        /// TODO.
        group_id: Str [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [3.., null 3.., ignorable, lossy],
    }
}
