//! The queues of a topic: one lock a partition, each with cache lines of its own.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use kafka_engine::accumulator::{BatchLimits, PartitionQueue};
use kafka_engine::{Error, Instant, PartitionKey, Topic, TopicKey, Wanted};

use crate::producer::delivery::BatchSlot;
use crate::sync::{Padded, lock};

/// A topic as one producer knows it.
///
/// What the hot path reads is read without a lock and only ever grows: partitions are added in blocks, and a block
/// stays where it is.
pub(crate) struct TopicQueues {
    pub(crate) name: Arc<str>,
    /// A number of the producer's own for it.
    pub(crate) number: u32,
    limits: Arc<BatchLimits>,
    /// The engine's number, once the topic is known.
    key: OnceLock<TopicKey>,
    /// How many partitions it has; 0 while that is not known.
    count: AtomicI32,
    /// Block `n` has `FIRST_BLOCK << n` partitions.
    blocks: [OnceLock<Box<[Slot]>>; BLOCKS],
    /// The engine has come to know the topic under another number: a new entry has taken this one's place.
    superseded: AtomicBool,
    /// A lookup in the background: it runs, or has failed.
    lookup: Mutex<Lookup>,
    lack: Mutex<Option<Lack>>,
}

pub(crate) type Slot = Padded<Mutex<Queue>>;

const FIRST_BLOCK: usize = 4;
/// Enough for more partitions than an `i32` can number.
const BLOCKS: usize = 30;

#[derive(Default)]
enum Lookup {
    #[default]
    None,
    Running,
    /// When, and of whom that wanted what.
    Failed(Error, Wanted, Instant),
}

/// Brokers were asked for a partition, and say that there are no more than are known.
struct Lack {
    partition: i32,
    at: Instant,
    /// Whoever asked did not wait for the answer.
    untold: bool,
}

/// What the lock of a partition guards.
pub(crate) struct Queue {
    pub(crate) queue: PartitionQueue,
    /// The batch that was opened last: the one that takes records, if any does.
    pub(crate) newest: Option<Arc<BatchSlot>>,
    /// Batches that have no outcome yet, oldest first.
    pub(crate) batches: VecDeque<Undelivered>,
    /// Why no more records are taken.
    pub(crate) closed: Option<Error>,
}

/// A batch that has no outcome yet.
pub(crate) struct Undelivered {
    pub(crate) number: u64,
    pub(crate) slot: Arc<BatchSlot>,
    /// Memory lent for it, in bytes.
    pub(crate) charged: usize,
}

impl Queue {
    /// Takes out a batch that has its outcome.
    pub(crate) fn take_batch(&mut self, number: u64) -> Option<Undelivered> {
        let at = self.batches.binary_search_by_key(&number, |batch| batch.number).ok()?;
        self.batches.remove(at)
    }
}

impl TopicQueues {
    pub(crate) fn new(name: Arc<str>, number: u32, limits: Arc<BatchLimits>) -> Self {
        Self {
            name,
            number,
            limits,
            key: OnceLock::new(),
            count: AtomicI32::new(0),
            blocks: [const { OnceLock::new() }; BLOCKS],
            superseded: AtomicBool::new(false),
            lookup: Mutex::default(),
            lack: Mutex::default(),
        }
    }

    /// How many partitions it has; 0 while that is not known.
    #[inline]
    pub(crate) fn partitions(&self) -> i32 {
        self.count.load(Ordering::Acquire)
    }

    /// The queue of a partition; there is one for every number below [`partitions`](Self::partitions).
    #[inline]
    pub(crate) fn queue(&self, partition: i32) -> Option<&Slot> {
        let (block, at) = place_of(usize::try_from(partition).ok()?);
        self.blocks.get(block)?.get()?.get(at)
    }

    /// The queues of all partitions that there ever were.
    pub(crate) fn queues(&self) -> impl Iterator<Item = &Slot> {
        self.blocks.iter().map_while(OnceLock::get).flat_map(|block| block.iter())
    }

    pub(crate) fn is_superseded(&self) -> bool {
        self.superseded.load(Ordering::Relaxed)
    }

    /// Takes in what the engine knows of the topic. `false`: under another number than before, so that this is an entry
    /// of the past.
    ///
    /// `closed` says why new queues take no records, if they don't.
    pub(crate) fn learn(&self, topic: &Topic, closed: Option<&Error>) -> bool {
        if *self.key.get_or_init(|| topic.key) != topic.key {
            self.superseded.store(true, Ordering::Relaxed);
            self.count.store(0, Ordering::Release);
            return false;
        }
        if let Some(last) = topic.partitions.len().checked_sub(1) {
            for block in 0..=place_of(last).0 {
                self.grow(block, topic.key, closed);
            }
        }
        let count = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        if self.count.swap(count, Ordering::AcqRel) < count {
            *lock(&self.lack) = None;
        }
        true
    }

    /// The engine does not know the topic any more: it is to be looked up before it is used again.
    pub(crate) fn forget(&self) {
        self.count.store(0, Ordering::Release);
    }

    /// Brokers were asked for a partition, and say that it is not there. `untold`: nobody has waited for that.
    pub(crate) fn lack(&self, partition: i32, at: Instant, untold: bool) {
        *lock(&self.lack) = Some(Lack { partition, at, untold });
    }

    /// Whether brokers said less than `age` ago that there are no more partitions than those that are known.
    pub(crate) fn lacks_more(&self, now: Instant, age: Duration) -> bool {
        lock(&self.lack).as_ref().is_some_and(|lack| now < lack.at + age)
    }

    /// Whether brokers said of this partition, when somebody asked and did not wait, that it is not there: that is told once,
    /// and kept no longer than it may have taken.
    pub(crate) fn tell_lack(&self, partition: i32, now: Instant, kept: Duration) -> bool {
        match &mut *lock(&self.lack) {
            Some(lack) if lack.partition == partition && now < lack.at + kept => {
                std::mem::take(&mut lack.untold)
            }
            _ => false,
        }
    }

    /// Whether a lookup in the background is to be started. It is noted as running then.
    ///
    /// # Errors
    /// The last one failed. Whoever wants the same is told once; meanwhile, for a while, everybody is, for most failures are
    /// the topic's or the brokers'.
    pub(crate) fn start_lookup(
        &self,
        wanted: Wanted,
        now: Instant,
        (age, kept): (Duration, Duration),
    ) -> Result<bool, Error> {
        let mut lookup = lock(&self.lookup);
        match std::mem::replace(&mut *lookup, Lookup::Running) {
            Lookup::Running => Ok(false),
            Lookup::Failed(error, same, at) if same == wanted && now < at + kept => {
                *lookup = Lookup::None;
                Err(error)
            }
            Lookup::Failed(error, other, at) if other != wanted && now < at + age => {
                *lookup = Lookup::Failed(error.clone(), other, at);
                Err(error)
            }
            Lookup::None | Lookup::Failed(..) => Ok(true),
        }
    }

    /// The lookup in the background is over: it failed for whom, and when.
    pub(crate) fn end_lookup(&self, failure: Option<(Error, Wanted, Instant)>) {
        *lock(&self.lookup) =
            failure.map_or(Lookup::None, |(error, wanted, at)| Lookup::Failed(error, wanted, at));
    }

    fn grow(&self, block: usize, topic: TopicKey, closed: Option<&Error>) {
        let Some(cell) = self.blocks.get(block) else { return };
        cell.get_or_init(|| {
            let first = (FIRST_BLOCK << block) - FIRST_BLOCK;
            let queue = |at: usize| {
                let partition = i32::try_from(first + at).unwrap_or(i32::MAX);
                let queue = PartitionQueue::new(
                    PartitionKey { topic, partition },
                    Arc::clone(&self.limits),
                );
                Padded(Mutex::new(Queue {
                    queue,
                    newest: None,
                    batches: VecDeque::new(),
                    closed: closed.cloned(),
                }))
            };
            (0..FIRST_BLOCK << block).map(queue).collect()
        });
    }
}

/// Block of a partition, and its place there.
#[inline]
fn place_of(partition: usize) -> (usize, usize) {
    let block = (partition / FIRST_BLOCK + 1).ilog2() as usize;
    (block, partition + FIRST_BLOCK - (FIRST_BLOCK << block))
}

/// The topics that a producer has sent to, by name. It only grows, and is read without a lock.
pub(crate) struct TopicMap {
    buckets: [OnceLock<Box<Node>>; BUCKETS],
    next_number: AtomicU32,
}

struct Node {
    topic: Arc<TopicQueues>,
    next: OnceLock<Box<Self>>,
}

const BUCKETS: usize = 256;

impl TopicMap {
    pub(crate) fn new() -> Self {
        Self { buckets: [const { OnceLock::new() }; BUCKETS], next_number: AtomicU32::new(0) }
    }

    /// The topic of this name, if it has been used.
    #[inline]
    pub(crate) fn get(&self, name: &str) -> Option<&Arc<TopicQueues>> {
        let mut cell = &self.buckets[bucket_of(name)];
        while let Some(node) = cell.get() {
            if *node.topic.name == *name && !node.topic.is_superseded() {
                return Some(&node.topic);
            }
            cell = &node.next;
        }
        None
    }

    /// The topic of this name, which is made if it is not there.
    pub(crate) fn get_or_add(&self, name: &str, limits: &Arc<BatchLimits>) -> &Arc<TopicQueues> {
        let mut cell = &self.buckets[bucket_of(name)];
        loop {
            let node = cell.get_or_init(|| {
                let number = self.next_number.fetch_add(1, Ordering::Relaxed);
                let topic = Arc::new(TopicQueues::new(name.into(), number, Arc::clone(limits)));
                Box::new(Node { topic, next: OnceLock::new() })
            });
            if *node.topic.name == *name && !node.topic.is_superseded() {
                return &node.topic;
            }
            cell = &node.next;
        }
    }

    /// All topics, those of the past too.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<TopicQueues>> {
        self.buckets.iter().flat_map(|bucket| {
            std::iter::successors(bucket.get(), |node| node.next.get()).map(|node| &node.topic)
        })
    }
}

#[inline]
fn bucket_of(name: &str) -> usize {
    let (words, tail) = name.as_bytes().as_chunks::<8>();
    let mix =
        |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    let hash =
        words.iter().fold(name.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let hash = tail.iter().fold(hash, |hash, byte| mix(hash, u64::from(*byte)));
    (hash >> 56) as usize % BUCKETS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_has_a_place_of_its_own() {
        let mut expected = (0, 0);
        for partition in 0..10_000 {
            assert_eq!(place_of(partition), expected, "{partition}");
            expected.1 += 1;
            if expected.1 == FIRST_BLOCK << expected.0 {
                expected = (expected.0 + 1, 0);
            }
        }
        assert!(place_of(i32::MAX as usize).0 < BLOCKS);
    }
}
