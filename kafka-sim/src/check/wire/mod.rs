//! What the invariants need of what was on the wire, taken out of whole frames.
//!
//! A frame becomes [`Wire::Request`] or [`Wire::Response`], followed by an event for every part of it that an invariant looks
//! at. Faults put garbage on the wire: a frame that does not decode is an event of its own.

#![expect(missing_docs, reason = "the fields are named after what they are")]

mod incoming;
mod outgoing;

use std::collections::VecDeque;

use kafka_proto::header::RequestStart;

pub(super) use incoming::decode_response;
pub(super) use outgoing::decode_request;

use super::ids::{Partition, RecordId};
use super::numbered::Numbered;
use super::topics::Topics;
use crate::ConnId;

/// Requests of a connection that may be without an answer; a client that has more has other worries.
const AWAITED_MAX: usize = 10_000;

/// A frame on the wire, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wire {
    /// A request frame.
    Request { api: i16, version: i16, correlation_id: i32, bytes: u32 },
    /// A response frame.
    Response { api: i16, version: i16, correlation_id: i32, bytes: u32, throttle_ms: i32 },
    /// A frame that can't be decoded, or a response that nothing waits for.
    Undecodable { outgoing: bool, bytes: u32 },
    /// A response has this error code in it, at the top or for one of its entries.
    Error { api: i16, code: i16 },
    /// A Metadata response says who leads a partition; -1 where nobody does, or where no epoch is told.
    Leads { partition: Partition, leader: i32, leader_epoch: i32 },

    /// The request is a Produce with these `acks`.
    Produce { correlation_id: i32, acks: i16 },
    /// An intact batch in a Produce request: its CRC covers all but what the broker stamps. `first` is its first record.
    Batch {
        correlation_id: i32,
        partition: Partition,
        producer_id: i64,
        epoch: i16,
        sequence: i32,
        records: i32,
        bytes: u32,
        crc: u32,
        first: Option<RecordId>,
    },
    /// What became of it.
    Produced { correlation_id: i32, partition: Partition, error: i16, base_offset: i64 },

    /// The request is a Fetch.
    Fetch {
        correlation_id: i32,
        session_id: i32,
        session_epoch: i32,
        max_wait_ms: i32,
        min_bytes: i32,
    },
    /// A partition in a Fetch request.
    FetchPartition { correlation_id: i32, partition: Partition, offset: i64, leader_epoch: i32 },
    /// Of each partition in a Fetch request, or of all, may come so little that of several with long batches each takes an
    /// answer of its own, and waits until what came before it is handed out.
    Narrow { correlation_id: i32 },
    /// A partition that leaves the session.
    Forgotten { correlation_id: i32, partition: Partition },
    /// The response is one to a Fetch.
    Fetched { correlation_id: i32, session_id: i32, error: i16 },
    /// A partition in a Fetch response.
    FetchedPartition {
        correlation_id: i32,
        partition: Partition,
        error: i16,
        high_watermark: i64,
        bytes: u32,
    },
    /// A whole batch in a Fetch response that fails its checksum; what comes behind it is not told.
    BrokenBatch { correlation_id: i32, partition: Partition },
    /// A whole, intact batch in a Fetch response.
    FetchedBatch {
        correlation_id: i32,
        partition: Partition,
        base_offset: i64,
        last_offset: i64,
        bytes: u32,
    },
}

/// Requests that wait for their answers, by connection: an answer does not say what it answers.
#[derive(Debug, Default)]
pub(super) struct Awaited(Numbered<ConnId, VecDeque<RequestStart>>);

impl Awaited {
    fn push(&mut self, conn: ConnId, start: RequestStart) {
        let requests = self.0.or_default(conn);
        if requests.len() < AWAITED_MAX {
            requests.push_back(start);
        }
    }

    /// The request that has this correlation id; the ones before it have no answer (acks=0).
    fn take(&mut self, conn: ConnId, correlation_id: i32) -> Option<RequestStart> {
        let requests = self.0.get_mut(conn)?;
        let at = requests.iter().position(|request| request.correlation_id == correlation_id)?;
        requests.drain(..=at).next_back()
    }

    pub(super) fn forget(&mut self, conn: ConnId) {
        self.0.remove(conn);
    }
}

/// What decoding a frame needs and changes.
pub(super) struct Decoding<'a> {
    pub(super) conn: ConnId,
    pub(super) topics: &'a mut Topics,
    pub(super) awaited: &'a mut Awaited,
    /// Empty before and after.
    pub(super) parts: &'a mut Vec<Wire>,
}

fn len(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
