//! DescribeClientQuotas (key 48), versions 0 to 1, flexible from 1: TODO.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// TODO.
    DescribeClientQuotasRequest -> DescribeClientQuotasResponse = key 48, versions 0..=1, flexible 1.., memory 12 {
        /// TODO.
        components: Vec<ComponentData> [0..],
        /// TODO.
        strict: bool [0..],
    }

    /// TODO.
    ComponentData {
        /// TODO.
        entity_type: Str [0..],
        /// TODO.
        match_type: i8 [0..],
        /// TODO.
        r#match: Option<Str> [0.., null 0..],
    }

    /// TODO.
    DescribeClientQuotasResponse = key 48, versions 0..=1, flexible 1.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// TODO.
        entries: Option<Vec<EntryData>> [0.., null 0..],
    }

    /// TODO.
    EntryData {
        /// TODO.
        entity: Vec<EntityData> [0..],
        /// TODO.
        values: Vec<ValueData> [0..],
    }

    /// TODO.
    EntityData {
        /// TODO.
        entity_type: Str [0..],
        /// TODO.
        entity_name: Option<Str> [0.., null 0..],
    }

    /// TODO.
    ValueData {
        /// TODO.
        key: Str [0..],
        /// TODO.
        value: f64 [0..],
    }
}
