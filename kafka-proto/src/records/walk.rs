//! Walking over records without handing them out.

use super::{BatchHeader, RecordIter};
use crate::error::DecodeError;

/// A place between two records of an inflated payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordCursor {
    /// Byte position in the payload.
    pub position: usize,
    /// Records in front of it.
    pub index: i32,
    /// Offset delta of the record in front of it, -1 at the start.
    pub last_delta: i32,
}

impl RecordCursor {
    /// In front of the first record.
    pub const START: Self = Self { position: 0, index: 0, last_delta: -1 };
}

impl Default for RecordCursor {
    fn default() -> Self {
        Self::START
    }
}

/// How far a walk came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// Sound records walked over.
    pub records: usize,
    /// The place behind the last of them: in front of the faulty record if there is an error.
    pub end: RecordCursor,
    /// The offset to go on from: behind the last record walked over, and behind the whole batch (whose last records
    /// compaction may have taken out) once all of its records have been.
    pub next_offset: i64,
    /// Whether the batch has been walked to its end.
    pub finished: bool,
    /// Why the walk ended early.
    pub error: Option<DecodeError>,
}

/// Walks over at most `n` records from a place in an inflated payload, checking each as [`RecordIter`] does.
///
/// What was walked over can be iterated afterwards without meeting an error.
#[must_use]
pub fn validate(payload: &[u8], header: &BatchHeader, from: RecordCursor, n: usize) -> Walk {
    let mut iter = RecordIter::resume(payload, header, from);
    let mut error = None;
    for _ in 0..n.min(iter.remaining()) {
        if let Err(fault) = iter.step() {
            error = Some(fault);
            break;
        }
    }
    finish(&iter, header, from, error)
}

/// Walks over the records below `offset`, checking each as [`RecordIter`] does, and stops in front of the first that
/// isn't.
///
/// For a fetch in the middle of a batch: the broker sends the batch whole, and what was read before must not be handed
/// out again.
#[must_use]
pub fn skip_to(payload: &[u8], header: &BatchHeader, from: RecordCursor, offset: i64) -> Walk {
    let mut iter = RecordIter::resume(payload, header, from);
    let mut error = None;
    while iter.remaining() > 0 {
        let mut ahead = iter.clone();
        match ahead.step() {
            Ok(record) if record.offset < offset => iter = ahead,
            Ok(_) => break,
            Err(fault) => {
                error = Some(fault);
                break;
            }
        }
    }
    finish(&iter, header, from, error)
}

fn finish(
    iter: &RecordIter<'_>,
    header: &BatchHeader,
    from: RecordCursor,
    mut error: Option<DecodeError>,
) -> Walk {
    let end = iter.cursor();
    let mut finished = false;
    // The record in front of the cursor had this delta, and its offset was in range.
    let mut next_offset =
        header.base_offset.saturating_add(i64::from(end.last_delta)).saturating_add(1);
    if error.is_none() && iter.remaining() == 0 {
        match iter.check_end() {
            Ok(last_offset) => {
                next_offset = last_offset.saturating_add(1);
                finished = true;
            }
            Err(fault) => error = Some(fault),
        }
    }
    let records = usize::try_from(end.index.saturating_sub(from.index)).unwrap_or(0);
    Walk { records, end, next_offset, finished, error }
}
