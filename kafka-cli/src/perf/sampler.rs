//! Latencies of some of the records.

use std::collections::BTreeMap;
use std::time::Instant;

use kafka_tokio::Delivery;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::perf::latency::Latencies;

/// As many records are measured at least, if there are as many: enough for the 99.9th percentile, and too few of many
/// to cost much.
const SAMPLES: u64 = 50_000;

/// Measures how long some of the records take. Batches of a partition come to their end in order, so one task a
/// partition, which awaits one after the other, sees each in time.
#[derive(Debug)]
pub(crate) struct Sampler {
    every: u64,
    /// Records until the next one that is measured.
    left: u64,
    latencies: Option<Latencies>,
    partitions: BTreeMap<i32, mpsc::UnboundedSender<(Instant, Delivery)>>,
    tasks: JoinSet<()>,
}

impl Sampler {
    /// Spreads the samples over so many records.
    pub(crate) fn new(records: u64, latencies: &Latencies) -> Self {
        let every = (records / SAMPLES).max(1);
        Self { every, left: 0, latencies: Some(latencies.clone()), ..Self::none() }
    }

    /// Measures nothing.
    pub(crate) fn none() -> Self {
        Self {
            every: 0,
            left: u64::MAX,
            latencies: None,
            partitions: BTreeMap::new(),
            tasks: JoinSet::new(),
        }
    }

    /// Whether the next record is measured; to be asked once for each.
    #[inline]
    pub(crate) fn wants_next(&mut self) -> bool {
        if self.left > 0 {
            self.left -= 1;
            return false;
        }
        self.left = self.every.saturating_sub(1);
        true
    }

    /// Measures this record.
    pub(crate) fn watch(&mut self, sent_at: Instant, delivery: Delivery) {
        let Some(latencies) = &self.latencies else { return };
        let watcher = self.partitions.entry(delivery.partition()).or_insert_with(|| {
            let (watcher, watched) = mpsc::unbounded_channel();
            self.tasks.spawn(watch(watched, latencies.clone()));
            watcher
        });
        // The task ends when this end is dropped, not before.
        let _ = watcher.send((sent_at, delivery));
    }

    /// Waits until everything that was watched is over.
    pub(crate) async fn finish(mut self) {
        self.partitions.clear();
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn watch(mut watched: mpsc::UnboundedReceiver<(Instant, Delivery)>, latencies: Latencies) {
    while let Some((sent_at, delivery)) = watched.recv().await {
        // One that failed ends the measurement elsewhere.
        if delivery.await.is_ok() {
            latencies.record(sent_at.elapsed());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_spread() {
        let check = |records: u64, samples: usize| {
            let latencies = Latencies::new().expect("good bounds");
            let mut sampler = Sampler::new(records, &latencies);
            assert_eq!((0..records).filter(|_| sampler.wants_next()).count(), samples);
        };
        check(0, 0);
        check(10, 10);
        check(50_000, 50_000);
        check(99_999, 99_999);
        check(1_000_000, 50_000);
        let mut none = Sampler::none();
        assert!(!(0..1000).any(|_| none.wants_next()));
    }
}
