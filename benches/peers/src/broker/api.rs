//! The requests that are not worth a file: what the broker is, what it holds, who may produce.

use std::io;
use std::sync::atomic::{AtomicI64, Ordering};

use super::answer::Answer;
use super::parse::Parse;
use super::{Shared, TOPIC};

pub(super) const PRODUCE: i16 = 0;
pub(super) const FETCH: i16 = 1;
pub(super) const LIST_OFFSETS: i16 = 2;
pub(super) const METADATA: i16 = 3;
pub(super) const FIND_COORDINATOR: i16 = 10;
pub(super) const API_VERSIONS: i16 = 18;
const INIT_PRODUCER_ID: i16 = 22;

/// Key, oldest and newest version of what is spoken. Where a 4.x broker goes further, librdkafka 2.12 does not; and of
/// what both could speak, the flexible versions will do.
const SPOKEN: [(i16, i16, i16); 7] = [
    (PRODUCE, 9, 10),
    (FETCH, 12, 16),
    (LIST_OFFSETS, 6, 7),
    (METADATA, 9, 13),
    (FIND_COORDINATOR, 2, 2),
    (API_VERSIONS, 0, 4),
    (INIT_PRODUCER_ID, 2, 4),
];

pub(super) const UNSUPPORTED_VERSION: i16 = 35;
pub(super) const OFFSET_OUT_OF_RANGE: i16 = 1;
pub(super) const CORRUPT_MESSAGE: i16 = 2;
pub(super) const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;

/// The end of every log for consumers: out of reach.
pub(super) const LOG_END: i64 = 1 << 40;

/// The id of the only node.
const NODE: i32 = 1;

pub(super) fn speaks(key: i16, version: i16) -> bool {
    SPOKEN
        .iter()
        .any(|(spoken, oldest, newest)| *spoken == key && (*oldest..=*newest).contains(&version))
}

/// A request that is too new is answered in version 0, as KIP-511 has it.
pub(super) fn api_versions(version: i16, answer: &mut Answer) {
    let known = speaks(API_VERSIONS, version);
    let (version, error) = if known {
        (version, 0)
    } else {
        (0, UNSUPPORTED_VERSION)
    };
    answer.i16(error);
    if version < 3 {
        answer.i32(SPOKEN.len() as i32);
    } else {
        answer.count(SPOKEN.len() as u32);
    }
    for (key, oldest, newest) in SPOKEN {
        answer.i16(key);
        answer.i16(oldest);
        answer.i16(newest);
        if version >= 3 {
            answer.tags();
        }
    }
    if version >= 1 {
        answer.i32(0); // Throttle time.
    }
    if version >= 3 {
        answer.tags();
    }
}

/// Every name asked for is a topic. One asked for by an id alone is taken for the one that a request for all
/// topics is told of: no client here learns of another without naming it.
pub(super) fn metadata(
    version: i16,
    parse: &mut Parse<'_>,
    shared: &Shared,
    answer: &mut Answer,
) -> io::Result<()> {
    answer.i32(0); // Throttle time.
    answer.count(1);
    answer.i32(NODE);
    answer.compact(shared.address.ip().to_string().as_bytes());
    answer.i32(i32::from(shared.address.port()));
    answer.null(); // Rack.
    answer.tags();
    answer.compact(b"nullbroker");
    answer.i32(NODE); // The controller.
    match parse.count()? {
        None => {
            answer.count(1);
            topic(version, TOPIC.as_bytes(), shared, answer);
        }
        Some(count) => {
            answer.count(count);
            for _ in 0..count {
                if version >= 10 {
                    parse.uuid()?;
                }
                topic(
                    version,
                    parse.compact()?.unwrap_or(TOPIC.as_bytes()),
                    shared,
                    answer,
                );
                parse.tags()?;
            }
        }
    }
    if version <= 10 {
        answer.i32(i32::MIN); // The cluster's authorized operations: not asked.
    }
    if version >= 13 {
        answer.i16(0);
    }
    answer.tags();
    Ok(())
}

fn topic(version: i16, name: &[u8], shared: &Shared, answer: &mut Answer) {
    answer.i16(0);
    answer.compact(name);
    if version >= 10 {
        answer.bytes(&topic_id(name));
    }
    answer.bytes(&[0]); // Not internal.
    answer.count(shared.log_ends.len() as u32);
    for partition in 0..shared.log_ends.len() {
        answer.i16(0);
        answer.i32(partition as i32);
        answer.i32(NODE);
        answer.i32(0); // The leader's epoch.
        for _replicas_and_in_sync in 0..2 {
            answer.count(1);
            answer.i32(NODE);
        }
        answer.count(0); // None offline.
        answer.tags();
    }
    answer.i32(i32::MIN); // The topic's authorized operations: not asked.
    answer.tags();
}

/// A topic's id comes from its name: two 64-bit FNV-1a hashes, marked so that it is never the null id.
fn topic_id(name: &[u8]) -> [u8; 16] {
    let mut id = [0; 16];
    for (seed, half) in id.chunks_exact_mut(8).enumerate() {
        let hash = name
            .iter()
            .fold(0xcbf2_9ce4_8422_2325 ^ seed as u64, |hash, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
            });
        half.copy_from_slice(&(hash | 1).to_be_bytes());
    }
    id
}

pub(super) fn find_coordinator(shared: &Shared, answer: &mut Answer) {
    answer.i32(0); // Throttle time.
    answer.i16(0);
    answer.i16(-1); // No error message.
    answer.i32(NODE);
    let host = shared.address.ip().to_string();
    answer.i16(host.len() as i16);
    answer.bytes(host.as_bytes());
    answer.i32(i32::from(shared.address.port()));
}

pub(super) fn init_producer_id(answer: &mut Answer) {
    static NEXT: AtomicI64 = AtomicI64::new(1_000);
    answer.i32(0); // Throttle time.
    answer.i16(0);
    answer.i64(NEXT.fetch_add(1, Ordering::Relaxed));
    answer.i16(0); // Epoch.
    answer.tags();
}

/// Logs begin at 0 and end far away, and all their records have the same age.
pub(super) fn list_offsets(
    parse: &mut Parse<'_>,
    shared: &Shared,
    answer: &mut Answer,
) -> io::Result<()> {
    const LATEST: i64 = -1;
    const MAX_TIMESTAMP: i64 = -3;
    let _replica = parse.i32()?;
    let _isolation = parse.i8()?;
    answer.i32(0); // Throttle time.
    let topics = parse.count()?.unwrap_or(0);
    answer.count(topics);
    for _ in 0..topics {
        answer.compact(parse.compact()?.unwrap_or_default());
        let partitions = parse.count()?.unwrap_or(0);
        answer.count(partitions);
        for _ in 0..partitions {
            let partition = parse.i32()?;
            let _epoch = parse.i32()?;
            let offset = match parse.i64()? {
                LATEST => LOG_END,
                MAX_TIMESTAMP => LOG_END - 1,
                _ => 0,
            };
            parse.tags()?;
            let known = usize::try_from(partition).is_ok_and(|at| at < shared.log_ends.len());
            answer.i32(partition);
            answer.i16(if known { 0 } else { UNKNOWN_TOPIC_OR_PARTITION });
            answer.i64(-1);
            answer.i64(offset);
            answer.i32(0);
            answer.tags();
        }
        parse.tags()?;
        answer.tags();
    }
    answer.tags();
    Ok(())
}
