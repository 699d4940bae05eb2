//! A run, indexed: what the invariants look up again and again.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kafka_proto::ApiKey;

use super::calm::Calm;
use super::event::{Event, LogEvent};
use super::history::History;
use super::ids::{
    Certainty, ClientId, ConsumerRef, Failure, Partition, ProducerContract, ProducerRef, RecordId,
    Text, TopicRef,
};
use super::log::{FinalLog, FinalRecord};
use super::numbered::Numbered;
use super::settings::Settings;
use super::wire::Wire;
use crate::Time;

/// Partitions of a topic that are looked at from its beginning on.
const PARTITIONS_MAX: i32 = 10_000;

/// A history with its indexes. Partitions in them are by name, whatever incarnation an event spoke of.
pub(super) struct Run<'a> {
    pub(super) settings: &'a Settings,
    /// In the order of their times.
    pub(super) events: Cow<'a, [(Time, Event)]>,
    /// In the order in which they were accepted.
    pub(super) sent: Vec<Sent>,
    pub(super) producers: BTreeMap<ProducerRef, (ClientId, ProducerContract)>,
    /// With `fetch.min.bytes`.
    pub(super) consumers: BTreeMap<ConsumerRef, (ClientId, u32)>,
    pub(super) crashed: BTreeMap<ClientId, Time>,
    /// When clients stood still, from and to; ascending.
    frozen: BTreeMap<ClientId, Vec<(Time, Time)>>,
    pub(super) logs: BTreeMap<Partition, &'a FinalLog>,
    pub(super) truth: BTreeMap<Partition, Truths>,
    pub(super) calm: Calm,
    pub(super) heal: Option<Time>,
    /// How often each name was created.
    incarnations: BTreeMap<TopicRef, u32>,
    /// When the last event happened.
    pub(super) end: Time,
    history: &'a History,
    names: Vec<TopicRef>,
    by_rid: Numbered<RecordId, usize>,
}

/// A record that was accepted, and what became of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub(super) rid: RecordId,
    pub(super) client: ClientId,
    pub(super) producer: ProducerRef,
    pub(super) partition: Partition,
    pub(super) hash: u64,
    pub(super) at: Time,
    pub(super) deadline: Time,
    /// How it ended, the first time.
    pub(super) ended: Option<(Time, Outcome)>,
    /// How often it ended.
    pub(super) endings: u32,
    /// Its first offset in its own partition.
    pub(super) offset: Option<i64>,
    /// How often it is there.
    pub(super) copies: u32,
    /// A place where it should not be.
    pub(super) elsewhere: Option<(Partition, i64)>,
}

/// How a record ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Acked(Option<i64>),
    Failed(Certainty, Failure),
}

/// What truly happened to a partition, whichever incarnation.
#[derive(Debug, Default)]
pub(super) struct Truths {
    /// First offsets that were gone, and when; with a topic all of them go.
    pub(super) cuts: Vec<(Time, i64)>,
    pub(super) deleted: Vec<Time>,
    /// When topics of the name were created.
    created: Vec<Time>,
    pub(super) log_starts: Vec<(Time, i64)>,
    pub(super) high_watermarks: Vec<(Time, i64)>,
    /// What was appended: first and last offsets.
    appends: Vec<(Time, (i64, i64))>,
    /// Nodes, -1 for none.
    pub(super) leaders: Vec<(Time, i32)>,
}

impl Truths {
    /// Whether what was at `offset` may have been cut off since.
    pub(super) fn cut_since(&self, since: Time, offset: i64) -> bool {
        self.cuts.iter().any(|(at, to)| *at >= since && *to <= offset)
    }

    /// Whether something was appended behind `offset`, and cut off again while what is at `offset` stayed.
    pub(super) fn cut_behind(&self, since: Time, offset: i64) -> bool {
        let cuts = self.cuts.iter().filter(|(at, to)| *at >= since && *to > offset);
        cuts.into_iter().any(|(cut, to)| {
            let first = self.appends.partition_point(|(at, _)| *at < since);
            let before = self.appends.iter().skip(first).take_while(|(at, _)| at <= cut);
            before.into_iter().any(|(_, (_, last))| last >= to)
        })
    }

    /// Whether the topic is not there then, or has not been for so long because there was another of its name.
    pub(super) fn renewed(&self, at: Time, within: Duration) -> bool {
        let before = self.deleted.iter().rfind(|deleted| **deleted <= at);
        before.is_some_and(|deleted| {
            let again = self.created.iter().find(|created| *created >= deleted);
            again.is_none_or(|created| *created > at || *created + within > at)
        })
    }

    /// Whether nothing could be read at `offset` then, nor before it.
    pub(super) fn ends_before(&self, at: Time, offset: i64) -> bool {
        let told = self.high_watermarks.partition_point(|(since, _)| *since <= at);
        let last = told.checked_sub(1).and_then(|last| self.high_watermarks.get(last));
        last.is_some_and(|(_, high)| *high < offset)
    }

    /// Whether `offset` was trimmed until then.
    pub(super) fn trimmed_until(&self, until: Time, offset: i64) -> bool {
        self.log_starts.iter().any(|(at, start)| *at <= until && *start > offset)
    }

    /// Whether `node` led at some time between the two, both included.
    pub(super) fn led(&self, node: i32, from: Time, to: Time) -> bool {
        let first_after = self.leaders.partition_point(|(at, _)| *at < from);
        let (before, rest) = self.leaders.split_at(first_after);
        let within = rest.iter().take_while(|(at, _)| *at <= to);
        before.last().into_iter().chain(within).any(|(_, leader)| *leader == node)
    }

    /// When something was first appended at `offset`, between the two, both included.
    pub(super) fn appended_at(&self, offset: i64, from: Time, to: Time) -> Option<Time> {
        let first = self.appends.partition_point(|(at, _)| *at < from);
        let within = self.appends.iter().skip(first).take_while(|(at, _)| *at <= to);
        within
            .into_iter()
            .find(|(_, (base, last))| (*base..=*last).contains(&offset))
            .map(|of| of.0)
    }

    /// Who leads from the one to the other without a break.
    pub(super) fn led_throughout(&self, from: Time, to: Time) -> Option<i32> {
        let first_after = self.leaders.partition_point(|(at, _)| *at <= from);
        let (before, rest) = self.leaders.split_at(first_after);
        let moves = rest.first().is_some_and(|(at, _)| *at <= to);
        before.last().filter(|_| !moves).map(|(_, node)| *node)
    }

    /// The high watermark then, and since when.
    pub(super) fn high_at(&self, at: Time) -> Option<(Time, i64)> {
        let after = self.high_watermarks.partition_point(|(time, _)| *time <= at);
        self.high_watermarks.get(after.checked_sub(1)?).copied()
    }

    /// The leader then.
    pub(super) fn leader_at(&self, at: Time) -> Option<i32> {
        let after = self.leaders.partition_point(|(time, _)| *time <= at);
        self.leaders.get(after.checked_sub(1)?).map(|(_, node)| *node)
    }
}

impl<'a> Run<'a> {
    pub(super) fn new(history: &'a History, settings: &'a Settings, logs: &'a [FinalLog]) -> Self {
        let events = in_order(history.events());
        let mut run = Self {
            settings,
            sent: Vec::new(),
            producers: BTreeMap::new(),
            consumers: BTreeMap::new(),
            crashed: BTreeMap::new(),
            frozen: BTreeMap::new(),
            logs: BTreeMap::new(),
            truth: BTreeMap::new(),
            calm: Calm::of(&events, settings.settle),
            heal: None,
            incarnations: BTreeMap::new(),
            end: events.last().map_or(Time::ZERO, |(at, _)| *at),
            history,
            names: history.topics.names(),
            by_rid: Numbered::default(),
            events: Cow::Borrowed(&[]),
        };
        for (at, event) in events.iter() {
            run.note(*at, event);
        }
        run.events = events;
        for log in logs {
            run.logs.insert(run.name(log.partition), log);
            run.place(log);
        }
        run
    }

    /// A partition by its topic's name.
    pub(super) fn name(&self, partition: Partition) -> Partition {
        let topic = self.names.get(partition.topic.0 as usize).copied();
        Partition { topic: topic.unwrap_or(partition.topic), ..partition }
    }

    /// A partition as one log: by name while the name had one incarnation, else by incarnation, if that is known.
    pub(super) fn one_log(&self, partition: Partition) -> Option<Partition> {
        let named = self.name(partition);
        match self.is_recreated(named) {
            false => Some(named),
            true => (partition != named).then_some(partition),
        }
    }

    /// Whether the topic is not there then, or has not been there for so long because it was deleted and created again.
    pub(super) fn is_renewed(&self, partition: Partition, at: Time, within: Duration) -> bool {
        self.truth.get(&partition).is_some_and(|truths| truths.renewed(at, within))
    }

    /// Whether a client may not know yet who leads a topic that was made again. It may hear of it as late as of anything, and
    /// without an id of the topic it believes that when nobody has told of the old leaders for a while.
    pub(super) fn may_be_unbelieved(&self, partition: Partition, at: Time) -> bool {
        self.is_renewed(partition, at, self.settings.t_live(Duration::ZERO) + BELIEVES_LATE)
    }

    /// Whether the topic was deleted by then, whether or not there was another of its name again.
    pub(super) fn was_deleted(&self, partition: Partition, at: Time) -> bool {
        let deleted = |truths: &Truths| truths.deleted.iter().any(|deleted| *deleted <= at);
        self.truth.get(&partition).is_some_and(deleted)
    }

    /// Whether a name stood for several topics, one after the other.
    pub(super) fn is_recreated(&self, partition: Partition) -> bool {
        self.incarnations.get(&self.name(partition).topic).is_some_and(|times| *times > 1)
    }

    pub(super) fn show(&self, partition: Partition) -> String {
        self.history.show(partition)
    }

    pub(super) fn text(&self, text: Text) -> &str {
        self.history.text(text)
    }

    pub(super) fn record(&self, rid: RecordId) -> Option<&Sent> {
        self.sent.get(*self.by_rid.get(rid)?)
    }

    pub(super) fn contract(&self, producer: ProducerRef) -> ProducerContract {
        self.producers.get(&producer).map(|(_, contract)| *contract).unwrap_or_default()
    }

    pub(super) fn client_of(&self, consumer: ConsumerRef) -> Option<ClientId> {
        self.consumers.get(&consumer).map(|(client, _)| *client)
    }

    /// Clients that have asked an API in a version below this one.
    pub(super) fn asked_below(&self, api: ApiKey, below: i16) -> BTreeSet<ClientId> {
        let asks = |(_, event): &(Time, Event)| match *event {
            Event::Wire { client, wire: Wire::Request { api: asked, version, .. }, .. } => {
                (asked == api.to_i16() && version < below).then_some(client)
            }
            _ => None,
        };
        self.events.iter().filter_map(asks).collect()
    }

    /// By when a client does what it had to do by `deadline`: who stood still then does it when it goes on, and has read
    /// what came meanwhile.
    pub(super) fn allowed(&self, client: ClientId, deadline: Time) -> Time {
        let stretches = self.frozen.get(&client).into_iter().flatten();
        stretches.fold(deadline, |by, (from, to)| {
            let awake = *to + self.settings.wake;
            if (*from..awake).contains(&by) { awake } else { by }
        })
    }

    /// Whether what was at `offset` then, or anywhere where it is not known, may be gone with right: cut off by an unclean
    /// election, or with its topic.
    pub(super) fn may_be_cut(
        &self,
        partition: Partition,
        since: Time,
        offset: Option<i64>,
    ) -> bool {
        let Some(truths) = self.truth.get(&partition) else { return false };
        truths.cut_since(since, offset.unwrap_or(i64::MAX))
    }

    fn note(&mut self, at: Time, event: &Event) {
        match *event {
            Event::ProducerOpened { client, producer, contract } => {
                self.producers.insert(producer, (client, contract));
            }
            Event::ConsumerOpened { client, consumer, fetch_min_bytes, .. } => {
                self.consumers.insert(consumer, (client, fetch_min_bytes));
            }
            Event::Crashed { client } => {
                self.crashed.entry(client).or_insert(at);
            }
            Event::Frozen { client } => {
                self.frozen.entry(client).or_default().push((at, Time::from_nanos(u64::MAX)));
            }
            Event::Thawed { client } => {
                if let Some(stretch) = self.frozen.entry(client).or_default().last_mut() {
                    stretch.1 = at;
                }
            }
            Event::Heal => self.heal = Some(at),
            Event::Send { client, producer, rid, partition, hash, deadline, .. } => {
                let partition = self.name(partition);
                self.by_rid.insert(rid, self.sent.len());
                self.sent.push(Sent {
                    rid,
                    client,
                    producer,
                    partition,
                    hash,
                    at,
                    deadline,
                    ended: None,
                    endings: 0,
                    offset: None,
                    copies: 0,
                    elsewhere: None,
                });
            }
            Event::Ack { rid, offset } => self.end_record(rid, at, Outcome::Acked(offset)),
            Event::Fail { rid, certainty, failure } => {
                self.end_record(rid, at, Outcome::Failed(certainty, failure));
            }
            Event::Truth { partition, truth } => self.note_truth(at, self.name(partition), truth),
            Event::TopicCreated { topic, partitions }
            | Event::PartitionsAdded { topic, partitions } => {
                let Partition { topic, .. } = self.name(Partition { topic, partition: 0 });
                if matches!(event, Event::TopicCreated { .. }) {
                    *self.incarnations.entry(topic).or_default() += 1;
                }
                for partition in 0..partitions.min(PARTITIONS_MAX) {
                    let truths = self.truth.entry(Partition { topic, partition }).or_default();
                    // A topic that grows leaves the partitions that it has as they are.
                    if truths.created.last() > truths.deleted.last() {
                        continue;
                    }
                    truths.created.push(at);
                    truths.high_watermarks.push((at, 0));
                }
            }
            Event::TopicDeleted { topic } => {
                let topic = self.name(Partition { topic, partition: 0 }).topic;
                let deleted =
                    self.truth.iter_mut().filter(|(partition, _)| partition.topic == topic);
                for (_, truths) in deleted {
                    truths.deleted.push(at);
                    truths.cuts.push((at, i64::MIN));
                }
            }
            _ => {}
        }
    }

    fn end_record(&mut self, rid: RecordId, at: Time, outcome: Outcome) {
        let found = self.by_rid.get(rid).and_then(|index| self.sent.get_mut(*index));
        if let Some(sent) = found {
            sent.endings += 1;
            sent.ended = sent.ended.or(Some((at, outcome)));
        }
    }

    fn note_truth(&mut self, at: Time, partition: Partition, truth: LogEvent) {
        let truths = self.truth.entry(partition).or_default();
        match truth {
            LogEvent::Append { base_offset, last_offset, .. } => {
                truths.appends.push((at, (base_offset, last_offset)));
            }
            LogEvent::HighWatermark { offset } => truths.high_watermarks.push((at, offset)),
            LogEvent::Truncated { to, .. } => truths.cuts.push((at, to)),
            LogEvent::LogStart { offset } => truths.log_starts.push((at, offset)),
            LogEvent::Leader { node, .. } => truths.leaders.push((at, node)),
        }
    }

    /// Notes where records are.
    fn place(&mut self, log: &FinalLog) {
        let partition = self.name(log.partition);
        for FinalRecord { offset, rid, .. } in &log.records {
            let index = rid.and_then(|rid| self.by_rid.get(rid)).copied();
            let Some(sent) = index.and_then(|index| self.sent.get_mut(index)) else { continue };
            if sent.partition == partition {
                sent.copies += 1;
                sent.offset = sent.offset.or(Some(*offset));
            } else {
                sent.elsewhere = sent.elsewhere.or(Some((partition, *offset)));
            }
        }
    }
}

/// How long a client goes by the leaders of the past while it is told of lower epochs.
const BELIEVES_LATE: Duration = Duration::from_secs(15);

/// How late a broker of a run hears at most that it leads no more, though it may lead again by then.
const HEARS_LATE: Duration = Duration::from_secs(15);

/// Up to when every broker has heard of all who lead, as seen from `at`.
pub(super) fn heard_by(at: Time) -> Time {
    Time::ZERO + at.since(Time::ZERO).saturating_sub(HEARS_LATE)
}

/// A record by its offset.
pub(super) fn record_at(log: &FinalLog, offset: i64) -> Option<&FinalRecord> {
    let at = log.records.binary_search_by_key(&offset, |record| record.offset).ok()?;
    log.records.get(at)
}

/// The truth may have come late; what happened at one time stays in the order in which it was recorded.
fn in_order(events: &[(Time, Event)]) -> Cow<'_, [(Time, Event)]> {
    if events.is_sorted_by_key(|(at, _)| *at) {
        return Cow::Borrowed(events);
    }
    let mut sorted = events.to_vec();
    sorted.sort_by_key(|(at, _)| *at);
    Cow::Owned(sorted)
}
