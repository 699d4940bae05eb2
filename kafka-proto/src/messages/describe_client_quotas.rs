//! DescribeClientQuotas (key 48), versions 0 to 1, flexible from 1: read the quotas of users, client ids and addresses.
//!
//! - Version 0 came with KIP-546; version 1 is the first flexible one (KIP-482).
//! - Entity types are `user`, `client-id` and `ip`. Without `strict`, an entity may have more types than those asked
//!   for.
//! - A component with a name of four letters takes 8 bytes in version 1 and 80 decoded, a part of an entity 7 and 72,
//!   hence the memory factors.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks for quotas.
    DescribeClientQuotasRequest -> DescribeClientQuotasResponse = key 48, versions 0..=1, flexible 1.., memory 12,
        kips [0: 546, 1: 482] {
        /// What the entities must match; all of it.
        components: Vec<ComponentData> [0..],
        /// Whether an entity may have no other types than those of `components`.
        strict: bool [0..],
    }

    /// What one part of an entity must be.
    ComponentData {
        /// Type of the part, such as `user`.
        entity_type: Str [0..],
        /// 0 the name in `match`, 1 the default of the type, 2 any name.
        match_type: i8 [0..],
        /// The name to match; null unless `match_type` is 0.
        r#match: Option<Str> [0.., null 0..],
    }

    /// Quotas.
    DescribeClientQuotasResponse = key 48, versions 0..=1, flexible 1.., memory 12 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// What went wrong, in words; null without an error.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// Entities with their quotas; null if something went wrong.
        entries: Option<Vec<EntryData>> [0.., null 0..],
    }

    /// An entity with its quotas.
    EntryData {
        /// Its parts, such as a user and a client id.
        entity: Vec<EntityData> [0..],
        /// Its quotas.
        values: Vec<ValueData> [0..],
    }

    /// A part of an entity.
    EntityData {
        /// Its type.
        entity_type: Str [0..],
        /// Its name; null for the default of the type.
        entity_name: Option<Str> [0.., null 0..],
    }

    /// A quota.
    ValueData {
        /// What it limits, such as `producer_byte_rate`.
        key: Str [0..],
        /// The limit, in units of the key.
        value: f64 [0..],
    }
}
