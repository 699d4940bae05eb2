//! Answers to Produce requests, and requests that will have none.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use kafka_proto::messages::ProduceResponse;
use kafka_proto::messages::produce::PartitionProduceResponse;
use kafka_proto::{ErrorCode, Uuid};

use super::Producer;
use super::identity::Identity;
use super::outbox::Staged;
use super::verdict::{self, Verdict};
use crate::accumulator;
use crate::batch::Outcome;
use crate::engine::lane::Endpoint;
use crate::engine::metadata::Metadata;
use crate::engine::purpose::{Fate, Purpose};
use crate::engine::timers::Timer;
use crate::engine::world::World;
use crate::error::{CloseCause, Error, ErrorKind, Written};
use crate::id::{BatchId, PartitionKey, TopicKey};
use crate::transitions::EngineState;

/// A batch in a request: its partition, its id, and where in it a split part begins.
type Sent = (PartitionKey, BatchId, u32);

impl Producer {
    /// A Produce request was answered. Every batch of it is judged once, whatever the answer repeats or leaves out.
    pub(crate) fn handle_response(
        &mut self,
        world: &mut World,
        batches: &[Sent],
        response: &ProduceResponse,
    ) {
        for node in &response.node_endpoints {
            if let Ok(port) = u16::try_from(node.port) {
                world.net.add_node(node.node_id, Endpoint { host: Arc::from(&*node.host), port });
            }
        }
        let answers = self.answers_by_partition(&world.metadata, batches, response);
        for sent in batches {
            match answers.get(&sent.0) {
                Some(answer) => self.handle_answer(world, *sent, answer),
                None => self.handle_silence(world, *sent),
            }
        }
        self.finish_close(world);
    }

    /// A Produce request with acks=0 is with the socket, which is all that is asked.
    pub(crate) fn handle_unanswered(&mut self, world: &mut World, batches: &[Sent]) {
        for (partition, id, first_index) in batches {
            let verdict = Verdict::Appended { base_offset: None, log_append_time: None };
            self.conclude(world, *partition, *id, *first_index, verdict);
        }
        self.finish_close(world);
    }

    /// A Produce request will not be answered: its connection is gone.
    pub(crate) fn handle_lost(
        &mut self,
        world: &mut World,
        batches: &[Sent],
        fate: Fate,
        cause: &CloseCause,
    ) {
        if mutant!("lost_is_forgotten") {
            return;
        }
        for (partition, id, first_index) in batches {
            let maybe_appended = fate == Fate::Unknown && !mutant!("lost_is_not_appended");
            let error = Error::new(ErrorKind::Disconnected { cause: cause.clone() });
            let mut verdict = Verdict::Retry { maybe_appended, stale: true, error };
            if mutant!("lost_is_success") {
                verdict = Verdict::Appended { base_offset: None, log_append_time: None };
            }
            self.conclude(world, *partition, *id, *first_index, verdict);
        }
        self.finish_close(world);
    }

    /// A Produce request could not be built.
    pub(super) fn refuse(&mut self, world: &mut World, purpose: Purpose, error: &Error) {
        let Purpose::Produce { batches, .. } = purpose else {
            return;
        };
        for (partition, id, first_index) in batches {
            self.conclude(
                world,
                partition,
                id,
                first_index,
                Verdict::Refused { error: error.clone() },
            );
        }
        self.finish_close(world);
    }

    /// The first answer for each partition; what was not asked for is ignored.
    fn answers_by_partition<'a>(
        &self,
        metadata: &Metadata,
        batches: &[Sent],
        response: &'a ProduceResponse,
    ) -> BTreeMap<PartitionKey, &'a PartitionProduceResponse> {
        // A topic that was made again meanwhile has another id by now.
        let asked: BTreeMap<[u8; 16], TopicKey> = batches
            .iter()
            .filter_map(|(partition, id, first_index)| {
                let staged = self.outboxes.get(partition)?.in_flight(*id, *first_index)?;
                Some((staged.topic.0, partition.topic))
            })
            .collect();
        let mut answers = BTreeMap::new();
        for topic in &response.responses {
            let key = if topic.topic_id == Uuid::ZERO {
                metadata.key_of(&topic.name)
            } else {
                asked.get(&topic.topic_id.0).copied()
            };
            let Some(key) = key else { continue };
            for answer in &topic.partition_responses {
                let partition = PartitionKey { topic: key, partition: answer.index };
                answers.entry(partition).or_insert(answer);
            }
        }
        answers
    }

    fn handle_answer(&mut self, world: &mut World, sent: Sent, answer: &PartitionProduceResponse) {
        let (partition, id, first_index) = sent;
        let name = world.metadata.name(partition.topic);
        let hint = &answer.current_leader;
        // Of a topic that was made again meanwhile it says nothing.
        let asked = self.outboxes.get(&partition).and_then(|of| of.in_flight(id, first_index));
        let same = asked.is_some_and(|of| of.topic == world.metadata.topic_id(partition.topic));
        if hint.leader_id >= 0
            && same
            && world.metadata.hint_leader(
                &mut world.ctx,
                partition.topic,
                partition.partition,
                hint.leader_id,
                hint.leader_epoch,
            )
        {
            self.mark_ready(world, partition);
        }
        let verdict = verdict::judge(answer, &name, self.config.acks);
        if let Verdict::Refused { error } = &verdict
            && !answer.record_errors.is_empty()
        {
            self.refuse_records(world, sent, answer, &error.clone());
            return;
        }
        self.conclude(world, partition, id, first_index, verdict);
    }

    /// The broker left a partition out of its answer.
    fn handle_silence(&mut self, world: &mut World, sent: Sent) {
        let cause = CloseCause::Misbehaved("a partition is missing in a Produce response".into());
        let error = Error::new(ErrorKind::Disconnected { cause });
        let maybe_appended = !mutant!("omitted_is_not_appended");
        let mut verdict = Verdict::Retry { maybe_appended, stale: true, error };
        if mutant!("omitted_is_success") {
            verdict = Verdict::Appended { base_offset: None, log_append_time: None };
        }
        self.conclude(world, sent.0, sent.1, sent.2, verdict);
    }

    fn conclude(
        &mut self,
        world: &mut World,
        partition: PartitionKey,
        id: BatchId,
        first_index: u32,
        verdict: Verdict,
    ) {
        let Some(outbox) = self.outboxes.get_mut(&partition) else {
            return;
        };
        let Some(mut staged) = outbox.take_in_flight(id, first_index) else {
            return;
        };
        match verdict {
            Verdict::Appended { base_offset, log_append_time } => {
                outbox.went_well();
                outbox.prove(staged.stamp, world.ctx.now);
                self.end(
                    &mut world.ctx,
                    partition,
                    staged,
                    Outcome::Appended { base_offset, log_append_time },
                );
            }
            Verdict::Retry { maybe_appended, stale, error } => {
                staged.maybe_appended |= maybe_appended;
                if stale {
                    world.metadata.refresh(&mut world.ctx);
                    outbox.note_stale();
                }
                if is_of_no_topic(&error) {
                    outbox.doubt_log();
                }
                self.retry(world, partition, staged, error);
                self.heed_news(world, partition);
            }
            Verdict::OutOfSequence { error }
                if outbox.has_predecessor(&staged) && !mutant!("out_of_order_bumps") =>
            {
                self.retry(world, partition, staged, error);
            }
            Verdict::OutOfSequence { error } => self.resequence(world, partition, staged, error),
            Verdict::TooLarge => self.split(world, partition, staged),
            Verdict::Refused { error } => {
                let written =
                    if staged.maybe_appended { Written::Unknown } else { error.written() };
                self.fail(&mut world.ctx, partition, staged, error.with_written(written));
            }
        }
        self.recover(world, partition);
        self.mark_ready(world, partition);
    }

    /// Sends a batch again, after a backoff and once nothing of its partition is on its way.
    fn retry(&mut self, world: &mut World, partition: PartitionKey, staged: Staged, error: Error) {
        let doomed = self.outboxes.get(&partition).is_some_and(|outbox| outbox.doomed.is_some());
        let over = self.failed.is_some()
            || doomed
            || staged.reported
            || staged.attempts > self.config.retries;
        if over {
            let written = staged.written();
            self.fail(&mut world.ctx, partition, staged, error.with_written(written));
            return;
        }
        let Some(outbox) = self.outboxes.get_mut(&partition) else {
            return;
        };
        if let Some(failures) = outbox.count_failure() {
            let (base, max) = (self.config.retry_backoff, self.config.retry_backoff_max);
            outbox.not_before = world.ctx.now + world.ctx.backoff(base, max, failures);
            world.ctx.timers.set(Timer::Outbox(self.key, partition), outbox.not_before);
        }
        outbox.requeue(staged);
        world.ctx.enter(EngineState::BatchRetrying);
    }

    /// What was sent to a node that was not the leader waits no more once another is known.
    pub(super) fn heed_news(&mut self, world: &mut World, partition: PartitionKey) {
        let known = world.metadata.leader(partition.topic, partition.partition);
        if let Some(outbox) = self.outboxes.get_mut(&partition)
            && outbox.news.heed(known)
        {
            outbox.not_before = world.ctx.now;
        }
    }

    /// The broker's knowledge of the producer does not go with the batch's sequence (KIP-360): a batch that was certainly not appended
    /// is sent under a new epoch, any other has an unknown fate.
    fn resequence(
        &mut self,
        world: &mut World,
        partition: PartitionKey,
        staged: Staged,
        error: Error,
    ) {
        let Some(outbox) = self.outboxes.get_mut(&partition) else {
            return;
        };
        outbox.give_up_sequence(&staged);
        if staged.maybe_appended || staged.stamp.is_none() {
            let written = staged.written();
            self.fail(&mut world.ctx, partition, staged, error.with_written(written));
        } else {
            self.retry(world, partition, staged, error);
        }
    }

    /// Two halves go in place of a batch that the broker finds too large; a single record fails.
    fn split(&mut self, world: &mut World, partition: PartitionKey, staged: Staged) {
        let Some(outbox) = self.outboxes.get_mut(&partition) else {
            return;
        };
        outbox.give_up_sequence(&staged);
        if staged.batch.records < 2
            || staged.reported
            || staged.maybe_appended
            || self.failed.is_some()
        {
            let error = verdict::record_too_large(&staged).with_written(staged.written());
            self.fail(&mut world.ctx, partition, staged, error);
            return;
        }
        match accumulator::split(&staged.batch, self.config.compression_level()) {
            Ok(Some((first, second))) => {
                self.staged += 1;
                world.ctx.enter(EngineState::BatchSplit);
                outbox.split(&staged, [first, second]);
            }
            Ok(None) => {
                let error = verdict::record_too_large(&staged);
                self.fail(&mut world.ctx, partition, staged, error);
            }
            Err(error) => self.fail(&mut world.ctx, partition, staged, error),
        }
    }

    /// Some records are invalid (KIP-467): they have the broker's words, the others of the batch say so.
    fn refuse_records(
        &mut self,
        world: &mut World,
        sent: Sent,
        answer: &PartitionProduceResponse,
        error: &Error,
    ) {
        let (partition, id, first_index) = sent;
        let Some(outbox) = self.outboxes.get_mut(&partition) else {
            return;
        };
        let Some(staged) = outbox.take_in_flight(id, first_index) else {
            return;
        };
        let written = staged.written();
        outbox.give_up_sequence(&staged);
        let first_index = staged.first_index;
        let outcomes: Vec<_> = (0..staged.batch.records)
            .map(|index| {
                let error =
                    verdict::record_error(answer, index, error).unwrap_or_else(|| error.clone());
                let range = first_index + index..first_index + index + 1;
                (range, Outcome::Failed(Arc::new(error.with_written(written))))
            })
            .collect();
        self.end_with(&mut world.ctx, partition, staged, outcomes);
        self.recover(world, partition);
        self.mark_ready(world, partition);
    }

    /// If all that was on its way has come back after a failure, restores order and goes on.
    pub(super) fn recover(&mut self, world: &mut World, partition: PartitionKey) {
        let Some(outbox) = self.outboxes.get_mut(&partition) else {
            return;
        };
        if outbox.recovers() {
            world.ctx.enter(EngineState::SequenceRecovered);
        }
        if outbox.bumps() {
            world.ctx.enter(EngineState::SequenceBumped);
        }
        let unknown = outbox.recover();
        if core::mem::take(&mut outbox.exhausted) {
            self.identity = Identity::Wanted;
        }
        for staged in unknown {
            let reason = "a batch before it failed, and whether this one was appended is not known";
            let error = Error::unknown_outcome(ErrorKind::Broker {
                code: ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER,
                context: alloc::format!(
                    "produce to {}-{}",
                    world.metadata.name(partition.topic),
                    partition.partition
                ),
                message: Some(reason.into()),
            });
            self.end(&mut world.ctx, partition, staged, Outcome::Failed(Arc::new(error)));
        }
    }
}

/// Whether it says that there is no such topic: by the next time, there may be another one of its name.
fn is_of_no_topic(error: &Error) -> bool {
    let unknown = [ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, ErrorCode::UNKNOWN_TOPIC_ID];
    matches!(error.kind(), ErrorKind::Broker { code, .. } if unknown.contains(code))
}
