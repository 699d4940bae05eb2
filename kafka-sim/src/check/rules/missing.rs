//! I30: nobody is told that a partition is missing which is there. What one broker leaves out of one answer (F28, F29) is a
//! reason to ask again, as a passing error is.

use std::collections::{BTreeMap, BTreeSet};

use crate::Time;
use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{ConsumerRef, Failure, Partition, TopicRef};
use crate::check::run::Run;

/// What a client says of a partition that its topic has not.
const MISSING: Failure = Failure::Kind("UnknownPartition");

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let mut topics = Topics::default();
    let mut assigned: BTreeMap<ConsumerRef, BTreeSet<Partition>> = BTreeMap::new();
    for (at, event) in run.events.iter() {
        match *event {
            Event::TopicCreated { topic, partitions }
            | Event::PartitionsAdded { topic, partitions } => {
                topics.have(run, topic, (partitions, *at));
            }
            Event::Assigned { consumer, partition, .. } => {
                assigned.entry(consumer).or_default().insert(run.name(partition));
            }
            Event::Unassigned { consumer, partition } => {
                assigned.entry(consumer).or_default().remove(&run.name(partition));
            }
            Event::ConsumerFailed { consumer, failure: MISSING, .. } => {
                let mut theirs = assigned.get(&consumer).into_iter().flatten();
                let missing = theirs.any(|partition| topics.may_miss(run, *partition, *at));
                findings.judge(Invariant::Liveness, missing, *at, || {
                    format!("consumer {} misses a partition, and all are there", consumer.0)
                });
            }
            Event::Fail { rid, failure: MISSING, .. } => {
                let Some(sent) = run.record(rid) else { continue };
                let missing = topics.may_miss(run, sent.partition, *at);
                findings.judge(Invariant::Liveness, missing, *at, || {
                    let partition = run.show(sent.partition);
                    format!("record {} failed for want of {partition}, which is there", rid.0)
                });
            }
            _ => {}
        }
    }
}

/// How many partitions topics have, and since when; what was there from the beginning everybody knows of.
#[derive(Default)]
struct Topics(BTreeMap<TopicRef, (i32, Time)>);

impl Topics {
    fn have(&mut self, run: &Run<'_>, topic: TopicRef, since: (i32, Time)) {
        self.0.insert(run.name(Partition { topic, partition: 0 }).topic, since);
    }

    /// Whether a partition is not there, or not all have to know of it yet.
    fn may_miss(&self, run: &Run<'_>, partition: Partition, at: Time) -> bool {
        let longest = run.producers.values().map(|(_, contract)| contract.delivery_timeout).max();
        let t_live = run.settings.t_live(longest.unwrap_or_default());
        let there = self.0.get(&partition.topic).is_some_and(|(count, since)| {
            partition.partition < *count && (*since == Time::ZERO || *since + t_live <= at)
        });
        !there || run.is_renewed(partition, at, t_live)
    }
}
