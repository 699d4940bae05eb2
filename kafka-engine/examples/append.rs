//! What one append costs: `cargo run --release -p kafka-engine --example append [records] [value bytes] [key bytes]`.
//!
//! Prints nanoseconds a record for appending alone: no lock, no compression, batches collected and their memory used
//! again. For instructions: `valgrind --tool=callgrind --toggle-collect='*append_all*'` on the built example.

use std::collections::VecDeque;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant as StdInstant;

use bytes::{Bytes, BytesMut};
use kafka_engine::accumulator::{BatchLimits, PartitionQueue, RecordRef, Segments};
use kafka_engine::config::ProducerConfig;
use kafka_engine::{Instant, PartitionKey, TopicKey};

/// How many batches may be on their way: what keeps the working set at its honest size.
const IN_FLIGHT: usize = 5;

fn main() {
    let mut args = std::env::args().skip(1).map(|arg| arg.parse().expect("a number"));
    let records = args.next().unwrap_or(10_000_000);
    let value = vec![b'v'; args.next().unwrap_or(100)];
    let key = args.next().map(|len| vec![b'k'; len]);
    let config = ProducerConfig::default();
    let limits = Arc::new(BatchLimits {
        batch_bytes: config.batch_bytes,
        max_request_bytes: config.max_request_bytes,
        buffer_memory: config.buffer_memory,
        codec: config.compression,
        refresh_timestamps: false,
    });
    let partition = PartitionKey { topic: TopicKey(0), partition: 0 };
    let mut queue = PartitionQueue::new(partition, limits);
    let mut pool = Pool::default();
    let record = RecordRef { key: key.as_deref(), value: Some(&value), ..RecordRef::default() };
    append_all(&mut queue, &mut pool, &record, records / 10);
    let start = StdInstant::now();
    append_all(&mut queue, &mut pool, &record, records);
    let nanos = start.elapsed().as_nanos() as f64 / records as f64;
    println!("{records} records of {} B: {nanos:.1} ns a record", value.len());
}

#[inline(never)]
fn append_all(queue: &mut PartitionQueue, pool: &mut Pool, record: &RecordRef<'_>, records: usize) {
    let mut clock = || (Instant::ZERO, 1_700_000_000_000);
    for _ in 0..records {
        let appended =
            queue.append(&mut clock, black_box(record), pool).expect("the pool never refuses");
        if appended.notice.is_some_and(|pending| pending.full) {
            while queue.pending().full {
                let (batch, _) = queue.collect();
                let sealed = batch.map(|batch| batch.uncompressed());
                pool.send(sealed.map(|batch| batch.body).unwrap_or_default());
            }
        }
        black_box(appended.index);
    }
}

/// Segments by size class, the last one given back first, as a producer's pool would keep them.
#[derive(Default)]
struct Pool {
    small: Vec<BytesMut>,
    large: Vec<BytesMut>,
    sent: VecDeque<Vec<Bytes>>,
}

impl Pool {
    fn send(&mut self, body: Vec<Bytes>) {
        self.sent.push_back(body);
        if self.sent.len() > IN_FLIGHT {
            for piece in self.sent.pop_front().into_iter().flatten() {
                if let Ok(mut segment) = piece.try_into_mut() {
                    segment.clear();
                    self.release(segment);
                }
            }
        }
    }
}

impl Segments for Pool {
    fn segment(&mut self, at_least: usize) -> Option<BytesMut> {
        let list = if at_least > 4096 { &mut self.large } else { &mut self.small };
        match list.pop() {
            Some(segment) if segment.capacity() >= at_least => Some(segment),
            _ => Some(BytesMut::with_capacity(at_least)),
        }
    }

    fn release(&mut self, segment: BytesMut) {
        let list = if segment.capacity() > 4096 { &mut self.large } else { &mut self.small };
        list.push(segment);
    }
}
