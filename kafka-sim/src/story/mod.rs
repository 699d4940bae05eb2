//! Stories: schedules that random search finds too rarely, told step by step.
//!
//! A [`Story`] is data: a cluster, a producer that sends numbered records to the topic `t`, a consumer, and [`Step`]s.
//! Telling it carries the steps out in a [`World`](crate::world::World), takes all faults away, lets everything come to
//! its end, has the consumer read all there is, and checks the invariants of [`check`](crate::check) over what happened.
//! A fault that no request has met by the end of the steps, or a connection that was to be cut and was not there, makes it
//! fail: what it was to tell has not happened.
//!
//! ```
//! use kafka_sim::story::{Became, Step, Story};
//! use kafka_sim::{At, Fault};
//! use kafka_proto::{ApiKey, ErrorCode};
//!
//! let refused = Fault::Refuse { at: At::any(), code: ErrorCode::NOT_LEADER_OR_FOLLOWER };
//! let story = Story::new("the leader moves under the second record")
//!     .then(Step::Send(0, 1..=1))
//!     .then(Step::Settle)
//!     .then(Step::Fault(ApiKey::Produce, refused))
//!     .then(Step::Send(0, 2..=3))
//!     .then(Step::Settle)
//!     .then(Step::Became(1..=3, Became::Acked))
//!     .then(Step::Log(0, vec![1, 2, 3]));
//! assert_eq!(story.tell(7), Vec::<String>::new());
//! ```

mod reader;
mod stage;
mod step;
mod teller;

use std::fmt;

use kafka_handle::{ConsumerConfig, ProducerConfig};
use kafka_proto::releases::{NEWEST, Release};

pub use self::step::{Became, Step};

/// The topic that stories are about.
pub const TOPIC: &str = "t";

/// A schedule, and what must come of it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Story {
    /// What it is called.
    pub name: &'static str,
    /// Brokers, at least one. Node 1 leads all partitions at first, and every node has a replica, up to three.
    pub nodes: u16,
    /// What the brokers are, by their release.
    pub release: &'static Release,
    /// Partitions of the topic.
    pub partitions: i32,
    /// The producer's configuration.
    pub producer: ProducerConfig,
    /// The consumer's configuration.
    pub consumer: ConsumerConfig,
    /// What happens, one after the other.
    pub steps: Vec<Step>,
}

impl Story {
    /// A story without steps, with three brokers, a topic of one partition, and a producer that makes a batch of each
    /// record.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        let producer = ProducerConfig {
            linger: std::time::Duration::ZERO,
            batch_bytes: 100,
            ..ProducerConfig::default()
        };
        let consumer = ConsumerConfig::default();
        let steps = Vec::new();
        Self { name, nodes: 3, release: NEWEST, partitions: 1, producer, consumer, steps }
    }

    /// With so many brokers.
    #[must_use]
    pub fn nodes(mut self, nodes: u16) -> Self {
        self.nodes = nodes;
        self
    }

    /// With brokers of another release than the newest.
    #[must_use]
    pub fn release(mut self, release: &'static Release) -> Self {
        self.release = release;
        self
    }

    /// With so many partitions.
    #[must_use]
    pub fn partitions(mut self, partitions: i32) -> Self {
        self.partitions = partitions;
        self
    }

    /// With another configuration of the producer.
    #[must_use]
    pub fn producer(mut self, change: impl FnOnce(&mut ProducerConfig)) -> Self {
        change(&mut self.producer);
        self
    }

    /// With another configuration of the consumer.
    #[must_use]
    pub fn consumer(mut self, change: impl FnOnce(&mut ConsumerConfig)) -> Self {
        change(&mut self.consumer);
        self
    }

    /// And then this happens.
    #[must_use]
    pub fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Carries the steps out, and gives what was not as it had to be: nothing, when the story holds. The seed decides
    /// what the steps leave open, such as latencies.
    #[must_use]
    pub fn tell(&self, seed: u64) -> Vec<String> {
        teller::tell(self, seed)
    }
}

impl fmt::Debug for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Story").field("name", &self.name).field("steps", &self.steps).finish()
    }
}
