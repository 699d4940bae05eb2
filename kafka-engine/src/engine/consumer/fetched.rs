//! Fetch answers: records into queues, errors into backoffs, resets or failures.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::ToString;
use alloc::sync::Arc;
use core::time::Duration;

use kafka_proto::messages::fetch::{EpochEndOffset, PartitionData};
use kafka_proto::{ErrorCode, Records, Uuid};

use super::Consumer;
use super::cursor::{End, Place};
use super::session::Outcome;
use crate::command::StartAt;
use crate::config::AutoOffsetReset;
use crate::consume::Run;
use crate::engine::lane::Endpoint;
use crate::engine::metadata::is_stale;
use crate::engine::purpose::FetchSpot;
use crate::engine::timers::Timer;
use crate::engine::world::World;
use crate::error::{Error, ErrorKind};
use crate::id::PartitionKey;
use crate::response::{BatchEpochs, Fetched, Span};
use crate::transitions::EngineState;

impl Consumer {
    /// A fetch was answered. Each partition that was asked for is judged once; what was not asked for is ignored.
    pub(crate) fn handle_fetched(
        &mut self,
        world: &mut World,
        node: i32,
        spots: &[FetchSpot],
        mut fetched: Fetched,
    ) {
        for node in &fetched.response.node_endpoints {
            if let Ok(port) = u16::try_from(node.port) {
                world.net.add_node(node.node_id, Endpoint { host: Arc::from(&*node.host), port });
            }
        }
        let (mut answers, strange) = answers_by_partition(world, &mut fetched);
        let outcome = {
            let answers = answers.iter().map(|(partition, (data, _))| (*partition, data));
            let session = self.sessions.entry(node).or_default();
            session.hear(&fetched.response, spots, answers, strange)
        };
        if outcome == Outcome::Void {
            world.ctx.enter(EngineState::SessionLost);
        }
        if let Outcome::Refused(code) = outcome
            && is_stale(code)
        {
            world.metadata.refresh(&mut world.ctx);
        }
        for spot in spots {
            if !self.is_current(spot) {
                continue;
            }
            match (answers.remove(&spot.partition), outcome) {
                (Some((answer, walked)), Outcome::News | Outcome::Full) => {
                    self.handle_partition(world, (node, spot), answer, walked)
                }
                (None, Outcome::News) => self.no_news(world, node, spot),
                (_, Outcome::Void) => {}
                (None, Outcome::Full) | (_, Outcome::Refused(_)) => {
                    self.back_off(world, spot.partition)
                }
            }
        }
        if mutant!("waits_before_fetch") {
            self.rest(world, node);
        }
        self.want_leaders(world, spots);
    }

    /// What a mutant does: a node that has answered is not asked again at once.
    fn rest(&mut self, world: &mut World, node: i32) {
        let until = world.ctx.now + Duration::from_millis(3);
        for partition in self.by_leader.get(&node).into_iter().flatten() {
            if let Some(cursor) = self.cursors.get_mut(partition) {
                cursor.not_before = cursor.not_before.max(until);
                world.ctx.timers.set(Timer::Cursor(self.key, *partition), cursor.not_before);
            }
        }
    }

    /// Nothing has changed since the broker last told of a partition.
    fn no_news(&mut self, world: &mut World, node: i32, spot: &FetchSpot) {
        let told = self.sessions.get(&node).and_then(|told| told.high_watermark(spot.partition));
        let Some(cursor) = self.cursors.get_mut(&spot.partition) else {
            return;
        };
        match told {
            Some(high_watermark) => {
                cursor.high_watermark = Some(high_watermark);
                self.nothing_there(world, spot, high_watermark);
            }
            None => cursor.went_well(),
        }
    }

    /// The broker has nothing behind a position. If the position lies beyond the high watermark, as after an election, a
    /// broker says so at once instead of waiting, and so it is asked again later.
    fn nothing_there(&mut self, world: &mut World, spot: &FetchSpot, high_watermark: i64) {
        if (0..spot.offset).contains(&high_watermark) {
            self.back_off(world, spot.partition);
        } else if let Some(cursor) = self.cursors.get_mut(&spot.partition) {
            cursor.went_well();
        }
        self.reach_end(world, spot, spot.offset, high_watermark);
    }

    /// A fetch will not be answered: its connection is gone.
    pub(crate) fn handle_fetch_lost(&mut self, world: &mut World, spots: &[FetchSpot]) {
        world.metadata.refresh(&mut world.ctx);
        for spot in spots {
            if self.is_current(spot) {
                self.follow_leader(world, spot.partition);
            }
        }
        self.want_leaders(world, spots);
    }

    /// The node that was asked is asked again as soon as it has answered; those that lead partitions of it by now are
    /// not.
    fn want_leaders(&mut self, world: &mut World, spots: &[FetchSpot]) {
        let leaders = spots.iter().filter_map(|spot| self.leaders.get(&spot.partition).copied());
        let leaders = leaders.collect::<BTreeSet<i32>>();
        if mutant!("waits_for_slowest") {
            self.short_of_room.extend(&leaders);
            return self.offer_room(world);
        }
        for node in leaders {
            self.want_fetch(world, node);
        }
    }

    /// Whether a partition is still where it was when it was asked for. After a change of leaders two may be asked, and
    /// the first answer with records is the one that counts.
    fn is_current(&mut self, spot: &FetchSpot) -> bool {
        match self.cursors.get_mut(&spot.partition) {
            Some(cursor) if cursor.generation == spot.generation => {
                cursor.in_flight = false;
                matches!(cursor.place, Place::Known { fetch_at, .. } if fetch_at == spot.offset)
            }
            _ => false,
        }
    }

    fn handle_partition(
        &mut self,
        world: &mut World,
        (node, spot): (i32, &FetchSpot),
        answer: PartitionData,
        walked: Walked,
    ) {
        let partition = spot.partition;
        let hint = &answer.current_leader;
        if hint.leader_id >= 0 {
            world.metadata.hint_leader(
                &mut world.ctx,
                partition.topic,
                partition.partition,
                hint.leader_id,
                hint.leader_epoch,
            );
        }
        match ErrorCode::from(answer.error_code) {
            ErrorCode::NONE
                if spot.last_epoch >= 0
                    && answer.diverging_epoch.epoch >= 0
                    && answer.diverging_epoch.end_offset >= 0
                    && !mutant!("divergence_ignored") =>
            {
                let EpochEndOffset { epoch, end_offset, .. } = answer.diverging_epoch;
                self.diverged(world, spot, epoch, end_offset);
            }
            ErrorCode::NONE => self.take_in(world, spot, answer, walked),
            ErrorCode::OFFSET_OUT_OF_RANGE => self.out_of_range(world, spot),
            ErrorCode::CORRUPT_MESSAGE => {
                self.no_progress(world, spot, "the broker finds its log broken here");
            }
            code if is_stale(code) || code == ErrorCode::UNKNOWN_LEADER_EPOCH => {
                world.metadata.refresh(&mut world.ctx);
                self.follow_leader(world, partition);
                self.back_off(world, partition);
                if let Some(cursor) = self.cursors.get_mut(&partition) {
                    cursor.news.note_refusal((node, spot.leader_epoch));
                }
                self.heed_news(world, partition);
            }
            code if code.is_retriable() && mutant!("transient_resets") => {
                self.out_of_range(world, spot)
            }
            code if code.is_retriable() => self.back_off(world, partition),
            code => {
                let context = format!(
                    "fetch from {}-{}",
                    world.metadata.name(partition.topic),
                    partition.partition
                );
                self.fail(
                    world,
                    partition,
                    Error::new(ErrorKind::Broker { code, context, message: None }),
                );
                self.back_off(world, partition);
            }
        }
    }

    /// Records, or the news that there are none.
    fn take_in(
        &mut self,
        world: &mut World,
        spot: &FetchSpot,
        answer: PartitionData,
        (span, epochs): Walked,
    ) {
        let Some(cursor) = self.cursors.get_mut(&spot.partition) else {
            return;
        };
        cursor.high_watermark = Some(answer.high_watermark);
        cursor.validated = cursor.validated.max(spot.leader_epoch);
        match span {
            Span::Empty { partial: false } => {
                self.nothing_there(world, spot, answer.high_watermark)
            }
            Span::Empty { partial: true } => self.back_off(world, spot.partition),
            Span::Batches { next_offset } | Span::Broken { next_offset: Some(next_offset), .. }
                if next_offset > spot.offset =>
            {
                for (offset, epoch) in epochs {
                    cursor.epochs.note(offset.max(spot.offset), epoch);
                }
                self.queue(world, spot, answer.records, next_offset);
                self.reach_end(world, spot, next_offset, answer.high_watermark);
            }
            Span::Batches { .. } => {
                self.no_progress(world, spot, "all batches lie before the offset asked for")
            }
            Span::Broken { reason, .. } => self.no_progress(world, spot, reason),
        }
    }

    fn queue(
        &mut self,
        world: &mut World,
        spot: &FetchSpot,
        records: Option<Records>,
        next_offset: i64,
    ) {
        let records = records.unwrap_or_default().into_bytes();
        let topic = world.metadata.name(spot.partition.topic);
        let Some(cursor) = self.cursors.get_mut(&spot.partition) else {
            return;
        };
        let bytes = records.len();
        let (partition, generation, from) = (spot.partition, spot.generation, spot.offset);
        let run = Run { topic, partition, generation, from, records, next_offset };
        if mutant!("runs_reversed") {
            cursor.runs.push_front(run);
        } else {
            cursor.runs.push_back(run);
        }
        cursor.queued_bytes += bytes;
        cursor.went_well();
        cursor.end = End::NotReached;
        if let Place::Known { position, fetch_at } = &mut cursor.place {
            if mutant!("position_at_fetch") {
                *position = next_offset;
            }
            *fetch_at = next_offset;
        }
        self.buffered_bytes += bytes;
        world.ctx.enter(EngineState::FetchQueued);
        self.make_room(spot.partition);
        self.list(world, spot.partition);
    }

    /// Notes that nothing lies behind `offset`, if that is so.
    fn reach_end(&mut self, world: &mut World, spot: &FetchSpot, offset: i64, high_watermark: i64) {
        let Some(cursor) = self.cursors.get_mut(&spot.partition) else {
            return;
        };
        if offset >= high_watermark && cursor.end != End::Told(offset) {
            if cursor.end != End::Reached(offset) {
                world.ctx.enter(EngineState::FetchAtEnd);
            }
            cursor.end = End::Reached(offset);
            self.list(world, spot.partition);
        }
    }

    /// What came can't be used: it is fetched once more before the partition fails. While sound records from before it
    /// wait to be handed out, it is not their turn to fail.
    fn no_progress(&mut self, world: &mut World, spot: &FetchSpot, reason: &'static str) {
        match self.cursors.get_mut(&spot.partition) {
            Some(cursor) if cursor.has_waiting() => cursor.held = true,
            _ => {
                let reason = reason.to_string();
                self.reject(world, spot.partition, spot.generation, spot.offset, reason);
                self.back_off(world, spot.partition);
            }
        }
    }

    /// The leader says that the offset does not exist. While fetched records wait to be handed out, the position itself
    /// is not out of range yet.
    pub(super) fn out_of_range(&mut self, world: &mut World, spot: &FetchSpot) {
        let reset = self.reset_start();
        self.generations += 1;
        let generation = self.generations;
        let Some(cursor) = self.cursors.get_mut(&spot.partition) else {
            return;
        };
        if cursor.has_waiting() {
            cursor.held = true;
            return;
        }
        match reset {
            Some(start) => {
                cursor.go_to(generation, start);
                world.ctx.enter(EngineState::PositionReset);
                // The offset that comes next may be out of range again, and would be for ever without a pause.
                self.back_off(world, spot.partition);
            }
            None => {
                let topic = world.metadata.name(spot.partition.topic);
                let partition = spot.partition.partition;
                self.fail(
                    world,
                    spot.partition,
                    Error::new(ErrorKind::OffsetOutOfRange {
                        topic,
                        partition,
                        offset: spot.offset,
                    }),
                );
            }
        }
    }

    /// Where `auto.offset.reset` says to start.
    pub(super) fn reset_start(&self) -> Option<StartAt> {
        match self.config.auto_offset_reset {
            AutoOffsetReset::Earliest => Some(StartAt::Beginning),
            AutoOffsetReset::Latest => Some(StartAt::End),
            _ => None,
        }
    }
}

/// The first answer for each partition, with its span.
type Answers = BTreeMap<PartitionKey, (PartitionData, Walked)>;

/// What the batch headers of a partition say.
type Walked = (Span, BatchEpochs);

/// Answers by partition, and whether there are some for topics that are not known.
fn answers_by_partition(world: &World, fetched: &mut Fetched) -> (Answers, bool) {
    let mut answers = BTreeMap::new();
    let mut strange = false;
    let mut spans = core::mem::take(&mut fetched.spans).into_iter();
    let mut epochs = core::mem::take(&mut fetched.epochs).into_iter();
    for topic in core::mem::take(&mut fetched.response.responses) {
        let key = if topic.topic_id == Uuid::ZERO {
            world.metadata.key_of(&topic.topic)
        } else {
            world.metadata.key_of_id(topic.topic_id)
        };
        strange |= key.is_none();
        for answer in topic.partitions {
            let span = spans.next().unwrap_or(Span::Empty { partial: false });
            let epochs = epochs.next().unwrap_or_default();
            if let Some(topic) = key {
                let partition = PartitionKey { topic, partition: answer.partition_index };
                answers.entry(partition).or_insert((answer, (span, epochs)));
            }
        }
    }
    (answers, strange)
}
