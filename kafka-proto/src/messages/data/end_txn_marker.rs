//! EndTxnMarker, version 0: TODO.

use crate::schema::messages;

messages! {
    /// TODO.
    EndTxnMarker = versions 0..=0 {
        /// TODO.
        coordinator_epoch: i32 [0..],
    }
}
