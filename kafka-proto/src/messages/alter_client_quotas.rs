//! AlterClientQuotas (key 49), versions 0 to 1, flexible from 1: set and remove quotas of users, client ids and
//! addresses.
//!
//! - Version 0 came with KIP-546; version 1 is the first flexible one (KIP-482).
//! - Each entry succeeds or fails on its own.
//! - The response's structs of the request's names carry the prefix `Response`.
//! - A part of an entity, its type of four letters and its name null, takes 7 bytes in version 1 and 72 decoded, hence
//!   the memory factors.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks for changes of quotas.
    AlterClientQuotasRequest -> AlterClientQuotasResponse = key 49, versions 0..=1, flexible 1.., memory 12,
        kips [0: 546, 1: 482] {
        /// Entities and their changes.
        entries: Vec<EntryData> [0..],
        /// Whether to check the request and change nothing.
        validate_only: bool [0..],
    }

    /// Changes to an entity.
    EntryData {
        /// Its parts, such as a user and a client id.
        entity: Vec<EntityData> [0..],
        /// The changes.
        ops: Vec<OpData> [0..],
    }

    /// A part of an entity.
    EntityData {
        /// `user`, `client-id` or `ip`.
        entity_type: Str [0..],
        /// Its name; null for the default of the type.
        entity_name: Option<Str> [0.., null 0..],
    }

    /// A change.
    OpData {
        /// What the quota limits, such as `producer_byte_rate`.
        key: Str [0..],
        /// The limit, in units of the key; ignored if `remove`.
        value: f64 [0..],
        /// Whether to remove the quota.
        remove: bool [0..],
    }

    /// What became of the changes.
    AlterClientQuotasResponse = key 49, versions 0..=1, flexible 1.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// Entities and their results.
        entries: Vec<ResponseEntryData> [0..],
    }

    /// An entity and its result.
    ResponseEntryData {
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// Its parts.
        entity: Vec<ResponseEntityData> [0..],
    }

    /// A part of an entity.
    ResponseEntityData {
        /// Its type.
        entity_type: Str [0..],
        /// Its name; null for the default of the type.
        entity_name: Option<Str> [0.., null 0..],
    }
}
