//! How much memory a client's settings allow it.

use kafka_handle::MemoryUse;

use super::fault::FaultKind;
use super::plan::{ClientPlan, ConsumerPlan, Plan, ProducerPlan, Role};

/// What a record takes in a batch of its own beside its value: the batch's header, its own framing, a short key.
const RECORD_OVERHEAD: u64 = 150;

/// The smallest buffer that is read into.
const BUFFER: u64 = 16 << 10;

/// A connection reads into one buffer and keeps four others.
const BUFFERS: u64 = 5;

/// What answers say beside records, generously: names, ids, leaders, versions.
const WORDS: u64 = 16 << 10;

/// The most that a client may own, by kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Promise {
    records: u64,
    overdue: u64,
    fetched: u64,
    /// By connection.
    receiving: u64,
}

impl Promise {
    /// What a client of a plan is held to.
    pub(super) fn of(plan: &Plan, client: &ClientPlan) -> Self {
        let grown = plan.faults.iter().filter(|f| matches!(f.kind, FaultKind::AddPartition(_)));
        let partitions = plan.topics.iter().map(|count| u64::from(count.unsigned_abs()));
        let partitions = partitions.sum::<u64>() + grown.count() as u64;
        let batch = plan.clients.iter().map(longest_batch).max().unwrap_or_default();
        match &client.role {
            Role::Producer(producer) => Self {
                records: producer.buffer_memory as u64,
                overdue: overdue(producer, partitions, batch) * u64::from(plan.nodes),
                receiving: receiving(0),
                fetched: 0,
            },
            Role::Consumer(consumer) => {
                let run = batch.max(consumer.partition_fetch_bytes as u64);
                Self {
                    fetched: fetched(consumer, batch) * partitions,
                    receiving: receiving(run * partitions),
                    ..Self::default()
                }
            }
            Role::Admin | Role::Idle => Self { receiving: receiving(0), ..Self::default() },
        }
    }

    /// What is owned of each kind, and the most that may be.
    pub(super) fn parts(&self, memory: &MemoryUse) -> [(&'static str, u64, u64); 4] {
        let connections = memory.connections as u64;
        [
            ("buffer.memory", (memory.records + memory.pooled) as u64, self.records),
            ("batches past their time", memory.overdue as u64, self.overdue),
            ("fetched records", memory.fetched as u64, self.fetched),
            ("receive buffers", memory.receiving as u64, self.receiving * connections),
        ]
    }
}

/// A request has at most one batch of each partition.
fn overdue(producer: &ProducerPlan, partitions: u64, batch: u64) -> u64 {
    producer.max_in_flight as u64 * partitions * batch
}

/// Of a partition: what was queued when it was asked for more, an answer, and a run that is being handed out.
fn fetched(consumer: &ConsumerPlan, batch: u64) -> u64 {
    let asked = consumer.partition_fetch_bytes as u64;
    asked + 2 * asked.max(batch)
}

/// Buffers are made for what is expected, at most twice as large, and rounded up by an eighth.
fn receiving(records: u64) -> u64 {
    BUFFERS * (BUFFER + 2 * (records + WORDS) * 9 / 8)
}

/// A batch may be longer than `batch.size` with a single record in it, or if it does not compress well.
fn longest_batch(client: &ClientPlan) -> u64 {
    match &client.role {
        Role::Producer(producer) => {
            let batch = (producer.batch_bytes as u64).max(producer.value_bytes + RECORD_OVERHEAD);
            batch + batch / 16 + RECORD_OVERHEAD
        }
        _ => 0,
    }
}
