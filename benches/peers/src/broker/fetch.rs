//! Fetch: the canned batch, as often as it fits, from the offset asked for.

use std::io;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use super::answer::Answer;
use super::parse::Parse;
use super::{Shared, api};

/// Partitions are filled in the order asked, each up to its own limit, all of them up to the request's. As on a real
/// broker the first batch is sent even if it is over the limit. Sessions are refused by answering with id 0, so
/// every request names its partitions.
pub(super) fn fetch(
    version: i16,
    parse: &mut Parse<'_>,
    shared: &Shared,
    answer: &mut Answer,
) -> io::Result<()> {
    shared.counts.fetches.fetch_add(1, Ordering::Relaxed);
    if version <= 14 {
        let _replica = parse.i32()?;
    }
    let max_wait = parse.i32()?;
    let _min_bytes = parse.i32()?;
    let mut room = Room {
        left: bytes(parse.i32()?),
        empty: true,
    };
    let _isolation = parse.i8()?;
    let _session_id = parse.i32()?;
    let _session_epoch = parse.i32()?;
    answer.i32(0); // Throttle time.
    answer.i16(0);
    answer.i32(0); // No session.
    let topics = parse.count()?.unwrap_or(0);
    answer.count(topics);
    for _ in 0..topics {
        if version >= 13 {
            answer.bytes(&parse.uuid()?);
        } else {
            answer.compact(parse.compact()?.unwrap_or_default());
        }
        let partitions = parse.count()?.unwrap_or(0);
        answer.count(partitions);
        for _ in 0..partitions {
            partition(parse, shared, answer, &mut room)?;
        }
        parse.tags()?;
        answer.tags();
    }
    answer.tags();
    if room.empty {
        // Nothing to send: wait as a broker does, so that a client that asks for nothing does not spin.
        thread::sleep(Duration::from_millis(
            u64::try_from(max_wait).unwrap_or(0).min(1_000),
        ));
    }
    Ok(())
}

/// What a response may still take.
struct Room {
    left: usize,
    empty: bool,
}

fn partition(
    parse: &mut Parse<'_>,
    shared: &Shared,
    answer: &mut Answer,
    room: &mut Room,
) -> io::Result<()> {
    let partition = parse.i32()?;
    let _leader_epoch = parse.i32()?;
    let offset = parse.i64()?;
    let _last_fetched_epoch = parse.i32()?;
    let _log_start = parse.i64()?;
    let max_bytes = bytes(parse.i32()?);
    parse.tags()?;
    let error = if usize::try_from(partition).map_or(true, |at| at >= shared.log_ends.len()) {
        api::UNKNOWN_TOPIC_OR_PARTITION
    } else if !(0..api::LOG_END).contains(&offset) {
        api::OFFSET_OUT_OF_RANGE
    } else {
        0
    };
    answer.i32(partition);
    answer.i16(error);
    answer.i64(api::LOG_END); // High watermark.
    answer.i64(api::LOG_END); // Last stable offset.
    answer.i64(0); // Log start.
    answer.null(); // No aborted transactions.
    answer.i32(-1); // No preferred replica.
    let canned = &shared.canned;
    let batches = match max_bytes.min(room.left) / canned.bytes() {
        _ if error != 0 => 0,
        0 if room.empty => 1,
        fit => fit,
    };
    room.left = room.left.saturating_sub(batches * canned.bytes());
    room.empty &= batches == 0;
    answer.count((batches * canned.bytes()) as u32);
    // The batch that holds the offset begins at a multiple of its size.
    let first = offset - offset.rem_euclid(canned.records);
    for batch in 0..batches as i64 {
        answer.i64(first + batch * canned.records);
        answer.splice();
    }
    answer.tags();
    shared
        .counts
        .served
        .fetch_add(batches as u64, Ordering::Relaxed);
    Ok(())
}

/// A limit of a request, never over what one frame may sensibly hold.
fn bytes(limit: i32) -> usize {
    usize::try_from(limit).unwrap_or(0).min(100 << 20)
}
