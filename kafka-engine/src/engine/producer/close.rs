//! What ends before it is sent: deadlines, a topic that is gone, a producer that closes.

use alloc::vec::Vec;

use super::outbox::Staged;
use super::{Producer, timed_out};
use crate::command::Reply;
use crate::engine::lane::Line;
use crate::engine::timers::Timer;
use crate::engine::world::World;
use crate::error::{Error, ErrorKind, Written};
use crate::id::{OpId, PartitionKey};
use crate::time::Instant;
use crate::transitions::EngineState;

impl Producer {
    /// Batches of a partition may be past their delivery timeout (KIP-91).
    pub(crate) fn handle_expiry(&mut self, world: &mut World, partition: PartitionKey) {
        let now = world.ctx.now;
        let timeout = self.config.delivery_timeout;
        let Some(outbox) = self.outboxes.get_mut(&partition) else {
            return;
        };
        let over = |staged: &Staged| staged.batch.opened + timeout <= now;
        let expired: Vec<Staged> = extract(&mut outbox.queue, over);
        let mut reports = Vec::new();
        for at in 0..outbox.in_flight.len() {
            if outbox.in_flight.get(at).is_some_and(over) {
                let known = mutant!("deadline_is_not_appended");
                let written = if known { Written::NotAppended } else { Written::Unknown };
                let error = timed_out("an acknowledgement", &world.net).with_written(written);
                reports.extend(outbox.report_unknown(at, error));
            }
        }
        let pending_over = outbox.pending.since.is_some_and(|since| since + timeout <= now);
        for report in reports {
            world.ctx.enter(EngineState::BatchOverdue);
            self.tell(&mut world.ctx, report);
        }
        for staged in expired {
            let error = expired_error(&staged, world);
            self.fail(&mut world.ctx, partition, staged, error);
        }
        if pending_over {
            self.collect_to_fail(&mut world.ctx, partition);
        }
        self.recover(world, partition);
        self.arm_expiry(world, partition);
        self.finish_close(world);
    }

    /// The application closes the producer: what waits is sent at once. It may do so again meanwhile: each close is
    /// answered when the producer has ended, which it has to by the earliest of the deadlines.
    pub(crate) fn handle_close(&mut self, world: &mut World, op: OpId, deadline: Instant) {
        self.closing.push(op);
        world.ctx.enter(EngineState::ProducerClosing);
        let deadline = self.closes_at.map_or(deadline, |at| at.min(deadline));
        self.closes_at = Some(deadline);
        world.ctx.timers.set(Timer::ProducerClose(self.key), deadline);
        let waiting: Vec<PartitionKey> = self
            .outboxes
            .iter()
            .filter(|(_, outbox)| outbox.has_work())
            .map(|(key, _)| *key)
            .collect();
        for partition in waiting {
            self.mark_ready(world, partition);
        }
        self.finish_close(world);
    }

    /// The time to close is over: what is left fails.
    pub(crate) fn handle_close_due(&mut self, world: &mut World) {
        self.failed.get_or_insert(Error::new(ErrorKind::Closed));
        self.fail_everything(world, &Error::new(ErrorKind::Closed));
        self.finish_close(world);
    }

    /// Whether the producer was closed and nothing is left of it.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closing() && self.waiting == 0 && self.unreported() == 0 && !self.is_collecting()
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closes_at.is_some() && !self.gone
    }

    pub(super) fn finish_close(&mut self, world: &mut World) {
        if !self.is_closed() {
            return;
        }
        for op in core::mem::take(&mut self.closing) {
            world.ctx.done(op, Ok(Reply::Done));
        }
        self.clean_up(world);
        self.gone = true;
        world.ctx.enter(EngineState::ProducerClosed);
    }

    /// Whether the engine may forget it.
    pub(crate) fn is_gone(&self) -> bool {
        self.gone
    }

    /// Fails whatever the producer has; what is on its way has an unknown fate.
    pub(super) fn fail_everything(&mut self, world: &mut World, error: &Error) {
        let partitions: Vec<PartitionKey> = self.outboxes.keys().copied().collect();
        for partition in partitions {
            self.fail_partition(world, partition, error);
        }
    }

    /// The topic of a partition may have gone, or come back.
    pub(super) fn judge_topic(&mut self, world: &mut World, partition: PartitionKey) {
        let id = world.metadata.topic(partition.topic).map(|topic| topic.id);
        let Some(outbox) = self.outboxes.get_mut(&partition) else {
            return;
        };
        if let Some(id) = id {
            outbox.doomed = None;
            outbox.follow_topic(id);
            self.recover(world, partition);
            return;
        }
        let error =
            Error::new(ErrorKind::UnknownTopic { topic: world.metadata.name(partition.topic) });
        outbox.doomed = Some(error.clone());
        self.fail_partition(world, partition, &error);
    }

    fn fail_partition(&mut self, world: &mut World, partition: PartitionKey, error: &Error) {
        let Some(outbox) = self.outboxes.get_mut(&partition) else {
            return;
        };
        let queued: Vec<Staged> = outbox.queue.drain(..).collect();
        let mut reports = Vec::new();
        if self.failed.is_some() {
            for at in 0..outbox.in_flight.len() {
                reports.extend(
                    outbox.report_unknown(at, error.clone().with_written(Written::Unknown)),
                );
            }
        }
        for report in reports {
            world.ctx.enter(EngineState::BatchOverdue);
            self.tell(&mut world.ctx, report);
        }
        for staged in queued {
            let error = error.clone().with_written(staged.written());
            self.fail(&mut world.ctx, partition, staged, error);
        }
        self.collect_to_fail(&mut world.ctx, partition);
        self.recover(world, partition);
    }

    fn arm_expiry(&mut self, world: &mut World, partition: PartitionKey) {
        let Some(outbox) = self.outboxes.get(&partition) else {
            return;
        };
        let unreported = outbox.in_flight.iter().filter(|staged| !staged.reported);
        let opened = outbox.queue.iter().chain(unreported).map(|staged| staged.batch.opened);
        let pending = outbox.pending.since.filter(|_| !outbox.collecting);
        if let Some(oldest) = opened.chain(pending).min()
            && !mutant!("deadline_ignored")
        {
            world
                .ctx
                .timers
                .set(Timer::Expiry(self.key, partition), oldest + self.config.delivery_timeout);
        }
    }

    fn unreported(&self) -> usize {
        let reported = self
            .outboxes
            .values()
            .flat_map(|outbox| &outbox.in_flight)
            .filter(|staged| staged.reported);
        if self.failed.is_some() {
            self.staged.saturating_sub(reported.count())
        } else {
            self.staged
        }
    }

    fn is_collecting(&self) -> bool {
        self.failed.is_some() && self.outboxes.values().any(|outbox| outbox.collecting)
    }

    fn clean_up(&mut self, world: &mut World) {
        let key = self.key;
        world.net.drop_lanes(&mut world.ctx, |lane| lane.line == Line::Produce(key));
        for topic in core::mem::take(&mut self.topics) {
            world.metadata.use_topic(&mut world.ctx, topic, false);
        }
        world.ctx.timers.clear(Timer::ProducerClose(key));
        world.ctx.timers.clear(Timer::ProducerId(key));
        for partition in self.outboxes.keys() {
            world.ctx.timers.clear(Timer::Outbox(key, *partition));
            world.ctx.timers.clear(Timer::Expiry(key, *partition));
        }
        self.outboxes.clear();
    }
}

impl Staged {
    /// What is known of a batch that will not be sent again.
    pub(super) fn written(&self) -> Written {
        if self.maybe_appended { Written::Unknown } else { Written::NotAppended }
    }
}

fn expired_error(staged: &Staged, world: &World) -> Error {
    let waiting_for =
        if staged.attempts > 0 { "a retry that succeeds" } else { "a leader that takes the batch" };
    timed_out(waiting_for, &world.net).with_written(staged.written())
}

fn extract(
    queue: &mut alloc::collections::VecDeque<Staged>,
    over: impl Fn(&Staged) -> bool,
) -> Vec<Staged> {
    let (taken, kept): (Vec<Staged>, Vec<Staged>) = queue.drain(..).partition(over);
    *queue = kept.into();
    taken
}
