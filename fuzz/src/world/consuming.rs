//! A consumer as an application has it: runs taken, checked, inflated and handed out.

use std::collections::BTreeMap;

use kafka_engine::{ConsumerKey, PartitionKey, Run, Standing, Taken};
use kafka_proto::DecodeError;
use kafka_proto::records::{BatchHeader, Batches, RecordIter};

use super::{World, value_of};

/// The most that a batch may inflate to, in bytes.
const LIMIT: usize = 1 << 20;

/// What was read so far.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// Partition, offset and number of every record, in the order of the reading.
    pub(crate) records: Vec<(i32, i64, Option<u64>)>,
    /// Runs that were broken.
    pub(crate) rejected: usize,
    /// Where each partition's generation is to go on.
    next: BTreeMap<(PartitionKey, u64), i64>,
}

impl World {
    /// Takes all that there is for a consumer.
    pub(crate) fn take(&mut self, consumer: ConsumerKey, reading: &mut Reading) {
        // A partition that has failed is told of by every poll, the others first.
        for _ in 0..100 {
            let now = self.now();
            let taken = self.client.engine().take(now, consumer);
            self.drain_client();
            match taken {
                None => return,
                Some(Taken::Run(run)) => self.hand_out(consumer, &run, reading),
                Some(_) => {}
            }
        }
    }

    fn hand_out(&mut self, consumer: ConsumerKey, run: &Run, reading: &mut Reading) {
        let (partition, generation) = (run.partition, run.generation);
        if let Some(next) = reading.next.insert((partition, generation), run.next_offset) {
            assert!(next <= run.from, "handed out up to {next} before: {run:?}");
        }
        assert!(run.from < run.next_offset, "a run is never empty of offsets");
        let now = self.now();
        let mut position = run.from;
        let outcome = read(run, &mut position, &mut reading.records);
        let engine = self.client.engine();
        let standing = match outcome {
            Ok(()) => {
                let (next, bytes) = (run.next_offset, run.records.len());
                engine.handed_out(now, consumer, partition, generation, next, Some(bytes))
            }
            Err(error) => {
                reading.rejected += 1;
                let standing =
                    engine.handed_out(now, consumer, partition, generation, position, None);
                let reason = error.to_string();
                engine.reject(now, consumer, partition, generation, position, reason);
                reading.next.remove(&(partition, generation));
                standing
            }
        };
        assert_ne!(standing, Standing::Stale, "nothing has happened since it was taken");
        self.drain_client();
    }
}

/// Reads the records of a run from where it is wanted, up to the first fault.
fn read(
    run: &Run,
    position: &mut i64,
    records: &mut Vec<(i32, i64, Option<u64>)>,
) -> Result<(), DecodeError> {
    for batch in Batches::new(run.records.clone()) {
        let batch = batch?;
        batch.verify_crc()?;
        let header: &BatchHeader = batch.header();
        let payload = batch.payload(LIMIT)?;
        for record in RecordIter::new(&payload, header) {
            let record = record?;
            if record.offset >= *position && !header.attributes.is_control() {
                records.push((run.partition.partition, record.offset, value_of(record.value)));
                *position = record.offset.saturating_add(1);
            }
        }
    }
    Ok(())
}
