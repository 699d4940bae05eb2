//! I07 and I17 to I21: what consumers were handed out, and how their positions moved.

pub(super) mod branch;
mod offsets;
mod track;

use std::collections::{BTreeMap, BTreeSet};

use kafka_proto::ErrorCode;

use self::offsets::Offsets;
use self::track::{Excuse, Track};
use crate::check::event::{Event, LogEvent};
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{ClientId, ConsumerRef, Partition, Start, TopicRef};
use crate::check::run::Run;
use crate::check::wire::Wire;
use crate::{ConnId, Time};

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let mut consuming = Consuming {
        run,
        findings,
        tracks: BTreeMap::new(),
        unassigned: BTreeSet::new(),
        asked: BTreeMap::new(),
    };
    let mut offsets = Offsets::default();
    for (at, event) in run.events.iter() {
        consuming.handle(*at, event);
        if let Event::Deliver { partition, offset, rid, hash, .. } = *event {
            offsets.delivered(run, *at, run.name(partition), offset, rid, hash, consuming.findings);
        }
    }
}

struct Consuming<'a, 'run> {
    run: &'a Run<'run>,
    findings: &'a mut Findings,
    tracks: BTreeMap<(ConsumerRef, Partition), Track>,
    /// What was taken from consumers.
    unassigned: BTreeSet<(ConsumerRef, Partition)>,
    /// When each Fetch was seen.
    asked: BTreeMap<(ConnId, i32), Time>,
}

impl Consuming<'_, '_> {
    fn handle(&mut self, at: Time, event: &Event) {
        let run = self.run;
        match *event {
            Event::Assigned { consumer, partition, start }
            | Event::Seek { consumer, partition, to: start } => {
                let position = match start {
                    Start::Offset(offset) => Some(offset),
                    Start::Earliest | Start::Latest | Start::Timestamp(_) => None,
                };
                let partition = run.name(partition);
                self.unassigned.remove(&(consumer, partition));
                let track = Track::starting(run, at, partition, position);
                self.tracks.insert((consumer, partition), track);
            }
            Event::Unassigned { consumer, partition } => {
                self.unassigned.insert((consumer, run.name(partition)));
                self.tracks.remove(&(consumer, run.name(partition)));
            }
            Event::Reset { consumer, partition, cause, to } => {
                let partition = run.name(partition);
                let track = self.tracks.entry((consumer, partition)).or_default();
                track.reset(run, at, consumer, partition, (cause, to), self.findings);
            }
            Event::Deliver { consumer, partition, offset, .. } => {
                let partition = run.name(partition);
                let held = !self.unassigned.contains(&(consumer, partition));
                self.findings.judge(Invariant::NonmonotonicPoll, held, at, || {
                    let partition = run.show(partition);
                    format!(
                        "consumer {} was handed {offset} of {partition}, which it gave up",
                        consumer.0
                    )
                });
                let track = self.tracks.entry((consumer, partition)).or_default();
                track.deliver(run, at, consumer, partition, offset, self.findings);
            }
            Event::Position { consumer, partition, offset } => {
                let partition = run.name(partition);
                let track = self.tracks.entry((consumer, partition)).or_default();
                track.position(run, at, consumer, partition, offset, self.findings);
            }
            Event::Truth { partition, truth: LogEvent::Truncated { to, .. } } => {
                self.excuse(run.name(partition), None, Excuse::Truncated { to, below: i64::MAX });
            }
            Event::TopicCreated { topic, .. } | Event::TopicDeleted { topic } => {
                self.renewed(topic)
            }
            Event::Wire { client, conn, node, wire } => self.wire(at, client, conn, node, wire),
            _ => {}
        }
    }

    fn wire(&mut self, at: Time, client: ClientId, conn: ConnId, node: i32, wire: Wire) {
        match wire {
            Wire::Fetch { correlation_id, .. } => {
                self.asked.insert((conn, correlation_id), at);
            }
            Wire::FetchedPartition { correlation_id, partition, error, .. }
                if error == ErrorCode::OFFSET_OUT_OF_RANGE.0 =>
            {
                let asked = self.asked.get(&(conn, correlation_id)).copied().unwrap_or(at);
                let partition = self.run.name(partition);
                let truths = self.run.truth.get(&partition);
                let by_leader = truths.is_none_or(|truths| truths.led(node, asked, at));
                self.excuse(partition, Some(client), Excuse::OutOfRange { by_leader });
            }
            _ => {}
        }
    }

    /// Consumers of a partition, or those of one client, have a reason to move their position.
    fn excuse(&mut self, partition: Partition, client: Option<ClientId>, excuse: Excuse) {
        for ((consumer, of), track) in &mut self.tracks {
            let theirs = client.is_none() || self.run.client_of(*consumer) == client;
            if *of == partition && theirs {
                track.excuse(excuse);
            }
        }
    }

    /// Another log stands behind the name: whatever consumers knew of the old one says nothing.
    fn renewed(&mut self, topic: TopicRef) {
        let topic = self.run.name(Partition { topic, partition: 0 }).topic;
        for ((_, partition), track) in &mut self.tracks {
            if partition.topic == topic {
                *track = Track::default();
            }
        }
    }
}
