//! Histories in a few words: one client with an idempotent producer and a consumer, and the topic `t`.

use std::collections::BTreeMap;
use std::time::Duration;

use kafka_proto::{Str, Uuid};
use kafka_sim::check::{
    Certainty, ClientId, ConsumerRef, Event, Failure, FaultRef, FinalLog, FinalRecord, History,
    Invariant, Partition, ProducerContract, ProducerRef, RecordId, Report, ResetCause, Settings,
    Start, Target, check_all,
};
use kafka_sim::{Time, Truth};

pub(crate) const CLIENT: ClientId = ClientId(0);
pub(crate) const PRODUCER: ProducerRef = ProducerRef(0);
pub(crate) const CONSUMER: ConsumerRef = ConsumerRef(0);

/// The only topic's first incarnation.
pub(crate) const ID: Uuid = Uuid([1; 16]);

/// Time that a record has, in milliseconds.
pub(crate) const DEADLINE: u64 = 10_000;

pub(crate) struct Story {
    pub(crate) history: History,
    pub(crate) settings: Settings,
    pub(crate) logs: BTreeMap<i32, FinalLog>,
    now: Time,
}

/// A story with Kafka's defaults.
pub(crate) fn story() -> Story {
    story_of(ProducerContract {
        delivery_timeout: Duration::from_millis(DEADLINE),
        ..Default::default()
    })
}

/// A story with a producer of its own kind.
pub(crate) fn story_of(contract: ProducerContract) -> Story {
    story_with(contract, 1)
}

/// A story with a producer of its own kind, and a consumer with this `fetch.min.bytes`.
pub(crate) fn story_with(contract: ProducerContract, fetch_min_bytes: u32) -> Story {
    let story = Story {
        history: History::new(),
        settings: Settings::default(),
        logs: BTreeMap::new(),
        now: Time::ZERO,
    };
    let (client, consumer, max_poll_records) = (CLIENT, CONSUMER, 500);
    let mut story = story
        .event(Event::ProducerOpened { client, producer: PRODUCER, contract })
        .event(Event::ConsumerOpened { client, consumer, max_poll_records, fetch_min_bytes });
    let created = Truth::TopicCreated { topic: ID, name: Str::from("t"), partitions: 3 };
    story.history.truth(Time::ZERO, &created);
    story
}

/// The first story violates the invariant and nothing else; the second violates nothing, though the invariant was looked at.
#[track_caller]
pub(crate) fn fires(invariant: Invariant, violates: Story, near_miss: Story) {
    let report = violates.report();
    let fired: Vec<_> = report.violations.iter().map(|violation| violation.invariant).collect();
    assert!(!fired.is_empty(), "{invariant} did not fire");
    assert!(fired.iter().all(|fired| *fired == invariant), "{:#?}", report.violations);
    let report = near_miss.report();
    assert!(report.violations.is_empty(), "near miss: {:#?}", report.violations);
    assert!(report.summary.judged.contains_key(&invariant), "{invariant} was not looked at");
}

/// Nothing is violated.
#[track_caller]
pub(crate) fn holds(story: Story) -> Report {
    let report = story.report();
    assert!(report.violations.is_empty(), "{:#?}", report.violations);
    report
}

impl Story {
    pub(crate) fn report(&self) -> Report {
        let logs: Vec<FinalLog> = self.logs.values().cloned().collect();
        check_all(&self.history, &self.settings, &logs)
    }

    /// The rest happens this many milliseconds after the beginning.
    pub(crate) fn at(mut self, millis: u64) -> Self {
        self.now = Time::from_millis(millis);
        self
    }

    pub(crate) fn event(mut self, event: Event) -> Self {
        self.history.push(self.now, event);
        self
    }

    pub(crate) fn partition(&mut self, partition: i32) -> Partition {
        self.history.partition("t", partition)
    }

    pub(crate) fn truth(mut self, truth: Truth) -> Self {
        self.history.truth(self.now, &truth);
        self
    }

    pub(crate) fn send(self, rid: u64, partition: i32) -> Self {
        self.send_hashed(rid, partition, hash(rid))
    }

    pub(crate) fn send_hashed(mut self, rid: u64, partition: i32, hash: u64) -> Self {
        let event = Event::Send {
            client: CLIENT,
            producer: PRODUCER,
            rid: RecordId(rid),
            partition: self.partition(partition),
            hash,
            bytes: 100,
            deadline: self.now + Duration::from_millis(DEADLINE),
        };
        self.event(event)
    }

    pub(crate) fn ack(self, rid: u64, offset: i64) -> Self {
        self.event(Event::Ack { rid: RecordId(rid), offset: Some(offset) })
    }

    pub(crate) fn fail(self, rid: u64, certainty: Certainty) -> Self {
        let failure = Failure::Kind("TimedOut");
        self.event(Event::Fail { rid: RecordId(rid), certainty, failure })
    }

    pub(crate) fn assign(mut self, partition: i32, start: Start) -> Self {
        let partition = self.partition(partition);
        self.event(Event::Assigned { consumer: CONSUMER, partition, start })
    }

    pub(crate) fn unassign(mut self, partition: i32) -> Self {
        let partition = self.partition(partition);
        self.event(Event::Unassigned { consumer: CONSUMER, partition })
    }

    pub(crate) fn seek(mut self, partition: i32, offset: i64) -> Self {
        let (partition, to) = (self.partition(partition), Start::Offset(offset));
        self.event(Event::Seek { consumer: CONSUMER, partition, to })
    }

    pub(crate) fn pause(mut self, partition: i32) -> Self {
        let partition = self.partition(partition);
        self.event(Event::Pause { consumer: CONSUMER, partition })
    }

    pub(crate) fn reset(self, partition: i32, cause: ResetCause) -> Self {
        self.reset_to(partition, cause, None)
    }

    pub(crate) fn reset_to(mut self, partition: i32, cause: ResetCause, to: Option<i64>) -> Self {
        let partition = self.partition(partition);
        self.event(Event::Reset { consumer: CONSUMER, partition, cause, to })
    }

    pub(crate) fn position(mut self, partition: i32, offset: i64) -> Self {
        let partition = self.partition(partition);
        self.event(Event::Position { consumer: CONSUMER, partition, offset })
    }

    pub(crate) fn poll(self) -> Self {
        self.event(Event::PollStarted { consumer: CONSUMER, poll: 0 })
    }

    pub(crate) fn polled(self, records: u32) -> Self {
        self.event(Event::PollEnded { consumer: CONSUMER, poll: 0, records })
    }

    pub(crate) fn deliver(self, partition: i32, offset: i64, rid: u64) -> Self {
        self.deliver_hashed(partition, offset, rid, hash(rid))
    }

    pub(crate) fn deliver_hashed(
        mut self,
        partition: i32,
        offset: i64,
        rid: u64,
        hash: u64,
    ) -> Self {
        let partition = self.partition(partition);
        self.event(Event::Deliver {
            consumer: CONSUMER,
            partition,
            offset,
            leader_epoch: -1,
            rid: Some(RecordId(rid)),
            hash,
            poll: 0,
        })
    }

    pub(crate) fn fault(self, kind: &'static str) -> Self {
        self.event(Event::FaultOn { fault: FaultRef(0), kind, target: Target::All })
    }

    pub(crate) fn fault_hits(self, kind: &'static str) -> Self {
        self.event(Event::FaultHit { kind })
    }

    pub(crate) fn fault_over(self) -> Self {
        self.event(Event::FaultOff { fault: FaultRef(0) })
    }

    pub(crate) fn round_trip(self, node: i32, millis: u64) -> Self {
        let round_trip = Duration::from_millis(millis);
        self.event(Event::RoundTrip { client: CLIENT, node, round_trip })
    }

    /// What is in a partition in the end, from offset 0 on.
    pub(crate) fn log(self, partition: i32, rids: &[u64]) -> Self {
        self.log_from(partition, 0, rids)
    }

    /// What is in a partition in the end, from an offset on.
    pub(crate) fn log_from(mut self, partition: i32, log_start: i64, rids: &[u64]) -> Self {
        let record = |(offset, rid): (i64, &u64)| {
            let mut record = FinalRecord::new(offset, Some(RecordId(*rid)), hash(*rid));
            (record.producer_id, record.producer_epoch, record.sequence) = (1, 0, 0);
            record
        };
        let records = (log_start..).zip(rids).map(record).collect();
        let log = FinalLog::new(self.partition(partition), log_start, records);
        self.logs.insert(partition, log);
        self
    }

    pub(crate) fn cut(self, partition: i32, to: i64) -> Self {
        self.truth(Truth::Truncated { topic: ID, partition, to, leader_epoch: 1 })
    }

    pub(crate) fn log_start(self, partition: i32, offset: i64) -> Self {
        self.truth(Truth::LogStart { topic: ID, partition, offset })
    }

    pub(crate) fn high(self, partition: i32, offset: i64) -> Self {
        self.truth(Truth::HighWatermark { topic: ID, partition, offset })
    }

    pub(crate) fn leader(self, partition: i32, node: i32, leader_epoch: i32) -> Self {
        self.truth(Truth::Leader { topic: ID, partition, node, leader_epoch })
    }

    /// The topic goes, with all that is in it.
    pub(crate) fn deleted(self) -> Self {
        self.truth(Truth::TopicDeleted { topic: ID })
    }
}

/// The hash that a record has in these stories.
pub(crate) fn hash(rid: u64) -> u64 {
    rid.wrapping_mul(1_000_003)
}
