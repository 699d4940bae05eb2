//! What can happen in a run, as far as the invariants look at it.
//!
//! Every event is small and owns nothing, so that recording one is a push.

#![expect(missing_docs, reason = "the fields are named after what they are")]

use std::time::Duration;

use super::ids::{
    Certainty, ClientId, ConsumerRef, Failure, FaultRef, OpRef, Partition, Phase, ProducerContract,
    ProducerRef, RecordId, ResetCause, Start, Target, Text, TopicRef,
};
use super::wire::Wire;
use crate::{ConnId, Time};

/// The kind of an operation that waits for all that its client has sent before.
pub const FLUSH: &str = "producer.flush";

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A client was opened. No limit: it keeps connections for ever, or how long is not told.
    ClientOpened { client: ClientId, connections_max_idle: Option<Duration> },
    /// A producer was opened.
    ProducerOpened { client: ClientId, producer: ProducerRef, contract: ProducerContract },
    /// A record was accepted: `send` returned a delivery. `bytes` is how much it takes up in a batch, more or less.
    Send {
        client: ClientId,
        producer: ProducerRef,
        rid: RecordId,
        partition: Partition,
        /// [`content::hash`](super::content::hash) of the record.
        hash: u64,
        bytes: u32,
        /// By when it must have completed.
        deadline: Time,
    },
    /// A delivery ended well. No offset: acks=0, or the broker has forgotten it.
    Ack { rid: RecordId, offset: Option<i64> },
    /// A delivery ended badly.
    Fail { rid: RecordId, certainty: Certainty, failure: Failure },

    /// A consumer was opened, with this `max.poll.records` and `fetch.min.bytes`.
    ConsumerOpened {
        client: ClientId,
        consumer: ConsumerRef,
        max_poll_records: u32,
        fetch_min_bytes: u32,
    },
    /// A partition was assigned to it: the call has returned.
    Assigned { consumer: ConsumerRef, partition: Partition, start: Start },
    /// A partition was taken from it: the call has returned.
    Unassigned { consumer: ConsumerRef, partition: Partition },
    /// The application moved its position: the call has returned.
    Seek { consumer: ConsumerRef, partition: Partition, to: Start },
    /// The application paused a partition.
    Pause { consumer: ConsumerRef, partition: Partition },
    /// The application resumed a partition.
    Resume { consumer: ConsumerRef, partition: Partition },
    /// The consumer moved its position by itself, as far as that can be observed, and where it is now, if it tells.
    Reset { consumer: ConsumerRef, partition: Partition, cause: ResetCause, to: Option<i64> },
    /// The application called `poll`. Polls of a consumer are numbered.
    PollStarted { consumer: ConsumerRef, poll: u32 },
    /// A record was handed out. `leader_epoch` is -1 where it is not told; no `rid`: the value is none of ours. `hash` is the
    /// [`content::hash`](super::content::hash) of what came.
    Deliver {
        consumer: ConsumerRef,
        partition: Partition,
        offset: i64,
        leader_epoch: i32,
        rid: Option<RecordId>,
        hash: u64,
        poll: u32,
    },
    /// `poll` returned this many records; their [`Event::Deliver`] come before it.
    PollEnded { consumer: ConsumerRef, poll: u32, records: u32 },
    /// The position as the consumer told it.
    Position { consumer: ConsumerRef, partition: Partition, offset: i64 },
    /// `poll` returned an error.
    ConsumerFailed { consumer: ConsumerRef, partition: Option<Partition>, failure: Failure },
    /// A consumer was closed by the application.
    ConsumerClosed { consumer: ConsumerRef },

    /// An operation began: a call of the admin client, a flush, a seek. `kind` is its name.
    OpStarted { client: ClientId, op: OpRef, kind: &'static str, deadline: Time },
    /// An operation ended, well (`None`) or badly.
    OpEnded { op: OpRef, failure: Option<Failure> },

    /// Closing a client began.
    CloseStarted { client: ClientId, deadline: Time },
    /// Closing a client ended.
    Closed { client: ClientId },
    /// What a client still had after it was closed.
    Leftover { client: ClientId, what: &'static str, count: u64 },
    /// A client was killed: nothing that it had accepted has an outcome.
    Crashed { client: ClientId },
    /// A client stands still: neither it nor the application in its process does anything until it is thawed.
    Frozen { client: ClientId },
    /// A client that stood still goes on.
    Thawed { client: ClientId },
    /// Bytes that a client owns of one kind, and the most that its settings allow it then.
    Memory { client: ClientId, what: &'static str, bytes: u64, max: u64 },
    /// The driver of a client had its turn: how many things it was told to do, and until when it waits; not at all, but lets
    /// others have theirs, if that is [`Time::ZERO`].
    Turn { client: ClientId, actions: u32, wait_until: Option<Time> },
    /// A client logged an error.
    ErrorLogged { client: ClientId, text: Text },
    /// How long there and back takes at most between a client and a broker from here on, without the broker's own time.
    RoundTrip { client: ClientId, node: i32, round_trip: Duration },

    /// A fault begins. `kind` is its name in the fault catalogue of the run.
    FaultOn { fault: FaultRef, kind: &'static str, target: Target },
    /// A fault of this kind has hit something: it counts, once, however much it hits.
    FaultHit { kind: &'static str },
    /// It ends. A fault that hits once begins and ends when it hits.
    FaultOff { fault: FaultRef },
    /// Truth: a fault has troubled an answer from `since` until now.
    Faulted { since: Time },
    /// All faults are gone, and no other will come.
    Heal,
    /// A part of the run begins.
    Phase(Phase),

    /// A client starts to connect. Where no broker is, `node` is a negative number of that address.
    Connecting { client: ClientId, conn: ConnId, node: i32 },
    /// It is connected.
    Connected { client: ClientId, conn: ConnId, node: i32 },
    /// The connection has ended, or has never come about.
    Disconnected { client: ClientId, conn: ConnId, node: i32 },
    /// Something on the wire: see [`Wire`].
    Wire { client: ClientId, conn: ConnId, node: i32, wire: Wire },

    /// Truth: something about a partition.
    Truth { partition: Partition, truth: LogEvent },
    /// Truth: a topic began, as the incarnation `topic`.
    TopicCreated { topic: TopicRef, partitions: i32 },
    /// Truth: a topic has more partitions, so many in all.
    PartitionsAdded { topic: TopicRef, partitions: i32 },
    /// Truth: the incarnation `topic` is gone, with all its records.
    TopicDeleted { topic: TopicRef },
}

/// What truly happened to a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogEvent {
    /// A batch was appended at the leader.
    Append {
        base_offset: i64,
        last_offset: i64,
        leader_epoch: i32,
        producer_id: i64,
        producer_epoch: i16,
        base_sequence: i32,
    },
    /// Consumers may read what is below `offset`.
    HighWatermark { offset: i64 },
    /// Everything from `to` on is gone.
    Truncated { to: i64, leader_epoch: i32 },
    /// Everything below `offset` is gone.
    LogStart { offset: i64 },
    /// `node` leads, or nobody: -1.
    Leader { node: i32, leader_epoch: i32 },
}
