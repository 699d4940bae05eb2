//! One partition of a producer: what waits, what is on its way, and the sequence numbers.
//!
//! Batches leave in the order in which they were opened. After any failure nothing more leaves until every
//! batch of the partition that is on its way has its answer; then they go again from the oldest on. A batch that was stamped
//! keeps its bytes and its sequence, so that the broker recognises it; when a stamped batch ends other than by being appended,
//! the partition goes on under a higher epoch from sequence 0, and no sequence is ever used for other data. Before that, what
//! may have been appended behind it is sent once more as it was: a broker that has it, or has all before it, takes it.
//! A topic that was deleted and made again is another log: it begins under a higher epoch too.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;
use core::time::Duration;

use bytes::Bytes;
use kafka_proto::Uuid;

use crate::batch::{Batch, DeliveryReport, Outcome, Pending};
use crate::engine::news::News;
use crate::error::Error;
use crate::id::BatchId;
use crate::time::Instant;

/// The last epoch that may be used: the broker reserves the one after it for fencing.
const EPOCH_MAX: i16 = i16::MAX - 1;

/// A partition of a producer.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// What the accumulator holds.
    pub(crate) pending: Pending,
    /// A Collect is out.
    pub(crate) collecting: bool,
    /// The node whose connection the collected batch is for.
    pub(crate) collecting_for: Option<i32>,
    /// Batches that wait to be sent, or sent again, in order.
    pub(crate) queue: VecDeque<Staged>,
    /// Batches on their way, in order.
    pub(crate) in_flight: VecDeque<Staged>,
    /// The node that they are on their way to.
    pub(crate) in_flight_to: Option<i32>,
    /// The leader, and its epoch, that what leaves now goes to.
    leader: Option<(i32, i32)>,
    /// The node in whose ready list this partition stands.
    pub(crate) listed_at: Option<i32>,
    /// A failure happened: nothing leaves until all that is on its way has its answer.
    pub(crate) recovering: bool,
    /// A sequence range was used up in vain: go on under the next epoch.
    needs_bump: bool,
    /// The topic was made again: what the old one may have is not sent to the new one under the same sequence.
    remade: bool,
    /// Backoff after a failure.
    pub(crate) not_before: Instant,
    pub(crate) failures: u32,
    /// Nothing has left since a failure was counted: what fails now was on its way together with that.
    counted: bool,
    /// The leader, and its epoch, that what left last went to.
    sent_to: Option<(i32, i32)>,
    /// A newer leader than who refused them gets the batches at once.
    pub(crate) news: News,
    /// Whatever comes for this partition fails with this: its topic is gone.
    pub(crate) doomed: Option<Error>,
    session: Option<Session>,
    /// The producer id has no epoch left: the producer needs another.
    pub(crate) exhausted: bool,
    /// Batches that were split, whose parts have not all ended.
    splits: BTreeMap<BatchId, Split>,
}

/// A batch in the engine's hands.
#[derive(Debug)]
pub(crate) struct Staged {
    pub(crate) batch: Box<Batch>,
    /// Index of its first record in the batch that the application knows, other than 0 after a split.
    pub(crate) first_index: u32,
    pub(crate) stamp: Option<Stamp>,
    pub(crate) attempts: u32,
    /// The id of the topic that it was sent to last, by which the answer may go.
    pub(crate) topic: Uuid,
    /// It was sent, and the broker did not say that it was not appended.
    pub(crate) maybe_appended: bool,
    /// Its outcome has been told already: its time was over while it was on its way.
    pub(crate) reported: bool,
}

/// What the broker knows a batch by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) producer_id: i64,
    pub(crate) epoch: i16,
    pub(crate) sequence: i32,
}

/// The producer id and epoch under which a partition goes on, and its next sequence.
#[derive(Clone, Copy, Debug)]
struct Session {
    producer_id: i64,
    epoch: i16,
    next_sequence: i32,
    /// The topic whose log it is for, zero while it is not known or has no id.
    topic: Uuid,
    /// The broker has appended a batch of it. Before that it takes any sequence of a producer id that is new to it,
    /// so a second batch must not overtake the first.
    proven: bool,
    /// When the broker last appended one.
    appended: Instant,
}

impl Session {
    /// One that no broker has heard of.
    fn begin((producer_id, epoch): (i64, i16), topic: Uuid) -> Self {
        let appended = Instant::default();
        Self { producer_id, epoch, next_sequence: 0, topic, proven: false, appended }
    }
}

#[derive(Debug)]
struct Split {
    records: u32,
    outcomes: Outcomes,
    body: Vec<Bytes>,
}

/// Outcomes by ranges of the record indexes that the application knows.
pub(crate) type Outcomes = Vec<(Range<u32>, Outcome)>;

impl Staged {
    pub(crate) fn new(batch: Box<Batch>) -> Self {
        Self {
            batch,
            first_index: 0,
            stamp: None,
            attempts: 0,
            topic: Uuid::ZERO,
            maybe_appended: false,
            reported: false,
        }
    }

    /// The record indexes, as the application knows them.
    pub(crate) fn range(&self) -> Range<u32> {
        self.first_index..self.first_index.saturating_add(self.batch.records)
    }

    fn order(&self) -> (u64, u32) {
        (self.batch.id.number, self.first_index)
    }
}

impl Outbox {
    /// Whether the queue or the accumulator may give something to a request.
    pub(crate) fn has_work(&self) -> bool {
        !self.queue.is_empty() || self.pending.since.is_some()
    }

    /// Stamps the oldest batch of the queue with the next sequence, unless it has its stamp.
    /// `fresh` is the producer's id and epoch, for a partition that has none yet; `topic` the id of its topic.
    pub(crate) fn stamp_front(&mut self, fresh: (i64, i16), topic: Uuid) {
        let session = self.session.get_or_insert(Session::begin(fresh, topic));
        let Some(front) = self.queue.front_mut() else {
            return;
        };
        if front.stamp.is_none() || mutant!("retry_new_sequence") {
            let Session { producer_id, epoch, next_sequence: sequence, .. } = *session;
            front.stamp = Some(Stamp { producer_id, epoch, sequence });
            let records = if mutant!("sequence_counts_batches") { 1 } else { front.batch.records };
            session.next_sequence = sequence_after(sequence, records);
        }
    }

    /// Whoever leads from now on has the producer's state from its own log. After an election that lost records that may be
    /// none, and then it takes any sequence for the first.
    pub(crate) fn led_by(&mut self, node: i32, leader_epoch: i32) {
        if self.leader.replace((node, leader_epoch)) != Some((node, leader_epoch)) {
            self.doubt_log();
        }
    }

    /// Brokers forget producers that they have not heard of for `producer.id.expiration.ms`, which is longer than a delivery may
    /// take, or a batch that is sent again would be a new one. Nobody says how much longer.
    pub(crate) fn may_be_forgotten_after(&mut self, delivery_timeout: Duration, now: Instant) {
        if let Some(session) = &mut self.session
            && now.saturating_duration_since(session.appended) >= delivery_timeout
            && !mutant!("forgotten_is_known")
        {
            session.proven = false;
        }
    }

    /// The log may be another one the next time, which knows of no producer.
    pub(crate) fn doubt_log(&mut self) {
        if let Some(session) = &mut self.session {
            session.proven = false;
        }
    }

    /// The broker has appended a batch: it knows the session from here on.
    pub(crate) fn prove(&mut self, stamp: Option<Stamp>, now: Instant) {
        if let (Some(session), Some(stamp)) = (&mut self.session, stamp)
            && (session.producer_id, session.epoch) == (stamp.producer_id, stamp.epoch)
        {
            session.proven = true;
            session.appended = now;
        }
    }

    /// Whether another batch may leave before those on their way have come back.
    pub(crate) fn may_pipeline(&self) -> bool {
        !self.recovering
            && self.session.is_none_or(|session| session.proven || mutant!("first_batch_overtaken"))
    }

    /// A batch leaves, for a topic of this id.
    pub(crate) fn launch(&mut self, mut staged: Staged, topic: Uuid, node: i32) -> Option<&Staged> {
        staged.attempts = staged.attempts.saturating_add(1);
        staged.topic = topic;
        self.in_flight_to = Some(node);
        (self.counted, self.sent_to) = (false, self.leader);
        self.news.forget_refusal();
        self.in_flight.push_back(staged);
        self.in_flight.back()
    }

    /// A batch is to go again. Gives how many times in a row that was so, unless others that were on their way with it have
    /// been counted.
    pub(crate) fn count_failure(&mut self) -> Option<u32> {
        self.recovering = true;
        if core::mem::replace(&mut self.counted, true) {
            return None;
        }
        self.failures = self.failures.saturating_add(1);
        Some(self.failures)
    }

    /// Whoever got the last batches was not the leader.
    pub(crate) fn note_stale(&mut self) {
        if let Some(by) = self.sent_to {
            self.news.note_refusal(by);
        }
    }

    /// A batch was appended.
    pub(crate) fn went_well(&mut self) {
        self.failures = 0;
        self.news.end();
    }

    /// A batch that is on its way, by its place in the request.
    pub(crate) fn in_flight(&self, id: BatchId, first_index: u32) -> Option<&Staged> {
        self.in_flight.iter().find(|of| of.batch.id == id && of.first_index == first_index)
    }

    /// Takes a batch that was on its way, by its place in the request.
    pub(crate) fn take_in_flight(&mut self, id: BatchId, first_index: u32) -> Option<Staged> {
        let at = self
            .in_flight
            .iter()
            .position(|staged| staged.batch.id == id && staged.first_index == first_index)?;
        self.in_flight.remove(at)
    }

    /// Puts a batch back where it belongs in the order of sending.
    pub(crate) fn requeue(&mut self, staged: Staged) {
        let at = self
            .queue
            .iter()
            .take_while(|queued| queued.order() < staged.order() || mutant!("retry_behind"))
            .count();
        self.queue.insert(at, staged);
    }

    /// Whether a batch before `staged` has no outcome yet: then a broker's word that `staged` is out of order
    /// says nothing about `staged` itself.
    pub(crate) fn has_predecessor(&self, staged: &Staged) -> bool {
        self.queue.iter().chain(&self.in_flight).any(|other| other.order() < staged.order())
    }

    /// A stamped batch ended without being appended under its sequence.
    pub(crate) fn give_up_sequence(&mut self, staged: &Staged) {
        if staged.stamp.is_some() && !mutant!("sequence_gap_kept") {
            self.needs_bump = true;
            self.recovering = true;
        }
    }

    /// Its topic has this id. If that is another one than when it was last heard of, the log begins anew.
    pub(crate) fn follow_topic(&mut self, topic: Uuid) {
        let Some(session) = self.session.as_mut().filter(|_| topic != Uuid::ZERO) else {
            return;
        };
        let before = core::mem::replace(&mut session.topic, topic);
        // Under an epoch that was not used yet, nothing can be taken for something else.
        if before != Uuid::ZERO && before != topic && session.next_sequence > 0 {
            (self.remade, self.needs_bump, self.recovering) = (true, true, true);
        }
    }

    /// Whether the oldest batch may be in the log, and is to be sent again as it was before its sequence is given up.
    fn is_in_doubt(&self) -> bool {
        !self.remade
            && !mutant!("unknown_restamped")
            && self.queue.front().is_some_and(|front| front.stamp.is_some() && front.maybe_appended)
    }

    /// Whether a failure is over: nothing is on its way any more, and nothing has to be sent again as it was.
    pub(crate) fn recovers(&self) -> bool {
        let settled = self.in_flight.is_empty() || mutant!("recovery_ignored");
        self.recovering && settled && !(self.needs_bump && self.is_in_doubt())
    }

    /// Whether it goes on under another epoch then.
    pub(crate) fn bumps(&self) -> bool {
        self.recovers() && self.needs_bump
    }

    /// Once nothing is on its way after a failure: the order is restored and sending may go on. Gives the batches whose
    /// fate stays unknown, since they can't be sent again under another epoch.
    pub(crate) fn recover(&mut self) -> Vec<Staged> {
        if !self.recovers() {
            return Vec::new();
        }
        self.recovering = false;
        self.remade = false;
        if !core::mem::take(&mut self.needs_bump) {
            return Vec::new();
        }
        self.session = match self.session.take() {
            Some(Session { producer_id, epoch, topic, .. }) if epoch < EPOCH_MAX => {
                let epoch = if mutant!("epoch_not_bumped") { epoch } else { epoch + 1 };
                Some(Session::begin((producer_id, epoch), topic))
            }
            Some(_) => {
                self.exhausted = true;
                None
            }
            None => None,
        };
        let (kept, unknown): (VecDeque<Staged>, VecDeque<Staged>) =
            self.queue.drain(..).partition(|staged| {
                !(staged.stamp.is_some() && staged.maybe_appended) || mutant!("unknown_restamped")
            });
        self.queue = kept;
        for staged in &mut self.queue {
            staged.stamp = None;
        }
        unknown.into()
    }

    /// Two halves take the place of a batch that was too large.
    pub(crate) fn split(&mut self, staged: &Staged, halves: [Batch; 2]) {
        let id = staged.batch.id;
        let total = self.splits.get(&id).map_or(staged.batch.records, |split| split.records);
        self.splits.entry(id).or_insert_with(|| Split {
            records: total,
            outcomes: Vec::new(),
            body: Vec::new(),
        });
        let mut first_index = staged.first_index;
        for half in halves {
            let records = half.records;
            self.requeue(Staged { first_index, ..Staged::new(Box::new(half)) });
            first_index += records;
        }
    }

    /// The report of a batch that has ended; `None` while other parts of it have not.
    pub(crate) fn report(
        &mut self,
        id: BatchId,
        outcomes: Outcomes,
        body: Vec<Bytes>,
    ) -> Option<DeliveryReport> {
        let Some(split) = self.splits.get_mut(&id) else {
            return Some(DeliveryReport { id, outcomes, body });
        };
        split.outcomes.extend(outcomes);
        split.body.extend(body);
        let ended: u32 = split.outcomes.iter().map(|(range, _)| range.end - range.start).sum();
        if ended < split.records {
            return None;
        }
        let mut split = self.splits.remove(&id)?;
        split.outcomes.sort_by_key(|(range, _)| range.start);
        Some(DeliveryReport { id, outcomes: split.outcomes, body: split.body })
    }

    /// The report of a batch that is still on its way, whose time is over.
    pub(crate) fn report_unknown(&mut self, at: usize, error: Error) -> Option<DeliveryReport> {
        let staged = self.in_flight.get_mut(at).filter(|staged| !staged.reported)?;
        staged.reported = true;
        let (id, range) = (staged.batch.id, staged.range());
        self.report(id, vec![(range, Outcome::Failed(Arc::new(error)))], Vec::new())
    }
}

/// The sequence after `records` more: it wraps from 2^31 - 1 to 0.
fn sequence_after(sequence: i32, records: u32) -> i32 {
    let next = (i64::from(sequence) + i64::from(records)) & i64::from(i32::MAX);
    i32::try_from(next).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_wrap_to_zero() {
        for (sequence, records, next) in
            [(0, 1, 1), (i32::MAX, 1, 0), (i32::MAX - 2, 5, 2), (7, 0, 7)]
        {
            assert_eq!(sequence_after(sequence, records), next, "{sequence} + {records}");
        }
    }
}
