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
    /// If it is broken: the first of the records that are wanted there. The position stays behind the last sound record: in
    /// between, where a compacted log has a gap, may be the end of the epoch that is known there.
    pub(crate) broken_at: i64,
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
    /// It is broken.
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
            broken_at: run.from,
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
        self.broken_at = self.position.max(header.base_offset);
        if check_crcs && !kafka_engine::mutant!("crc_ignored") {
            batch.verify_crc()?;
        }
        // Only now is it known that the header tells the truth of where the batch ends.
        let behind = header.last_offset()?.saturating_add(1);
        if behind <= self.position {
            return Ok(None);
        }
        if header.attributes.is_control() {
            self.position = behind;
            return Ok(None);
        }
        let payload = inflater.payload(batch)?;
        let from = if self.position > header.base_offset
            && !kafka_engine::mutant!("straddling_redelivered")
        {
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
        self.broken_at = self.position.max(open.header.base_offset);
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

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use kafka_engine::TopicKey;
    use kafka_proto::records::{BatchBuilder, Codec, ControlType};

    use super::*;

    /// A batch of records with these offsets from `base` on, each with its offset for a value.
    fn batch(codec: Codec, base: i64, records: i64) -> Bytes {
        let mut builder = BatchBuilder::new(codec);
        for offset in base..base + records {
            builder.push(offset, None, Some(offset.to_string().as_bytes()), &[]).expect("a record");
        }
        builder.build(base).expect("a batch")
    }

    fn run_of(batches: &[Bytes], from: i64, next_offset: i64) -> OpenRun {
        OpenRun::new(Run {
            topic: "t".into(),
            partition: PartitionKey { topic: TopicKey(1), partition: 0 },
            generation: 1,
            from,
            records: batches.concat().into(),
            next_offset,
        })
    }

    /// Offsets by step, the position at the end, and how it is broken, if it is.
    fn walk(
        run: &mut OpenRun,
        max: usize,
        check_crcs: bool,
    ) -> (Vec<Vec<i64>>, i64, Option<String>) {
        let mut inflater = Inflater::new();
        let mut steps = Vec::new();
        let broken = loop {
            match run.step(max, check_crcs, &mut inflater) {
                Step::Section(section) => {
                    let offsets = section
                        .iter()
                        .take(section.records)
                        .map(|record| record.expect("sound").offset);
                    steps.push(offsets.collect());
                }
                Step::Done => break None,
                Step::Broken(reason) => break Some(reason),
            }
        };
        (steps, run.position, broken)
    }

    #[test]
    fn steps_end_with_batches_and_at_the_maximum() {
        for codec in [Codec::None, Codec::Lz4] {
            let batches = [batch(codec, 10, 3), batch(codec, 20, 2)];
            let cases: [(i64, usize, &[&[i64]]); 5] = [
                (0, 9, &[&[10, 11, 12], &[20, 21]]),
                (11, 1, &[&[11], &[12], &[20], &[21]]),
                (12, 2, &[&[12], &[20, 21]]),
                (13, 2, &[&[20, 21]]),
                (21, 2, &[&[21]]),
            ];
            for (from, max, expected) in cases {
                assert_eq!(
                    walk(&mut run_of(&batches, from, 22), max, true),
                    (expected.iter().map(|step| step.to_vec()).collect(), 22, None),
                    "{codec} from {from}"
                );
            }
        }
    }

    #[test]
    fn the_position_follows_what_was_handed_out() {
        let mut run = run_of(&[batch(Codec::None, 10, 3), batch(Codec::None, 20, 2)], 10, 30);
        let mut inflater = Inflater::new();
        let mut positions = Vec::new();
        for _ in 0..3 {
            assert!(
                matches!(run.step(2, true, &mut inflater), Step::Section(_)) && !run.is_done()
                    || run.position == 30
            );
            positions.push(run.position);
        }
        assert_eq!(positions, [12, 13, 30]);
        assert!(run.is_done());
    }

    #[test]
    fn what_holds_no_record_is_passed_over() {
        let marker =
            BatchBuilder::end_transaction(ControlType::Commit, 0, 0, 7, 0).expect("a marker");
        let marker = marker.build(13).expect("a batch");
        let empty = BatchBuilder::new(Codec::None).build(14).expect("a batch");
        let mut holes = BatchBuilder::new(Codec::None);
        for delta in [0, 5, 9] {
            holes.push_at(delta, 0, None, None, &[]).expect("a record");
        }
        let holes = holes.build(20).expect("a batch");
        let batches = [batch(Codec::None, 10, 3), marker, empty, holes];
        let (steps, position, broken) = walk(&mut run_of(&batches, 0, 40), 100, true);
        assert_eq!((steps, position, broken), (vec![vec![10, 11, 12], vec![20, 25, 29]], 40, None));
        let (steps, ..) = walk(&mut run_of(&batches, 21, 40), 100, true);
        assert_eq!(steps, [[25, 29]]);
        let (steps, position, _) = walk(&mut run_of(&batches[1..3], 13, 15), 100, true);
        assert_eq!((steps, position), (vec![], 15));
    }

    #[test]
    fn a_header_that_lies_about_the_end_of_its_batch_hides_nothing() {
        let mut lying = BytesMut::from(&batch(Codec::None, 10, 3)[..]);
        // The last offset delta: 0 for 2.
        lying[26] = 0;
        let batches = [lying.freeze(), batch(Codec::None, 13, 3)];
        let (steps, position, broken) = walk(&mut run_of(&batches, 12, 16), 100, true);
        assert_eq!((steps, position), (Vec::<Vec<i64>>::new(), 12));
        assert!(broken.is_some());
    }

    #[test]
    fn a_broken_batch_behind_a_gap_leaves_the_position_where_it_was() {
        let mut broken = BytesMut::from(&batch(Codec::None, 20, 3)[..]);
        let last = broken.len() - 2;
        broken[last] ^= 1;
        let mut run = run_of(&[batch(Codec::None, 10, 3), broken.freeze()], 5, 23);
        let (steps, position, reason) = walk(&mut run, 100, true);
        assert_eq!((steps, position, run.broken_at), (vec![vec![10, 11, 12]], 13, 20));
        assert!(reason.is_some());
    }

    #[test]
    fn a_broken_batch_stops_where_it_is_wanted() {
        let flip = |bytes: &Bytes, at: usize| {
            let mut bytes = BytesMut::from(&bytes[..]);
            bytes[at] ^= 1;
            bytes.freeze()
        };
        let good = batch(Codec::None, 10, 3);
        let next = batch(Codec::None, 13, 3);
        let (last_value, in_length) = (next.len() - 2, next.len() - 9);
        // Somewhere in a record: found by the checksum, before anything of the batch is handed out.
        let (steps, position, broken) =
            walk(&mut run_of(&[good.clone(), flip(&next, last_value)], 0, 16), 100, true);
        assert_eq!((steps, position), (vec![vec![10, 11, 12]], 13));
        assert!(broken.is_some());
        // And nobody looked, if nobody was to look.
        let (steps, ..) =
            walk(&mut run_of(&[good.clone(), flip(&next, last_value)], 0, 16), 100, false);
        assert_eq!(steps.concat().len(), 6);
        // The length of the last record: the ones before it are sound, and it says so only after them.
        let (steps, position, broken) =
            walk(&mut run_of(&[good, flip(&next, in_length)], 0, 16), 100, false);
        assert_eq!((steps, position), (vec![vec![10, 11, 12], vec![13, 14]], 15), "{broken:?}");
        assert!(broken.is_some());
        // From the middle of the batch, it is broken at what was asked for.
        let (steps, position, _) = walk(&mut run_of(&[flip(&next, last_value)], 14, 16), 100, true);
        assert_eq!((steps, position), (vec![], 14));
    }
}
