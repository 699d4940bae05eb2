//! Which partition a record goes to.
//!
//! A record with a key goes where Java's client sends it: by murmur2 of the key. Records without one stick to a
//! partition until about a batch has been filled there and then move on to another, at random (KIP-480, KIP-794). That
//! is kept per handle, so that handles of different threads stick to different partitions and their locks don't meet.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use kafka_engine::Cluster;

/// The partition for a key, as Java's `DefaultPartitioner` finds it: brokers know nothing of it, so all clients that
/// write to a compacted topic, or rely on the order of a key, have to agree.
#[inline]
pub fn partition_for_key(key: &[u8], partitions: i32) -> i32 {
    let positive = (murmur2(key) & 0x7fff_ffff).cast_signed();
    positive.checked_rem(partitions).unwrap_or(0)
}

/// Austin Appleby's MurmurHash2 with Kafka's seed.
fn murmur2(data: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    const M: u32 = 0x5bd1_e995;
    let mut hash = SEED ^ (data.len() as u32);
    let (words, tail) = data.as_chunks::<4>();
    for word in words {
        let mut k = u32::from_le_bytes(*word).wrapping_mul(M);
        k ^= k >> 24;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    for (i, byte) in tail.iter().enumerate() {
        hash ^= u32::from(*byte) << (8 * i);
    }
    if !tail.is_empty() {
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}

/// The partition that a handle's records without key go to. Races between threads that share a handle only make it
/// move on a little early or late.
#[derive(Debug)]
pub(crate) struct Sticky {
    /// [`UNSET`], or a partition.
    partition: AtomicU32,
    /// Bytes sent there.
    bytes: AtomicUsize,
}

const UNSET: u32 = u32::MAX;

impl Sticky {
    pub(crate) const fn new() -> Self {
        Self { partition: AtomicU32::new(UNSET), bytes: AtomicUsize::new(0) }
    }

    /// The partition to stay at, if there is one and the topic has it.
    #[inline]
    pub(crate) fn get(&self, partitions: i32) -> Option<i32> {
        let partition = self.partition.load(Ordering::Relaxed);
        i32::try_from(partition).ok().filter(|partition| *partition < partitions)
    }

    pub(crate) fn set(&self, partition: i32) {
        self.partition.store(partition.cast_unsigned(), Ordering::Relaxed);
        self.bytes.store(0, Ordering::Relaxed);
    }

    pub(crate) fn unset(&self) {
        self.partition.store(UNSET, Ordering::Relaxed);
        self.bytes.store(0, Ordering::Relaxed);
    }

    /// Counts bytes that went there.
    #[inline]
    pub(crate) fn count(&self, bytes: usize) {
        // A load and a store: an atomic addition would cost more than a lost count.
        let before = self.bytes.load(Ordering::Relaxed);
        self.bytes.store(before.saturating_add(bytes), Ordering::Relaxed);
    }

    /// Bytes sent there.
    #[inline]
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// How many topics a handle remembers its partition of. More share: then they move on more often than they must.
const STICKIES: usize = 16;

/// The partitions that a handle sticks to, by topic.
#[derive(Debug)]
pub(crate) struct Stickies {
    entries: [(AtomicU32, Sticky); STICKIES],
}

impl Stickies {
    pub(crate) fn new() -> Self {
        Self { entries: std::array::from_fn(|_| (AtomicU32::new(UNSET), Sticky::new())) }
    }

    /// The one of a topic, which is given by any number of its own.
    #[inline]
    pub(crate) fn of(&self, topic: u32) -> &Sticky {
        let (owner, sticky) = &self.entries[topic as usize % STICKIES];
        if owner.load(Ordering::Relaxed) != topic {
            owner.store(topic, Ordering::Relaxed);
            sticky.unset();
        }
        sticky
    }
}

/// Draws a partition of a topic by a random number, one with a leader if there is any, and another than `not` if there is
/// another.
pub(crate) fn draw(
    cluster: &Cluster,
    topic: &str,
    partitions: i32,
    not: Option<i32>,
    random: u64,
) -> i32 {
    let known = cluster.topics.get(topic);
    let led = |partition: i32| {
        let index = usize::try_from(partition).unwrap_or(usize::MAX);
        known
            .and_then(|topic| topic.partitions.get(index))
            .is_some_and(|partition| partition.leader.is_some())
    };
    let start = i32::try_from(random % u64::from(partitions.max(1).cast_unsigned())).unwrap_or(0);
    let candidates = || {
        (0..partitions).map(|step| (start + step) % partitions).filter(|found| Some(*found) != not)
    };
    candidates()
        .find(|partition| led(*partition))
        .or_else(|| not.filter(|same| led(*same)))
        .or_else(|| candidates().next())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From Kafka's `UtilsTest.testMurmur2`.
    #[test]
    fn murmur2_agrees_with_java() {
        let cases: [(&[u8], i32); 7] = [
            (b"21", -973_932_308),
            (b"foobar", -790_332_482),
            (b"a-little-bit-long-string", -985_981_536),
            (b"a-little-bit-longer-string", -1_486_304_829),
            (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            (b"abc", 479_470_107),
            (b"", 275_646_681),
        ];
        for (data, expected) in cases {
            assert_eq!(murmur2(data).cast_signed(), expected, "{}", String::from_utf8_lossy(data));
        }
    }

    #[test]
    fn keys_spread_over_all_partitions_and_never_leave_them() {
        for partitions in [1, 2, 7, 100] {
            let mut seen = vec![0; partitions as usize];
            for key in 0_u32..10_000 {
                seen[partition_for_key(&key.to_le_bytes(), partitions) as usize] += 1;
            }
            assert!(seen.iter().all(|count| *count > 5000 / partitions), "{seen:?}");
        }
    }
}
