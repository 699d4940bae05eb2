//! Produce: the heads are read, the payload is stepped over.

use std::io;
use std::sync::atomic::Ordering;

use super::answer::Answer;
use super::parse::Parse;
use super::{Shared, api};

/// Says whether the producer waits for an answer.
pub(super) fn produce(
    parse: &mut Parse<'_>,
    shared: &Shared,
    answer: &mut Answer,
) -> io::Result<bool> {
    shared.counts.produces.fetch_add(1, Ordering::Relaxed);
    let _transactional_id = parse.compact()?;
    let acks = parse.i16()?;
    let _timeout = parse.i32()?;
    let topics = parse.count()?.unwrap_or(0);
    answer.count(topics);
    for _ in 0..topics {
        answer.compact(parse.compact()?.unwrap_or_default());
        let partitions = parse.count()?.unwrap_or(0);
        answer.count(partitions);
        for _ in 0..partitions {
            let partition = parse.i32()?;
            let (error, base_offset) =
                append(partition, parse.compact()?.unwrap_or_default(), shared);
            parse.tags()?;
            answer.i32(partition);
            answer.i16(error);
            answer.i64(base_offset);
            answer.i64(-1); // Not stamped by the log.
            answer.i64(0); // Where the log starts.
            answer.count(0); // No record's error.
            answer.null(); // No error message.
            answer.tags();
        }
        parse.tags()?;
        answer.tags();
    }
    answer.i32(0); // Throttle time.
    answer.tags();
    Ok(acks != 0)
}

/// The error and the base offset of a batch.
fn append(partition: i32, batch: &[u8], shared: &Shared) -> (i16, i64) {
    /// Where a batch's header of format v2 has the number of records.
    const COUNT_AT: usize = 57;
    let Some(log_end) = usize::try_from(partition)
        .ok()
        .and_then(|at| shared.log_ends.get(at))
    else {
        return (api::UNKNOWN_TOPIC_OR_PARTITION, -1);
    };
    let Some(count) = batch.get(COUNT_AT..).and_then(<[u8]>::first_chunk) else {
        return (api::CORRUPT_MESSAGE, -1);
    };
    let count = u64::from(u32::from_be_bytes(*count));
    shared.counts.records.fetch_add(count, Ordering::Relaxed);
    shared.counts.batches.fetch_add(1, Ordering::Relaxed);
    shared
        .counts
        .bytes
        .fetch_add(batch.len() as u64, Ordering::Relaxed);
    (0, log_end.fetch_add(count, Ordering::Relaxed) as i64)
}
