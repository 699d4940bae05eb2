//! AbortedTxn, version 0: TODO.

use crate::schema::messages;

messages! {
    /// TODO.
    AbortedTxn = versions 0..=0 {
        /// TODO.
        producer_id: i64 [0..],
        /// TODO.
        first_offset: i64 [0..],
        /// TODO.
        last_offset: i64 [0..],
        /// TODO.
        last_stable_offset: i64 [0..],
    }
}
