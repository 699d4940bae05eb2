//! ListTransactions (key 66), versions 0 to 2, flexible from 0: the transactions that a broker coordinates.
//!
//! - Sent to every broker (KIP-664); what the client may not describe is left out.
//! - Version 1 filters by age (KIP-994), version 2 by id (KIP-1152). All filters must match.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks for transactions.
    ListTransactionsRequest -> ListTransactionsResponse = key 66, versions 0..=2, flexible 0..,
        kips [0: 664, 1: 994, 2: 1152] {
        /// States to tell, such as `Ongoing`; none for all.
        state_filters: Vec<Str> [0..],
        /// Producers to tell; none for all.
        producer_id_filters: Vec<i64> [0..],
        /// Only those open for more milliseconds than that; below 0 all.
        duration_filter: i64 [1..] = -1,
        /// Regular expression (RE2) that their ids match; null or empty for all.
        transactional_id_pattern: Option<Str> [2.., null 2..],
    }

    /// Transactions.
    ListTransactionsResponse = key 66, versions 0..=2, flexible 0.. {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// 0, or what went wrong.
        error_code: i16 [0..],
        /// States of the request that the broker doesn't know.
        unknown_state_filters: Vec<Str> [0..],
        /// The transactions.
        transaction_states: Vec<TransactionState> [0..],
    }

    /// A transaction.
    TransactionState {
        /// Its id.
        transactional_id: Str [0..],
        /// Its producer.
        producer_id: i64 [0..],
        /// Its state.
        transaction_state: Str [0..],
    }
}
