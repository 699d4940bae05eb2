//! Histories in a few words: one client with an idempotent producer and a consumer, and the topic `t`.

use std::collections::BTreeMap;
use std::time::Duration;

use kafka_proto::Uuid;
use kafka_sim::Time;
use kafka_sim::check::{
    Certainty, ClientId, ConsumerRef, Event, Failure, FinalLog, FinalRecord, History, Invariant,
    LogEvent, Partition, ProducerContract, ProducerRef, RecordId, Report, Settings, check_all,
};

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
    let story = Story {
        history: History::new(),
        settings: Settings::default(),
        logs: BTreeMap::new(),
        now: Time::ZERO,
    };
    let mut story = story
        .event(Event::ProducerOpened { client: CLIENT, producer: PRODUCER, contract })
        .event(Event::ConsumerOpened { client: CLIENT, consumer: CONSUMER, max_poll_records: 500 });
    story.history.topic_created(Time::ZERO, ID, "t", 3);
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

    fn truth(mut self, partition: i32, truth: LogEvent) -> Self {
        self.history.log_event(self.now, ID, partition, truth);
        self
    }

    pub(crate) fn send(mut self, rid: u64, partition: i32) -> Self {
        let event = Event::Send {
            client: CLIENT,
            producer: PRODUCER,
            rid: RecordId(rid),
            partition: self.partition(partition),
            hash: hash(rid),
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

    /// What is in a partition in the end, from offset 0 on.
    pub(crate) fn log(self, partition: i32, rids: &[u64]) -> Self {
        self.log_from(partition, 0, rids)
    }

    /// What is in a partition in the end, from an offset on.
    pub(crate) fn log_from(mut self, partition: i32, log_start: i64, rids: &[u64]) -> Self {
        let record = |(offset, rid): (i64, &u64)| FinalRecord {
            offset,
            rid: Some(RecordId(*rid)),
            hash: hash(*rid),
            timestamp: 0,
            producer_id: 1,
            producer_epoch: 0,
            sequence: 0,
        };
        let log = FinalLog {
            partition: self.partition(partition),
            log_start,
            compacted: false,
            records: (log_start..).zip(rids).map(record).collect(),
        };
        self.logs.insert(partition, log);
        self
    }

    pub(crate) fn cut(self, partition: i32, to: i64) -> Self {
        self.truth(partition, LogEvent::Truncated { to, leader_epoch: 1 })
    }

    pub(crate) fn log_start(self, partition: i32, offset: i64) -> Self {
        self.truth(partition, LogEvent::LogStart { offset })
    }

    pub(crate) fn high(self, partition: i32, offset: i64) -> Self {
        self.truth(partition, LogEvent::HighWatermark { offset })
    }

    pub(crate) fn leader(self, partition: i32, node: i32, leader_epoch: i32) -> Self {
        self.truth(partition, LogEvent::Leader { node, leader_epoch })
    }

    /// The topic goes, with all that is in it.
    pub(crate) fn deleted(mut self) -> Self {
        self.history.topic_deleted(self.now, ID);
        self
    }
}

/// The hash that a record has in these stories.
pub(crate) fn hash(rid: u64) -> u64 {
    rid.wrapping_mul(1_000_003)
}
