//! AlterClientQuotas (key 49), versions 0 to 1, flexible from 1: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    AlterClientQuotasRequest -> AlterClientQuotasResponse = key 49, versions 0..=1, flexible 1.. {
        /// TODO.
        entries: Vec<EntryData> [0..],
        /// TODO.
        validate_only: bool [0..],
    }

    /// TODO.
    EntryData {
        /// TODO.
        entity: Vec<EntityData> [0..],
        /// TODO.
        ops: Vec<OpData> [0..],
    }

    /// TODO.
    EntityData {
        /// TODO.
        entity_type: Str [0..],
        /// TODO.
        entity_name: Option<Str> [0.., null 0..],
    }

    /// TODO.
    OpData {
        /// TODO.
        key: Str [0..],
        /// TODO.
        value: f64 [0..],
        /// TODO.
        remove: bool [0..],
    }

    /// TODO.
    AlterClientQuotasResponse = key 49, versions 0..=1, flexible 1.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// TODO.
        entries: Vec<ResponseEntryData> [0..],
    }

    /// TODO.
    ResponseEntryData {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        entity: Vec<ResponseEntityData> [0..],
    }

    /// TODO.
    ResponseEntityData {
        /// TODO.
        entity_type: Str [0..],
        /// TODO.
        entity_name: Option<Str> [0.., null 0..],
    }
}
