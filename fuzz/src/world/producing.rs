//! Records that were accepted, and what was told of them.

use std::collections::BTreeMap;

use kafka_engine::accumulator::{AppendError, RecordRef};
use kafka_engine::{BatchId, DeliveryReport, Error, Outcome, PartitionKey, ProducerKey};

use super::{WALL_MS, World};

/// A record whose outcome was told.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) partition: i32,
    /// Counts the records that were accepted.
    pub(crate) number: u64,
    pub(crate) result: Result<Option<i64>, Error>,
}

/// Accepted records until their outcome, and then.
#[derive(Default)]
pub(super) struct Outbox {
    open: BTreeMap<BatchId, Vec<u64>>,
    accepted: u64,
    pub(super) sent: Vec<Sent>,
    pub(super) failed: Option<Error>,
}

impl Outbox {
    pub(super) fn open_batches(&self) -> usize {
        self.open.len()
    }

    /// Every record of a batch has its outcome, once.
    pub(super) fn settle(&mut self, report: DeliveryReport) {
        let numbers = self.open.remove(&report.id);
        let numbers = numbers.unwrap_or_else(|| panic!("{report:?} comes twice or for nothing"));
        let mut told = 0;
        for (range, outcome) in report.outcomes {
            assert_eq!(range.start, told, "outcomes have no holes");
            told = range.end;
            for (at, index) in range.enumerate() {
                let result = match &outcome {
                    Outcome::Appended { base_offset, .. } => {
                        // The offset is the broker's word, who may lie.
                        Ok(base_offset.map(|base| base.saturating_add(at as i64)))
                    }
                    Outcome::Failed(error) => Err(Error::clone(error)),
                };
                let number = numbers[index as usize];
                self.sent.push(Sent { partition: report.id.partition.partition, number, result });
            }
        }
        assert_eq!(told as usize, numbers.len(), "every record has an outcome");
    }
}

impl World {
    /// Gives a record to the client, with `fill` bytes behind its number; whether it was accepted.
    pub(crate) fn send(
        &mut self,
        producer: ProducerKey,
        partition: PartitionKey,
        fill: usize,
        headers: &[(&[u8], Option<&[u8]>)],
    ) -> bool {
        let number = self.outbox.accepted;
        let mut value = number.to_be_bytes().to_vec();
        value.resize(8 + fill, b'.');
        let wall = WALL_MS + self.elapsed().as_millis() as i64;
        let key = number.is_multiple_of(2).then_some(&b"key"[..]);
        let record = RecordRef { key, value: Some(&value), headers, timestamp: None };
        let result = self.client.produce(self.now(), wall, (producer, partition), &record);
        let accepted = match result {
            Ok((batch, index)) => {
                let numbers = self.outbox.open.entry(batch).or_default();
                assert_eq!(index as usize, numbers.len());
                numbers.push(number);
                self.outbox.accepted += 1;
                true
            }
            Err(AppendError::Full { .. } | AppendError::TooLarge { .. }) => false,
            Err(error) => panic!("{error}"),
        };
        self.drain_client();
        accepted
    }

    /// Records that were accepted.
    pub(crate) fn accepted(&self) -> u64 {
        self.outbox.accepted
    }

    /// Records whose outcome was told, in the order of the telling.
    pub(crate) fn sent(&self) -> &[Sent] {
        &self.outbox.sent
    }

    /// Whether every accepted record has its outcome.
    pub(crate) fn all_told(&self) -> bool {
        self.outbox.open.is_empty()
    }

    /// Why the producer can't go on, if it can't.
    pub(crate) fn producer_failed(&self) -> Option<&Error> {
        self.outbox.failed.as_ref()
    }
}

/// The number of a record that [`World::send`] made.
pub(crate) fn value_of(value: Option<&[u8]>) -> Option<u64> {
    value?.first_chunk().map(|number| u64::from_be_bytes(*number))
}
