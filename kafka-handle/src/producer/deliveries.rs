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
        self.push_record(&delivery.batch, delivery.index);
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
