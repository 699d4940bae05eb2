//! What a story consists of.

use std::ops::RangeInclusive;

use kafka_handle::StartAt;
use kafka_proto::ApiKey;

use crate::Fault;

/// Something that is done, waited for, or expected. Partitions are those of the story's topic; records are numbered by
/// the story, each number used once.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Step {
    /// The producer accepts these records for a partition, at once and in this order. A record that it refuses has failed.
    Send(i32, RangeInclusive<u32>),
    /// The next request of this kind meets a fault.
    Fault(ApiKey, Fault),
    /// So many of the next requests of this kind meet a fault.
    Faults(ApiKey, Fault, u32),
    /// Faults that have not been met are forgotten. Without this a story fails whose faults are not all met, those with
    /// `u32::MAX` times aside.
    NoMoreFaults,
    /// Waits until requests have met all faults, those with `u32::MAX` times aside.
    Meet,
    /// A node becomes the leader of a partition.
    Lead(i32, i32),
    /// Nobody leads a partition.
    Depose(i32),
    /// A node dies.
    Kill(i32),
    /// A node that died starts.
    Start(i32),
    /// A node stands still: it neither reads nor answers.
    Pause(i32),
    /// A node that stood still goes on.
    Resume(i32),
    /// The producer's connections to a node are reset; there has to be one.
    Cut(i32),
    /// Brokers forget the producers of a partition.
    ForgetProducers(i32),
    /// The records of a partition below this offset are deleted.
    Trim(i32, i64),
    /// The topic has so many partitions in all from now on.
    Grow(i32),
    /// The topic is deleted and made again, with as many partitions.
    Remake,
    /// So many milliseconds pass.
    Pass(u64),
    /// Waits until all records that were sent have an outcome.
    Settle,
    /// Waits until the producer has flushed.
    Flush,
    /// Closes the producer; nothing is sent behind it.
    Close,
    /// The consumer reads to the ends of all partitions.
    Read,
    /// The consumer polls once, for 100 ms at the most.
    Poll,
    /// The consumer is sent elsewhere.
    Seek(i32, StartAt),
    /// These records have become this by now.
    Became(RangeInclusive<u32>, Became),
    /// These records are in a partition's log now, in this order, and no others.
    Log(i32, Vec<u32>),
    /// The consumer has been handed these records of a partition since the last such step, in this order, and no others.
    Got(i32, Vec<u32>),
    /// At most so many requests of this kind have come to the brokers by now.
    AtMost(ApiKey, u64),
}

/// What became of a record, as its producer told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// It has no outcome yet.
    Open,
    /// It is in the log.
    Acked,
    /// It is not in the log and never will be.
    NotAppended,
    /// It may be in the log.
    Unknown,
}
