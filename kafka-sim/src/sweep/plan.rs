//! What a run consists of, as data: drawn from a seed, and taken apart again when a failure is made smaller.

use std::time::Duration;

use kafka_handle::{Acks, AutoOffsetReset, Codec, StartAt};
use kafka_proto::releases::{NEWEST, RELEASES, Release};
use twox_hash::XxHash64;

use super::aside;
use super::draw::{draw_compactions, draw_corruptions, draw_faults, draw_loss, draw_rare};
use super::fault::FaultPlan;
use super::theme::{draw_rests, draw_theme};
use crate::Rng;
use crate::world::Conditions;

/// A whole run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// What it was drawn from; latencies, identifiers and the like still follow from it.
    pub seed: u64,
    /// Brokers.
    pub nodes: u16,
    /// What the brokers are, by their release.
    pub release: &'static Release,
    /// `max.incremental.fetch.session.cache.slots` of each broker.
    pub session_slots: usize,
    /// Whether the first topic keeps of each key only the last record (`cleanup.policy=compact`).
    pub compacted: bool,
    /// Partitions of each topic, whose names are `t0`, `t1`, ...
    pub topics: Vec<i32>,
    /// The network on a good day.
    pub conditions: Conditions,
    /// Clients, numbered from 1.
    pub clients: Vec<ClientPlan>,
    /// How long faults come and go.
    pub safety: Duration,
    /// The faults.
    pub faults: Vec<FaultPlan>,
}

/// A client and what is done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientPlan {
    /// `request.timeout.ms`.
    pub request_timeout: Duration,
    /// `metadata.max.age.ms`.
    pub metadata_max_age: Duration,
    /// `connections.max.idle.ms`.
    pub connections_max_idle: Duration,
    /// What it does.
    pub role: Role,
}

/// What a client is for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// It sends records.
    Producer(ProducerPlan),
    /// It reads all partitions of all topics.
    Consumer(ConsumerPlan),
    /// It asks about topics and offsets, creates topics and deletes them.
    Admin,
    /// Nothing: it was left out when a failure was made smaller.
    Idle,
}

/// A producer and its load.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProducerPlan {
    /// `acks`.
    pub acks: Acks,
    /// `enable.idempotence`.
    pub idempotent: bool,
    /// `max.in.flight.requests.per.connection`.
    pub max_in_flight: usize,
    /// `linger.ms`.
    pub linger: Duration,
    /// `batch.size` in bytes.
    pub batch_bytes: usize,
    /// `compression.type`.
    pub compression: Codec,
    /// `delivery.timeout.ms`.
    pub delivery_timeout: Duration,
    /// `buffer.memory` in bytes.
    pub buffer_memory: usize,
    /// The longest value in bytes.
    pub value_bytes: u64,
    /// How long it rests between bursts of records.
    pub pause: Duration,
    /// The most records in a burst.
    pub burst: u64,
    /// How long after the others it begins.
    pub begins_after: Duration,
    /// After how many of a hundred bursts it flushes.
    pub flushes: u64,
    /// Whether records have keys, which choose the partition.
    pub keyed: bool,
}

/// A consumer and how it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsumerPlan {
    /// `auto.offset.reset`.
    pub reset: AutoOffsetReset,
    /// `fetch.max.wait.ms`.
    pub fetch_max_wait: Duration,
    /// `fetch.max.bytes`.
    pub fetch_bytes: usize,
    /// `max.partition.fetch.bytes`.
    pub partition_fetch_bytes: usize,
    /// `max.poll.records`.
    pub max_poll_records: usize,
    /// How long the application works on what a poll gave.
    pub work: Duration,
    /// In how many of a hundred polls it seeks, or pauses partitions for a while.
    pub moves: u64,
    /// Where it begins.
    pub start: StartAt,
    /// Before how many of a hundred polls it gives up some of its partitions for a while.
    pub reassigns: u64,
}

fn one_of<T: Clone>(rng: &mut Rng, first: T, others: &[T]) -> T {
    // The first is what users have, and as likely as all others together.
    if rng.chance(50) { first } else { rng.pick(others).cloned().unwrap_or(first) }
}

impl Plan {
    /// The run of a seed.
    #[must_use]
    pub fn draw(seed: u64) -> Self {
        let mut rng = Rng::new(seed).split(7);
        let rng = &mut rng;
        let nodes = one_of(rng, 3, &[1, 2, 4, 5]);
        let topics = (0..one_of(rng, 1, &[2, 3])).map(|_| one_of(rng, 3, &[1, 2, 6])).collect();
        let slow = Duration::from_millis(1)..Duration::from_millis(20);
        let far = Duration::from_millis(20)..Duration::from_millis(90);
        let conditions = Conditions {
            latency: one_of(rng, Conditions::default().latency, &[slow, far]),
            segment: if rng.chance(85) { None } else { Some(rng.between(20..1_000) as usize) },
            ..Conditions::default()
        };
        let mut clients = vec![client(rng, producer), client(rng, consumer)];
        for _ in 0..one_of(rng, 0, &[0, 1, 1, 2]) {
            let role = match rng.below(5) {
                0 | 1 => producer,
                2 | 3 => consumer,
                _ => |_: &mut Rng| Role::Admin,
            };
            clients.push(client(rng, role));
        }
        let safety = Duration::from_secs(rng.between(80..300));
        let mut plan = Self {
            seed,
            nodes,
            release: NEWEST,
            session_slots: 1_000,
            compacted: false,
            topics,
            conditions,
            clients,
            safety,
            faults: Vec::new(),
        };
        plan.faults = draw_faults(&plan, rng);
        draw_theme(&mut plan, &mut Rng::new(seed).split(8));
        plan.draw_aside(&mut Rng::new(seed).split(9));
        draw_rests(&mut plan, &mut Rng::new(seed).split(10));
        let corruptions = draw_corruptions(&plan, &mut Rng::new(seed).split(11));
        plan.faults.extend(corruptions);
        aside::draw(&mut plan);
        plan.faults.sort_by_key(|fault| fault.at);
        plan
    }

    /// What has a stream of its own, so that all else stays as it is when something is added here.
    fn draw_aside(&mut self, rng: &mut Rng) {
        if rng.chance(25) {
            self.release = rng.pick(served()).unwrap_or(NEWEST);
        }
        if rng.chance(15) {
            self.session_slots = rng.between(1..4) as usize;
        }
        for client in &mut self.clients {
            if let Role::Consumer(consumer) = &mut client.role
                && rng.chance(10)
            {
                consumer.fetch_bytes = rng.between(1_000..40_000) as usize;
            }
        }
        // A compacted topic takes no record without a key.
        let keyless =
            |client: &ClientPlan| matches!(&client.role, Role::Producer(plan) if !plan.keyed);
        self.compacted = !self.clients.iter().any(keyless) && rng.chance(40);
        if self.nodes > 1 && rng.chance(16) {
            self.faults.extend(draw_loss(self, rng));
        }
        if self.compacted {
            self.faults.extend(draw_compactions(self, rng));
        }
        self.faults.extend(draw_rare(self, rng));
        self.faults.sort_by_key(|fault| fault.at);
    }
}

/// The releases that simulated brokers can be of: those with batches of today's format.
fn served() -> &'static [Release] {
    let first = RELEASES.partition_point(|release| release.version < (0, 11, 0));
    RELEASES.get(first..).unwrap_or_default()
}

impl Plan {
    /// A number that changes when the plan does: a seed that is kept in a test names another run as soon as anything is
    /// drawn otherwise, and such a test had better say so.
    ///
    /// It is XXH64 (seed 0) of the plan's `Debug` text. So it is also another one when a field is added or renamed, when a
    /// fault is told otherwise, or when a compiler prints such text in a new way.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        XxHash64::oneshot(0, format!("{self:?}").as_bytes())
    }

    /// The same without what is not named: faults by their index, clients by their number. For the report of a failure,
    /// which names what it takes.
    #[must_use]
    pub fn keep(mut self, faults: &[usize], clients: &[u32]) -> Self {
        let kept = faults.iter().filter_map(|at| self.faults.get(*at).cloned());
        self.faults = kept.collect();
        for (client, number) in self.clients.iter_mut().zip(1..) {
            if !clients.contains(&number) {
                client.role = Role::Idle;
            }
        }
        self
    }
}

fn client(rng: &mut Rng, role: impl Fn(&mut Rng) -> Role) -> ClientPlan {
    let seconds = Duration::from_secs;
    ClientPlan {
        request_timeout: one_of(rng, seconds(30), &[seconds(2), seconds(10)]),
        metadata_max_age: one_of(rng, seconds(300), &[seconds(10), seconds(60)]),
        connections_max_idle: one_of(rng, seconds(540), &[seconds(5), seconds(20)]),
        role: role(rng),
    }
}

fn producer(rng: &mut Rng) -> Role {
    let millis = Duration::from_millis;
    let idempotent = rng.chance(80);
    let acks =
        if idempotent { Acks::All } else { one_of(rng, Acks::Leader, &[Acks::None, Acks::All]) };
    Role::Producer(ProducerPlan {
        acks,
        idempotent,
        max_in_flight: one_of(rng, 5, &[1, 2, 3]),
        linger: one_of(rng, millis(5), &[millis(0), millis(100), millis(500)]),
        batch_bytes: one_of(rng, 16_384, &[1, 200, 1_000]),
        compression: one_of(rng, Codec::None, &[Codec::None, Codec::Lz4, Codec::Snappy]),
        delivery_timeout: one_of(rng, millis(120_000), &[millis(5_000), millis(30_000)]),
        buffer_memory: one_of(rng, 33_554_432, &[20_000, 200_000]),
        value_bytes: one_of(rng, 100, &[40, 300, 3_000]),
        pause: millis(rng.between(800..950)),
        burst: one_of(rng, 1, &[1, 2, 5, 10]),
        begins_after: Duration::ZERO,
        flushes: 0,
        keyed: rng.chance(50),
    })
}

fn consumer(rng: &mut Rng) -> Role {
    let millis = Duration::from_millis;
    Role::Consumer(ConsumerPlan {
        reset: one_of(rng, AutoOffsetReset::Earliest, &[AutoOffsetReset::Latest]),
        fetch_max_wait: one_of(rng, millis(2_000), &[millis(500), millis(5_000)]),
        fetch_bytes: 52_428_800,
        partition_fetch_bytes: one_of(rng, 1_048_576, &[500, 5_000]),
        max_poll_records: one_of(rng, 500, &[1, 7, 50]),
        work: one_of(rng, millis(0), &[millis(20), millis(300)]),
        moves: one_of(rng, 0, &[1, 5]),
        start: StartAt::Beginning,
        reassigns: 0,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::sweep::FaultKind;

    #[test]
    fn a_fingerprint_is_of_all_that_is_in_a_plan() {
        let plan = Plan::draw(1);
        assert_eq!(plan.fingerprint(), Plan::draw(1).fingerprint());
        let all: Vec<usize> = (0..plan.faults.len()).collect();
        let fewer = plan.clone().keep(all.get(1..).expect("a fault"), &[1, 2, 3, 4]);
        let silent = plan.clone().keep(&all, &[2, 3, 4]);
        let mut shorter = plan.clone();
        shorter.safety -= Duration::from_nanos(1);
        let mut older = plan.clone();
        older.release = served().first().expect("a release");
        let changed =
            [&plan, &fewer, &silent, &shorter, &older, &Plan::draw(2)].map(Plan::fingerprint);
        assert_eq!(BTreeSet::from(changed).len(), changed.len());
    }

    #[test]
    fn plans_have_every_kind_of_fault_and_every_release() {
        let plans: Vec<Plan> = (1..=1_000).map(Plan::draw).collect();
        let drawn: BTreeSet<&str> =
            plans.iter().flat_map(|plan| &plan.faults).map(|fault| fault.kind.name()).collect();
        assert_eq!(drawn, FaultKind::NAMES.iter().copied().collect());
        assert!(FaultKind::NAMES.is_sorted());
        let releases: BTreeSet<_> = plans.iter().map(|plan| plan.release.version).collect();
        assert_eq!(releases, served().iter().map(|release| release.version).collect());
        assert!(plans.iter().all(|plan| plan.faults.is_sorted_by_key(|fault| fault.at)));
    }
}
