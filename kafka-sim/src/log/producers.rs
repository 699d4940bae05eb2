//! Producer state of one partition: which sequence numbers were appended (KIP-98, KIP-360).

use std::collections::{BTreeMap, VecDeque};

use kafka_proto::ErrorCode;
use kafka_proto::records::BatchHeader;

use crate::releases::{UnknownProducer, Ways};

/// Batches remembered per producer id; as many as a producer may have in flight, so that every
/// retry is recognised.
const REMEMBERED: usize = 5;

/// What the producer state says to a batch that may be appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sequenced {
    /// Not seen before.
    New,
    /// The same sequence range as one of the last five batches: success, with that batch's offset
    /// and largest timestamp.
    Duplicate { base_offset: i64, last_offset: i64, timestamp: i64 },
}

/// All producer ids that wrote to a partition.
#[derive(Clone, Debug, Default)]
pub(crate) struct Producers {
    states: BTreeMap<i64, ProducerState>,
}

#[derive(Clone, Debug)]
struct ProducerState {
    epoch: i16,
    batches: VecDeque<Remembered>,
}

#[derive(Clone, Copy, Debug)]
struct Remembered {
    first: i32,
    last: i32,
    base_offset: i64,
    last_offset: i64,
    timestamp: i64,
}

impl Producers {
    /// Judges a batch by its producer id, epoch and sequence. A producer id without state may start
    /// anywhere (since 2.5): the broker may have forgotten it.
    pub(crate) fn check(&self, header: &BatchHeader, ways: Ways) -> Result<Sequenced, ErrorCode> {
        let Some(state) = self.states.get(&header.producer_id) else {
            let begins = header.producer_id < 0 || header.base_sequence == 0;
            return match ways.on_unknown_producer() {
                UnknownProducer::Unknown if !begins => Err(ErrorCode::UNKNOWN_PRODUCER_ID),
                UnknownProducer::OutOfOrder if !begins => {
                    Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER)
                }
                _ => Ok(Sequenced::New),
            };
        };
        if header.producer_epoch < state.epoch {
            return Err(ErrorCode::INVALID_PRODUCER_EPOCH);
        }
        if header.producer_epoch > state.epoch {
            let fresh = header.base_sequence == 0;
            return if fresh {
                Ok(Sequenced::New)
            } else {
                Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER)
            };
        }
        let last = last_sequence(header);
        if let Some(seen) = state
            .batches
            .iter()
            .rev()
            .take(ways.remembered_batches())
            .find(|seen| seen.first == header.base_sequence && seen.last == last)
        {
            return Ok(Sequenced::Duplicate {
                base_offset: seen.base_offset,
                last_offset: seen.last_offset,
                timestamp: seen.timestamp,
            });
        }
        match state.batches.back() {
            Some(newest) if header.base_sequence != advance(newest.last, 1) => {
                Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER)
            }
            _ => Ok(Sequenced::New),
        }
    }

    /// Remembers an appended batch.
    pub(crate) fn record(&mut self, header: &BatchHeader) {
        if header.producer_id < 0 || header.attributes.is_control() {
            return;
        }
        let fresh = || ProducerState { epoch: header.producer_epoch, batches: VecDeque::new() };
        let state = self.states.entry(header.producer_id).or_insert_with(fresh);
        if state.epoch != header.producer_epoch {
            *state = fresh();
        }
        if state.batches.len() >= REMEMBERED {
            state.batches.pop_front();
        }
        state.batches.push_back(Remembered {
            first: header.base_sequence,
            last: last_sequence(header),
            base_offset: header.base_offset,
            last_offset: header.last_offset().unwrap_or(header.base_offset),
            timestamp: header.max_timestamp,
        });
    }

    /// The log was cut back to `end`: what was appended behind it is forgotten, and what the batches
    /// that are left say of its producers is remembered again. Batches that went at the front of the
    /// log still count.
    pub(crate) fn truncate(&mut self, end: i64, left: impl Iterator<Item = BatchHeader>) {
        let is_cut = |state: &ProducerState| {
            state.batches.back().is_some_and(|newest| newest.last_offset >= end)
        };
        let ids = self.states.iter().filter(|(_, state)| is_cut(state)).map(|(id, _)| *id);
        let ids: Vec<i64> = ids.collect();
        let cut: BTreeMap<i64, ProducerState> =
            ids.into_iter().filter_map(|id| self.states.remove_entry(&id)).collect();
        for header in left.filter(|header| cut.contains_key(&header.producer_id)) {
            self.record(&header);
        }
        for (id, mut state) in cut {
            state.batches.retain(|batch| batch.last_offset < end);
            let found = self.states.get(&id).map_or(0, |state| state.batches.len());
            if found < state.batches.len() {
                self.states.insert(id, state);
            }
        }
    }

    /// Whether there is state of a producer id.
    pub(crate) fn knows(&self, producer_id: i64) -> bool {
        self.states.contains_key(&producer_id)
    }

    pub(crate) fn forget(&mut self, producer_id: i64) {
        self.states.remove(&producer_id);
    }

    /// Forgets the producers whose last batch is older than a timestamp.
    pub(crate) fn forget_older(&mut self, than: i64) -> bool {
        let known = self.states.len();
        self.states
            .retain(|_, state| state.batches.back().is_some_and(|last| last.timestamp >= than));
        self.states.len() < known
    }
}

fn last_sequence(header: &BatchHeader) -> i32 {
    advance(header.base_sequence, header.last_offset_delta)
}

/// Sequence numbers go on with 0 behind 2^31 - 1.
fn advance(sequence: i32, by: i32) -> i32 {
    sequence.wrapping_add(by) & i32::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(epoch: i16, sequence: i32, count: i32) -> BatchHeader {
        BatchHeader {
            producer_id: 7,
            producer_epoch: epoch,
            base_sequence: sequence,
            last_offset_delta: count - 1,
            records_count: count,
            ..BatchHeader::default()
        }
    }

    /// Appends batches of the given (epoch, sequence, count), then judges another one.
    fn check(
        appended: &[(i16, i32, i32)],
        next: (i16, i32, i32),
        expected: Result<Option<i64>, ErrorCode>,
    ) {
        let ways = Ways(kafka_proto::releases::NEWEST);
        let mut producers = Producers::default();
        for (at, (epoch, sequence, count)) in appended.iter().enumerate() {
            let header = BatchHeader { base_offset: at as i64, ..batch(*epoch, *sequence, *count) };
            assert_eq!(
                producers.check(&header, ways),
                Ok(Sequenced::New),
                "batch {at} of {appended:?}"
            );
            producers.record(&header);
        }
        let found =
            producers.check(&batch(next.0, next.1, next.2), ways).map(
                |sequenced| match sequenced {
                    Sequenced::New => None,
                    Sequenced::Duplicate { base_offset, .. } => Some(base_offset),
                },
            );
        assert_eq!(found, expected, "{appended:?} then {next:?}");
    }

    #[test]
    fn sequences_are_judged_as_a_broker_does() {
        let out_of_order = Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
        let fenced = Err(ErrorCode::INVALID_PRODUCER_EPOCH);
        check(&[], (0, 0, 1), Ok(None));
        check(&[], (3, 2_147_483_646, 1), Ok(None));
        check(&[(0, 0, 3)], (0, 3, 1), Ok(None));
        check(&[(0, 0, 3)], (0, 4, 1), out_of_order);
        check(&[(0, 0, 3)], (0, 0, 3), Ok(Some(0)));
        check(&[(0, 0, 3)], (0, 0, 2), out_of_order);
        check(&[(0, 0, 3)], (0, 2, 2), out_of_order);
        check(&[(1, 0, 3)], (0, 3, 1), fenced);
        check(&[(1, 0, 3)], (0, 0, 3), fenced);
        check(&[(1, 0, 3)], (2, 0, 3), Ok(None));
        check(&[(1, 0, 3)], (2, 3, 3), out_of_order);
        check(&[(0, 2_147_483_646, 3)], (0, 1, 1), Ok(None));
        check(&[(0, 2_147_483_647, 1)], (0, 0, 1), Ok(None));
        check(&[(0, 2_147_483_646, 3)], (0, 5, 1), out_of_order);
        let six = [(0, 0, 1), (0, 1, 1), (0, 2, 1), (0, 3, 1), (0, 4, 1), (0, 5, 1)];
        check(&six, (0, 1, 1), Ok(Some(1)));
        check(&six, (0, 5, 1), Ok(Some(5)));
        check(&six, (0, 0, 1), out_of_order);
    }
}
