//! EndTxnMarker, version 0: the value of the control record that ends a transaction in a partition (KIP-98).
//!
//! - Its version stands in front. Whether it commits or aborts is in the record's key, see
//!   [`ControlRecordTypeSchema`](super::ControlRecordTypeSchema).

use crate::schema::messages;

messages! {
    /// The end of a transaction.
    EndTxnMarker = versions 0..=0, kips [0: 98] {
        /// Epoch of the transaction coordinator that wrote it; markers of older ones are refused.
        coordinator_epoch: i32 [0..],
    }
}
