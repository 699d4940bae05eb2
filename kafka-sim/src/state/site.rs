//! One partition in its surroundings: what a change to it takes, and what follows from one.

use kafka_proto::Uuid;

use super::alarm::Spot;
use super::replica::Around;
use super::witness::{Told, appended};
use super::{Partition, State, Touched};
use crate::StoreOp;
use crate::log::validate::Candidate;
use crate::releases::Ways;
use crate::truth::{Record, Truth};

/// A partition that is to change.
pub(super) struct Site<'a> {
    pub(super) partition: &'a mut Partition,
    pub(super) around: Around<'a>,
    touched: &'a mut Vec<Touched>,
    truth: &'a mut Record,
    /// Whether nodes that hear late have something to hear.
    outdated: &'a mut bool,
    /// Where what must outlive the process goes, if anything must.
    stores: Option<&'a mut Vec<StoreOp>>,
    retention_bytes: u64,
}

impl State {
    /// A partition with all that goes with it.
    pub(super) fn site(&mut self, name: &str, index: i32) -> Option<Site<'_>> {
        let topic = self.topics.get_mut(name)?;
        let partition = topic.partitions.get_mut(usize::try_from(index).ok()?)?;
        let around = Around {
            nodes: &self.nodes,
            alarms: &mut self.alarms,
            spot: Spot { topic: topic.id, partition: index },
            now: self.now,
            lag_max: self.options.replica_lag_time_max,
            config: &topic.config,
            min_isr_holds_back: Ways(self.options.release).min_isr_holds_back(),
        };
        Some(Site {
            partition,
            around,
            touched: &mut self.touched,
            truth: &mut self.truth,
            outdated: &mut self.past.outdated,
            stores: Some(&mut self.stores).filter(|_| self.options.persist),
            retention_bytes: self.options.retention_bytes,
        })
    }
}

impl Site<'_> {
    fn topic(&self) -> Uuid {
        self.around.spot.topic
    }

    fn index(&self) -> i32 {
        self.around.spot.partition
    }

    /// The leader appends a batch: what must be stored is told, the followers go on, and the
    /// partition is kept in bounds. Returns the batch's first and last offset, and nothing where the
    /// offsets end.
    pub(super) fn append(&mut self, candidate: Candidate) -> Option<(i64, i64)> {
        let (topic, partition) = (self.topic(), self.index());
        let epoch = self.partition.leader_epoch;
        let batch = self.partition.log.append(candidate, epoch)?;
        let span = (batch.base_offset, batch.last_offset);
        if self.truth.on {
            self.truth.add(self.around.now, appended(topic, partition, batch));
        }
        if let Some(stores) = &mut self.stores {
            stores.push(StoreOp::append(topic, partition, batch));
        }
        self.replicate();
        self.retain();
        self.witness();
        Some(span)
    }

    /// Whatever can be replicated now is.
    pub(super) fn replicate(&mut self) {
        let in_sync = self.partition.isr.len();
        if let Some(moved) = self.partition.replicate(&mut self.around) {
            self.wake(moved);
        }
        *self.outdated |= in_sync != self.partition.isr.len();
    }

    /// A follower's fetch is through.
    pub(super) fn arrived(&mut self, node: i32) {
        let in_sync = self.partition.isr.len();
        if let Some(moved) = self.partition.arrived(node, &self.around) {
            *self.outdated |= in_sync != self.partition.isr.len();
            self.wake(moved);
            self.replicate();
            self.witness();
        }
    }

    /// A follower may have lagged for too long.
    pub(super) fn lagged(&mut self, node: i32) {
        if self.partition.lagged(node, &self.around) {
            *self.outdated = true;
            self.replicate();
            self.witness();
        }
    }

    /// Everything that waits on the partition looks again, its followers go on, and it is recorded
    /// what is different about it.
    pub(super) fn changed(&mut self) {
        self.replicate();
        self.witness();
        *self.outdated = true;
        self.touch();
    }

    /// Everything that waits on the partition looks again.
    pub(super) fn touch(&mut self) {
        let waiting = self.partition.waiting.iter();
        self.touched.extend(waiting.map(|conn| Touched { conn: *conn, bytes: None }));
    }

    /// Storage is to forget what it has of the partition and to take the batches that are there now.
    pub(super) fn rewritten(&mut self) {
        let (topic, partition) = (self.topic(), self.index());
        if let Some(stores) = &mut self.stores {
            stores.push(StoreOp::Reset { topic, partition });
            let batches = self.partition.log.batches();
            stores.extend(batches.map(|batch| StoreOp::append(topic, partition, batch)));
        }
    }

    /// Tells those that wait how many more bytes can be read.
    fn wake(&mut self, (from, to): (i64, i64)) {
        if self.partition.waiting.is_empty() {
            return;
        }
        let bytes = Some(self.partition.log.bytes_between(from, to));
        let waiting = self.partition.waiting.iter();
        self.touched.extend(waiting.map(|conn| Touched { conn: *conn, bytes }));
    }

    fn retain(&mut self) {
        let (topic, partition) = (self.topic(), self.index());
        let readable = self.partition.high_watermark();
        if self.partition.log.retain(self.retention_bytes, readable)
            && let Some(stores) = &mut self.stores
        {
            let log_start = self.partition.log.start();
            stores.push(StoreOp::Trim { topic, partition, log_start });
        }
    }

    /// Records whatever is different about the partition since the last look: leader, end (when cut
    /// back), start, high watermark, in this order.
    pub(super) fn witness(&mut self) {
        let (topic, partition) = (self.topic(), self.index());
        let new = Told::of(self.partition);
        let old = std::mem::replace(&mut self.partition.told, new);
        let now = self.around.now;
        let Told { leader_epoch, start, end, high_watermark } = new;
        if leader_epoch != old.leader_epoch {
            let node = self.partition.leader;
            self.truth.add(now, Truth::Leader { topic, partition, node, leader_epoch });
        }
        if end < old.end {
            self.truth.add(now, Truth::Truncated { topic, partition, to: end, leader_epoch });
        }
        if start != old.start {
            self.truth.add(now, Truth::LogStart { topic, partition, offset: start });
        }
        if high_watermark != old.high_watermark {
            let offset = high_watermark;
            self.truth.add(now, Truth::HighWatermark { topic, partition, offset });
        }
    }
}
