//! A consumer as a stream.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use kafka_engine::Error;

use crate::consumer::core::Awake;
use crate::consumer::fill::Found;
use crate::consumer::poll::Consumer;
use crate::consumer::records::{OwnedRecord, Records};

/// Records one at a time, from [`Consumer::stream`].
///
/// It waits for ever, and ends when the consumer is closed. A partition that can't go on is an `Err`, again and again
/// until the position is moved by a seek or what is wrong has passed, but records of other partitions come between.
/// Ends of partitions are not told.
pub struct RecordStream<'a> {
    consumer: &'a mut Consumer,
    /// What the last record was found in, kept for its memory.
    found: Found,
}

impl<'a> RecordStream<'a> {
    pub(super) fn new(consumer: &'a mut Consumer) -> Self {
        Self { consumer, found: Found::default() }
    }

    /// The next record, without a crate of stream combinators. Cancel-safe.
    pub async fn next(&mut self) -> Option<Result<OwnedRecord, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    fn take_record(&mut self) -> Option<OwnedRecord> {
        let found = std::mem::take(&mut self.found);
        let mut records =
            Records { sections: found.sections, len: found.records, ..Records::default() };
        let record = records.iter().next().map(|record| record.to_owned());
        records.sections.clear();
        self.found.sections = records.sections;
        record
    }
}

impl Stream for RecordStream<'_> {
    type Item = Result<OwnedRecord, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.consumer.filler.core.take_signal() == Some(Awake::Closed) {
            return Poll::Ready(None);
        }
        loop {
            if let Err(error) = this.consumer.filler.fill(1, &mut this.found) {
                return Poll::Ready(Some(Err(error)));
            }
            let ended = !this.found.ends.is_empty() || !this.found.truncations.is_empty();
            if let Some(record) = this.take_record() {
                return Poll::Ready(Some(Ok(record)));
            }
            if ended {
                // They are told once, and may have hidden a failure, which nothing else will tell of.
                continue;
            }
            match this.consumer.filler.core.poll_signal(cx) {
                Poll::Ready(Awake::Closed) => return Poll::Ready(None),
                // Only a poll returns without a record.
                Poll::Ready(Awake::Readable | Awake::Woken) => {}
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl fmt::Debug for RecordStream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RecordStream").field(&self.consumer).finish()
    }
}
