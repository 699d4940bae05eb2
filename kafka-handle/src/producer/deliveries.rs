//! Many deliveries at the price of a few.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use kafka_engine::Error;

use crate::block_on::block_on;
use crate::producer::delivery::{BatchSlot, Completion, Delivery, RecordMetadata};

/// The deliveries of many records, in the order in which they were pushed.
///
/// Neighbours of one batch are kept as a range, so that a million records of a few thousand batches cost a few
/// thousand entries, and waiting for them as many wake-ups at most.
#[derive(Default)]
#[must_use = "a record may fail after it was accepted"]
pub struct Deliveries {
    entries: VecDeque<Entry>,
    len: usize,
}

enum Entry {
    Accepted { batch: Arc<BatchSlot>, range: Range<u32> },
    Refused(Error),
}

impl Deliveries {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, delivery: Delivery) {
        self.push_record(&delivery.batch, delivery.index());
    }

    /// Adds a record that was not accepted.
    pub fn push_error(&mut self, error: Error) {
        self.entries.push_back(Entry::Refused(error));
        self.len += 1;
    }

    /// How many records there are whose result has not been taken.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Waits for the result of the next record and takes it; `None` when there are no more. Cancel-safe.
    pub async fn next(&mut self) -> Option<Result<RecordMetadata, Error>> {
        if let Entry::Accepted { batch, .. } = self.entries.front()? {
            Completion::of(Arc::clone(batch)).await;
        }
        self.take_next()
    }

    /// As [`next`](Self::next), on this thread. Not for use within an async task.
    pub fn next_blocking(&mut self) -> Option<Result<RecordMetadata, Error>> {
        block_on(self.next())
    }

    /// Waits for every record.
    ///
    /// # Errors
    /// The first failure, in the order of the records.
    pub async fn all(mut self) -> Result<(), Error> {
        let mut first = Ok(());
        while let Some(entry) = self.entries.pop_front() {
            let failure = match entry {
                Entry::Refused(error) => Some(error),
                Entry::Accepted { batch, range } => {
                    Completion::of(Arc::clone(&batch)).await;
                    range.filter_map(|index| batch.result(index)).find_map(Result::err)
                }
            };
            if let (Some(error), Ok(())) = (failure, &first) {
                first = Err(error);
            }
        }
        first
    }

    /// As [`all`](Self::all), on this thread. Not for use within an async task.
    ///
    /// # Errors
    /// The first failure, in the order of the records.
    pub fn wait(self) -> Result<(), Error> {
        block_on(self.all())
    }

    pub(super) fn push_record(&mut self, batch: &Arc<BatchSlot>, index: u32) {
        self.len += 1;
        if let Some(Entry::Accepted { batch: last, range }) = self.entries.back_mut()
            && range.end == index
            && Arc::ptr_eq(last, batch)
        {
            range.end += 1;
            return;
        }
        let range = index..index.saturating_add(1);
        self.entries.push_back(Entry::Accepted { batch: Arc::clone(batch), range });
    }

    fn take_next(&mut self) -> Option<Result<RecordMetadata, Error>> {
        let result = match self.entries.front_mut()? {
            Entry::Accepted { batch, range } => {
                let result = batch.result(range.start)?;
                range.start += 1;
                if range.start >= range.end {
                    self.entries.pop_front();
                }
                result
            }
            Entry::Refused(_) => match self.entries.pop_front()? {
                Entry::Refused(error) => Err(error),
                Entry::Accepted { .. } => return None,
            },
        };
        self.len -= 1;
        Some(result)
    }
}

impl Extend<Delivery> for Deliveries {
    fn extend<I: IntoIterator<Item = Delivery>>(&mut self, deliveries: I) {
        deliveries.into_iter().for_each(|delivery| self.push(delivery));
    }
}

impl FromIterator<Delivery> for Deliveries {
    fn from_iter<I: IntoIterator<Item = Delivery>>(deliveries: I) -> Self {
        let mut all = Self::new();
        all.extend(deliveries);
        all
    }
}

impl fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deliveries").field("len", &self.len).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use kafka_engine::{ErrorKind, Outcome};

    use super::*;

    #[test]
    fn neighbours_are_one_entry_and_order_is_kept() {
        let batches: Vec<_> = (0..3).map(|partition| Arc::new(BatchSlot::new(partition))).collect();
        let pushed = [(0, 0), (0, 1), (0, 2), (1, 0), (0, 3), (0, 4), (2, 7), (2, 9)];
        let mut deliveries: Deliveries = pushed
            .iter()
            .map(|(batch, index)| Delivery::new(Arc::clone(&batches[*batch]), *index))
            .collect();
        deliveries.push_error(Error::new(ErrorKind::Closed));
        assert_eq!((deliveries.len(), deliveries.entries.len()), (9, 6));
        for batch in &batches {
            let outcome = Outcome::Appended { base_offset: Some(100), log_append_time: None };
            batch.complete(vec![(0..10, outcome)]);
        }
        for (left, (batch, index)) in (1..9).rev().zip(pushed) {
            let at = deliveries.next_blocking().expect("one more").expect("appended");
            assert_eq!((at.partition as usize, at.offset), (batch, Some(100 + i64::from(index))));
            assert_eq!(deliveries.len(), left);
        }
        assert!(deliveries.next_blocking().expect("one more").is_err());
        assert!(deliveries.next_blocking().is_none() && deliveries.is_empty());
    }

    #[test]
    fn all_gives_the_first_failure() {
        let batch = Arc::new(BatchSlot::new(0));
        let failed =
            |reason: &str| Error::new(ErrorKind::InvalidArgument { reason: reason.into() });
        let mut deliveries = Deliveries::new();
        deliveries.push(Delivery::new(Arc::clone(&batch), 1));
        deliveries.push_error(failed("second"));
        batch.complete(vec![(0..2, Outcome::Failed(Arc::new(failed("first"))))]);
        assert_eq!(deliveries.wait(), Err(failed("first")));
        assert_eq!(Deliveries::new().wait(), Ok(()));
    }
}
