//! Produce requests, built when a connection can take one: batches grow while a socket is busy.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use bytes::Bytes;
use kafka_proto::messages::ProduceRequest;
use kafka_proto::messages::produce::{PartitionProduceData, TopicProduceData};
use kafka_proto::records::{Attributes, BatchHeader};
use kafka_proto::{ApiKey, Chunks, Records, Str, Uuid};

use super::identity::Identity;
use super::outbox::Staged;
use super::{Producer, is_due};
use crate::config::Acks;
use crate::engine::lane::{LaneKey, Peer, State};
use crate::engine::metadata::Metadata;
use crate::engine::purpose::Purpose;
use crate::engine::send::Call;
use crate::engine::timers::Timer;
use crate::engine::world::World;
use crate::id::{PartitionKey, TopicKey};
use crate::io::Output;
use crate::transitions::EngineState;

/// The first version that names topics by id alone (KIP-516).
const BY_ID: i16 = 13;

/// An answer holds some 60 bytes a partition; this is room for a thousand.
const RESPONSE_BYTES_HINT: usize = 64 * 1024;

/// What the next step of a listed partition is.
enum Step {
    Nothing,
    Collect,
    Send { bytes: usize },
}

impl Producer {
    /// A lane of this producer can take a request: collects what is due, then sends what was collected.
    pub(crate) fn fill(&mut self, world: &mut World, key: LaneKey) {
        let Peer::Node(node) = key.peer else { return };
        while self.can_fill(world, key, node) {
            let chosen = self.choose(world, key, node);
            if chosen.is_empty() || !self.send(world, key, node, &chosen) {
                return;
            }
        }
    }

    fn can_fill(&mut self, world: &mut World, key: LaneKey, node: i32) -> bool {
        let in_flight_max = match self.config.max_in_flight {
            _ if mutant!("in_flight_one") => 1,
            max if mutant!("in_flight_one_more") => max + 1,
            max => max,
        };
        let can_send =
            world.net.lane(key).is_some_and(|lane| lane.can_send(world.ctx.now, in_flight_max));
        if !can_send || self.ready.get(&node).is_none_or(VecDeque::is_empty) {
            return false;
        }
        if matches!(self.identity, Identity::Wanted | Identity::Asked { .. }) {
            self.ask_for_id(world);
            return false;
        }
        true
    }

    /// Goes through the partitions that are listed for the node until a request is full; the others are first the next
    /// time. Gives those to send, none while collects are out.
    fn choose(&mut self, world: &mut World, key: LaneKey, node: i32) -> Vec<PartitionKey> {
        let mut listed = self.ready.get_mut(&node).map(core::mem::take).unwrap_or_default();
        let mut chosen = Vec::new();
        let mut bytes_left = self.config.max_request_bytes;
        let mut full = false;
        while !full && let Some(partition) = listed.pop_front() {
            match self.next_step(world, partition, node) {
                Step::Nothing => {}
                Step::Collect => {
                    full = self.collect(world, key, partition, node, &mut bytes_left);
                }
                Step::Send { bytes } if bytes <= bytes_left || chosen.is_empty() => {
                    bytes_left = bytes_left.saturating_sub(bytes);
                    chosen.push(partition);
                }
                Step::Send { .. } => {
                    full = true;
                    self.relist(partition, node);
                    listed.push_front(partition);
                }
            }
        }
        if self.collecting.get(&node).is_some_and(|count| *count > 0) {
            for partition in chosen.drain(..).rev() {
                self.relist(partition, node);
                listed.push_front(partition);
            }
        }
        // With the memory that it has, even if nothing is left.
        self.ready.insert(node, listed);
        chosen
    }

    fn relist(&mut self, partition: PartitionKey, node: i32) {
        if let Some(outbox) = self.outboxes.get_mut(&partition) {
            outbox.listed_at = Some(node);
        }
    }

    /// Takes a partition off the list and says what it has for the node.
    fn next_step(&mut self, world: &mut World, partition: PartitionKey, node: i32) -> Step {
        let now = world.ctx.now;
        let linger = self.config.linger;
        let closing = self.is_closing();
        let Some(outbox) = self.outboxes.get_mut(&partition) else {
            return Step::Nothing;
        };
        if outbox.listed_at != Some(node) {
            return Step::Nothing;
        }
        outbox.listed_at = None;
        let leader = world.metadata.leader(partition.topic, partition.partition);
        let Some((_, leader_epoch)) = leader.filter(|(leader, _)| *leader == node) else {
            self.mark_ready(world, partition);
            return Step::Nothing;
        };
        outbox.led_by(node, leader_epoch);
        outbox.may_be_forgotten_after(self.config.delivery_timeout, now);
        let elsewhere = outbox.in_flight_to != Some(node);
        if !outbox.in_flight.is_empty() && (elsewhere || !outbox.may_pipeline()) {
            return Step::Nothing;
        }
        if outbox.not_before > now {
            world.ctx.timers.set(Timer::Outbox(self.key, partition), outbox.not_before);
            return Step::Nothing;
        }
        if let Some(front) = outbox.queue.front() {
            return Step::Send { bytes: front.batch.body_bytes + BatchHeader::LEN };
        }
        if outbox.collecting {
            return Step::Nothing;
        }
        if is_due(&outbox.pending, now, linger, closing) {
            return Step::Collect;
        }
        if let Some(since) = outbox.pending.since {
            world.ctx.timers.set(Timer::Outbox(self.key, partition), since + linger);
        }
        Step::Nothing
    }

    /// Asks for a batch. Gives whether no more fits behind it.
    fn collect(
        &mut self,
        world: &mut World,
        key: LaneKey,
        partition: PartitionKey,
        node: i32,
        bytes_left: &mut usize,
    ) -> bool {
        let conn = world.net.lane(key).and_then(|lane| lane.conn());
        let Some(outbox) = self.outboxes.get_mut(&partition) else {
            return false;
        };
        outbox.collecting = true;
        outbox.collecting_for = Some(node);
        *self.collecting.entry(node).or_default() += 1;
        world.ctx.emit(Output::Collect { producer: self.key, partition, conn });
        *bytes_left = bytes_left.saturating_sub(self.config.batch_bytes);
        *bytes_left == 0
    }

    /// Sends one request with a batch of each of these partitions. Gives whether that went well.
    fn send(
        &mut self,
        world: &mut World,
        key: LaneKey,
        node: i32,
        chosen: &[PartitionKey],
    ) -> bool {
        let Some(State::Ready(talk)) = world.net.lane(key).map(|lane| &lane.state) else {
            return false;
        };
        let by_name =
            chosen.iter().any(|partition| world.metadata.topic_id(partition.topic) == Uuid::ZERO);
        let cap = if by_name { BY_ID - 1 } else { BY_ID };
        let version = match talk.versions.pick(ApiKey::Produce, cap) {
            Ok(version) => version,
            Err(error) => {
                self.relist_all(node, chosen);
                self.fail_all(world, error);
                return false;
            }
        };
        let mut topics: BTreeMap<TopicKey, Vec<PartitionProduceData>> = BTreeMap::new();
        let mut batches = Vec::with_capacity(chosen.len());
        for partition in chosen {
            let topic = world.metadata.topic_id(partition.topic);
            let Some(staged) = self.launch(*partition, topic, node) else {
                continue;
            };
            batches.push((*partition, staged.batch.id, staged.first_index));
            world.ctx.enter(EngineState::BatchInFlight);
            let misled = mutant!("retry_elsewhere") && staged.attempts > 1;
            let index = if misled { 0 } else { partition.partition };
            let records = Some(records_of(staged));
            let data = PartitionProduceData { index, records, ..Default::default() };
            topics.entry(partition.topic).or_default().push(data);
        }
        let acks = self.config.acks;
        let body = ProduceRequest {
            acks: acks.number(),
            timeout_ms: i32::try_from(world.ctx.config.request_timeout.as_millis())
                .unwrap_or(i32::MAX),
            topic_data: topics
                .into_iter()
                .map(|(topic, data)| topic_data(&world.metadata, topic, data, version))
                .collect(),
            ..Default::default()
        };
        let call = Call {
            purpose: Purpose::Produce { producer: self.key, batches },
            version,
            timeout: world.ctx.config.request_timeout,
            bytes_hint: RESPONSE_BYTES_HINT,
            answered: acks != Acks::None,
        };
        for partition in chosen {
            self.mark_ready(world, *partition);
        }
        match world.net.send(&mut world.ctx, key, call, &body) {
            Ok(()) => true,
            Err((purpose, error)) => {
                self.refuse(world, purpose, &error);
                false
            }
        }
    }

    fn relist_all(&mut self, node: i32, chosen: &[PartitionKey]) {
        for partition in chosen {
            self.relist(*partition, node);
            self.ready.entry(node).or_default().push_back(*partition);
        }
    }

    /// Stamps the oldest batch of a partition and moves it among those on their way.
    fn launch(&mut self, partition: PartitionKey, topic: Uuid, node: i32) -> Option<&Staged> {
        let identity = self.identity;
        let outbox = self.outboxes.get_mut(&partition)?;
        if let Identity::Known { producer_id, epoch } = identity {
            outbox.stamp_front((producer_id, epoch), topic);
        }
        let staged = outbox.queue.pop_front()?;
        outbox.launch(staged, topic, node)
    }
}

/// The batch as it goes over the wire: its header, stamped but for the CRC, and its records as they are.
fn records_of(staged: &Staged) -> Records {
    let batch = &staged.batch;
    let body_bytes = i32::try_from(batch.body_bytes).unwrap_or(i32::MAX - 64);
    let count = i32::try_from(batch.records).unwrap_or(i32::MAX);
    let rebuilt = i64::from(mutant!("retry_rebuilt") && staged.attempts > 1);
    let header = BatchHeader {
        base_offset: 0,
        batch_length: body_bytes.saturating_add(HEADER_IN_LENGTH),
        partition_leader_epoch: -1,
        magic: 2,
        crc: 0,
        attributes: Attributes::default().with_codec(batch.codec),
        last_offset_delta: count.saturating_sub(1),
        base_timestamp: batch.base_timestamp,
        max_timestamp: batch.max_timestamp + rebuilt,
        producer_id: staged.stamp.map_or(-1, |stamp| stamp.producer_id),
        producer_epoch: staged.stamp.map_or(-1, |stamp| stamp.epoch),
        base_sequence: staged.stamp.map_or(-1, |stamp| stamp.sequence),
        records_count: count,
    };
    let mut chunks = Chunks::from(Bytes::copy_from_slice(&header.to_bytes()));
    for segment in &batch.body {
        chunks.push(segment.clone());
    }
    Records::from(chunks)
}

/// A batch's length field counts from behind itself: the header without base offset and length.
const HEADER_IN_LENGTH: i32 = 49;

fn topic_data(
    metadata: &Metadata,
    topic: TopicKey,
    partition_data: Vec<PartitionProduceData>,
    version: i16,
) -> TopicProduceData {
    if version >= BY_ID {
        return TopicProduceData {
            topic_id: metadata.topic_id(topic),
            partition_data,
            ..Default::default()
        };
    }
    TopicProduceData {
        name: Str::from(&*metadata.name(topic)),
        partition_data,
        ..Default::default()
    }
}
