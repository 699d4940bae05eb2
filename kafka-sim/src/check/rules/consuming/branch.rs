//! I18 across a log that was cut off and grew again (KIP-320): who has read beyond the cut goes back to it before reading on,
//! or never sees what stands there now.
//!
//! What shows it is a record that was sent after the cut, handed out at the very offset where the consumer would have gone on
//! in the log as it was; its jumps are judged with all others. Brokers tell where histories part from Fetch 12 on: of clients
//! that had to ask older ones nothing is expected.

use std::collections::{BTreeMap, BTreeSet};

use kafka_proto::{ApiKey, ErrorCode};

use crate::Time;
use crate::check::event::{Event, LogEvent};
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{ClientId, ConsumerRef, Partition, RecordId, TopicRef};
use crate::check::run::Run;
use crate::check::wire::Wire;

/// The first version of Fetch that has the epoch of what was read last.
const WITH_LAST_EPOCH: i16 = 12;

pub(in crate::check::rules) fn check(run: &Run<'_>, findings: &mut Findings) {
    let mut branches = Branches {
        run,
        findings,
        old: run.asked_below(ApiKey::Fetch, WITH_LAST_EPOCH),
        reads: BTreeMap::new(),
    };
    for (at, event) in run.events.iter() {
        branches.handle(*at, event);
    }
}

struct Branches<'a, 'run> {
    run: &'a Run<'run>,
    findings: &'a mut Findings,
    /// Clients of which nothing is expected.
    old: BTreeSet<ClientId>,
    reads: BTreeMap<(ConsumerRef, Partition), Read>,
}

/// What a consumer has read of a partition without a break.
struct Read {
    until: i64,
    /// When the log was cut off below that, and the lowest offset from which on.
    cut: Option<(Time, i64)>,
}

impl Branches<'_, '_> {
    fn handle(&mut self, at: Time, event: &Event) {
        let run = self.run;
        match *event {
            Event::Assigned { consumer, partition, .. }
            | Event::Seek { consumer, partition, .. }
            | Event::Unassigned { consumer, partition }
            | Event::Reset { consumer, partition, .. } => {
                self.reads.remove(&(consumer, run.name(partition)));
            }
            Event::Position { consumer, partition, offset } => {
                let key = (consumer, run.name(partition));
                if self.reads.get(&key).is_some_and(|read| read.until != offset) {
                    self.reads.remove(&key);
                }
            }
            Event::Deliver { consumer, partition, offset, rid, .. } => {
                self.delivered(at, (consumer, run.name(partition)), offset, rid);
            }
            Event::Truth { partition, truth: LogEvent::Truncated { to, .. } } => {
                self.cut(at, run.name(partition), to);
            }
            Event::Truth { partition, truth: LogEvent::LogStart { offset } } => {
                self.trimmed(run.name(partition), offset);
            }
            Event::TopicCreated { topic, .. } | Event::TopicDeleted { topic } => {
                self.renewed(topic);
            }
            // It was sent to where its policy says, which may be where it was.
            Event::Wire {
                client, wire: Wire::FetchedPartition { partition, error, .. }, ..
            } if error == ErrorCode::OFFSET_OUT_OF_RANGE.0 => {
                let partition = run.name(partition);
                self.reads.retain(|(consumer, of), _| {
                    *of != partition || run.client_of(*consumer) != Some(client)
                });
            }
            _ => {}
        }
    }

    fn cut(&mut self, at: Time, partition: Partition, to: i64) {
        for ((_, of), read) in &mut self.reads {
            if *of == partition && to < read.until {
                let lowest = read.cut.map_or(to, |(_, before)| to.min(before));
                read.cut = Some((at, lowest));
            }
        }
    }

    /// Of a log that begins where a consumer goes on there is nothing that it has not read: it can't be told of the cut.
    fn trimmed(&mut self, partition: Partition, start: i64) {
        for ((_, of), read) in &mut self.reads {
            if *of == partition && start >= read.until {
                read.cut = None;
            }
        }
    }

    fn delivered(
        &mut self,
        at: Time,
        key: (ConsumerRef, Partition),
        offset: i64,
        rid: Option<RecordId>,
    ) {
        let read = self.reads.entry(key).or_insert(Read { until: offset, cut: None });
        if offset != read.until {
            read.cut = None;
        }
        read.until = offset.saturating_add(1);
        let (consumer, partition) = key;
        let modern = self.run.client_of(consumer).is_some_and(|client| !self.old.contains(&client));
        let Some((cut, to)) = read.cut.filter(|_| modern) else { return };
        // What was fetched before the cut may still be handed out.
        let sent = rid.and_then(|rid| self.run.record(rid));
        let holds = sent.is_none_or(|sent| sent.at <= cut);
        self.findings.judge(Invariant::PollSkip, holds, at, || {
            let partition = self.run.show(partition);
            let consumer = consumer.0;
            format!(
                "consumer {consumer} reads on at {offset} of {partition}, and of what it read before all from {to} on was lost"
            )
        });
        if !holds {
            read.cut = None;
        }
    }

    /// Another log stands behind the name.
    fn renewed(&mut self, topic: TopicRef) {
        let topic = self.run.name(Partition { topic, partition: 0 }).topic;
        self.reads.retain(|(_, partition), _| partition.topic != topic);
    }
}
