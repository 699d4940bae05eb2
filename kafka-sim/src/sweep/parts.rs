//! What records have besides a key and a value. It follows from a record's number, so that nothing is drawn for it.

use kafka_handle::{Header, Record};

use crate::Time;
use crate::check::{RecordId, content};
use crate::options::WALL_EPOCH_MS;

/// The headers and the timestamp of a record.
pub(super) struct Parts {
    headers: &'static [Header<'static>],
    timestamp: Option<i64>,
}

/// A key that comes twice, once without a value, and that the application gave the timestamp.
const TIMED: &[Header<'static>] =
    &[(content::TIMED, Some(b"")), (b"hop", Some(b"first")), (b"hop", None)];

impl Parts {
    /// One record in four has headers and a timestamp of its application, one a header, the rest nothing.
    pub(super) fn of(rid: RecordId, now: Time) -> Self {
        match rid.0 % 4 {
            0 => Self { headers: TIMED, timestamp: Some(given(rid, now)) },
            1 => Self { headers: &[(b"hop", Some(b"only"))], timestamp: None },
            _ => Self { headers: &[], timestamp: None },
        }
    }

    /// The record with these.
    pub(super) fn on<'a>(&self, record: Record<'a>) -> Record<'a> {
        Record { headers: self.headers, timestamp: self.timestamp, ..record }
    }
}

/// A time of the last second: brokers refuse what is too far ahead, and forget producers by the timestamps of their batches.
fn given(rid: RecordId, now: Time) -> i64 {
    const SECOND: u64 = 1_000;
    let before = rid.0.wrapping_mul(1_000_003) % SECOND;
    WALL_EPOCH_MS.saturating_add_unsigned(now.as_millis()).saturating_sub_unsigned(before)
}
