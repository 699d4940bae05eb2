//! One run of batches on its way to being handed out.

use std::sync::Arc;

use bytes::Bytes;
use kafka_engine::{PartitionKey, Run};
use kafka_proto::DecodeError;
use kafka_proto::records::{BatchHeader, Batches, RecordBatch, RecordCursor, skip_to, validate};

use crate::consumer::inflate::Inflater;
use crate::consumer::records::Section;

/// A run that was taken out of the engine, and how far it has been handed out.
pub(crate) struct OpenRun {
    pub(crate) topic: Arc<str>,
    pub(crate) partition: PartitionKey,
    pub(crate) generation: u64,
    /// Length of the run in bytes, as the engine counts it.
    pub(crate) bytes: usize,
    /// Records below are to be skipped, or have been handed out.
    pub(crate) position: i64,
    next_offset: i64,
    batches: Batches,
    open: Option<OpenBatch>,
}

/// A batch that was checked and inflated, and has records left.
struct OpenBatch {
    header: BatchHeader,
    payload: Bytes,
    from: RecordCursor,
}

/// What a run gave.
pub(crate) enum Step {
    /// Sound records.
    Section(Section),
    /// Nothing is left. Its position is behind its last batch.
    Done,
    /// It is broken at its position.
    Broken(String),
}

impl OpenRun {
    pub(crate) fn new(run: Run) -> Self {
        Self {
            topic: run.topic,
            partition: run.partition,
            generation: run.generation,
            bytes: run.records.len(),
            position: run.from,
            next_offset: run.next_offset,
            batches: Batches::new(run.records),
            open: None,
        }
    }

    /// Gives up to `max` records of one batch, and moves the position behind them.
    pub(crate) fn step(&mut self, max: usize, check_crcs: bool, inflater: &mut Inflater) -> Step {
        loop {
            if let Some(open) = self.open.take() {
                match self.walk(open, max) {
                    Ok(Some(section)) => return Step::Section(section),
                    Ok(None) => {}
                    Err(error) => return Step::Broken(error.to_string()),
                }
            }
            match self.batches.next() {
                Some(batch) => {
                    match batch.and_then(|batch| self.open_batch(&batch, check_crcs, inflater)) {
                        Ok(open) => self.open = open,
                        Err(error) => return Step::Broken(error.to_string()),
                    }
                }
                None => {
                    self.position = self.position.max(self.next_offset);
                    return Step::Done;
                }
            }
        }
    }

    /// Whether nothing is left, without looking into batches. If so its position is behind its last batch.
    pub(crate) fn is_done(&mut self) -> bool {
        let done = self.open.is_none() && self.batches.byte_position() >= self.bytes;
        if done {
            self.position = self.position.max(self.next_offset);
        }
        done
    }

    /// Checks and inflates a batch; `None`: nothing in it is to be handed out.
    fn open_batch(
        &mut self,
        batch: &RecordBatch,
        check_crcs: bool,
        inflater: &mut Inflater,
    ) -> Result<Option<OpenBatch>, DecodeError> {
        let header = *batch.header();
        let behind = header.last_offset()?.saturating_add(1);
        if behind <= self.position {
            return Ok(None);
        }
        // Where the batch breaks, if it does: at the first of its records that is wanted.
        self.position = self.position.max(header.base_offset);
        if check_crcs {
            batch.verify_crc()?;
        }
        if header.attributes.is_control() {
            self.position = behind;
            return Ok(None);
        }
        let payload = inflater.payload(batch)?;
        let from = if self.position > header.base_offset {
            let walk = skip_to(&payload, &header, RecordCursor::START, self.position);
            if let Some(error) = walk.error {
                return Err(error);
            }
            walk.end
        } else {
            RecordCursor::START
        };
        Ok(Some(OpenBatch { header, payload, from }))
    }

    /// Walks over up to `max` records of the open batch. A fault that comes after sound records is met again, and told,
    /// at the next step.
    fn walk(&mut self, mut open: OpenBatch, max: usize) -> Result<Option<Section>, DecodeError> {
        let walk = validate(&open.payload, &open.header, open.from, max);
        if walk.records == 0
            && let Some(error) = walk.error
        {
            return Err(error);
        }
        self.position = self.position.max(walk.next_offset);
        let section = Section {
            topic: Arc::clone(&self.topic),
            partition: self.partition.partition,
            header: open.header,
            payload: open.payload.clone(),
            from: open.from,
            records: walk.records,
        };
        if !walk.finished {
            open.from = walk.end;
            self.open = Some(open);
        }
        Ok((walk.records > 0).then_some(section))
    }
}
