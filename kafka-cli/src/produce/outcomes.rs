//! What became of each line.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use kafka_tokio::{Deliveries, Delivery, Error, RecordMetadata};

use crate::failure::{Failure, explain, say};
use crate::numbers::grouped;

/// As many failures are told one by one; the others are counted.
const TOLD_MAX: u64 = 20;

/// The results of the lines, in their order: every line has one, so counting them gives the numbers of the lines.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    deliveries: Deliveries,
    /// Lines that have a result, or will have.
    pushed: u64,
    /// Lines whose result was taken.
    taken: u64,
    failed: u64,
}

impl Outcomes {
    /// The next line was accepted.
    #[inline]
    pub(crate) fn push(&mut self, delivery: Delivery) {
        self.pushed += 1;
        self.deliveries.push(delivery);
    }

    /// The next line was not.
    pub(crate) fn push_error(&mut self, error: Error) {
        self.pushed += 1;
        self.deliveries.push_error(error);
    }

    /// How many lines there were.
    pub(crate) fn lines(&self) -> u64 {
        self.pushed
    }

    /// Whether every result was taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.deliveries.is_empty()
    }

    /// Takes the results that are there.
    pub(crate) fn take_ready(&mut self) {
        while let Some(result) = next_ready(&mut self.deliveries) {
            self.take(&result);
        }
    }

    /// Waits for the next result and takes it. Cancel-safe.
    pub(crate) async fn take_next(&mut self) {
        if let Some(result) = self.deliveries.next().await {
            self.take(&result);
        }
    }

    /// Waits for all results, and sums up.
    pub(crate) async fn settle(mut self) -> Result<(), Failure> {
        while !self.is_empty() {
            self.take_next().await;
        }
        if self.failed == 0 {
            return Ok(());
        }
        let more = match self.failed.saturating_sub(TOLD_MAX) {
            0 => String::new(),
            more => format!(" ({} of them not shown)", grouped(more)),
        };
        Err(Failure::Failed(format!(
            "{} of {} records failed{more}",
            grouped(self.failed),
            grouped(self.pushed)
        )))
    }

    fn take(&mut self, result: &Result<RecordMetadata, Error>) {
        self.taken += 1;
        if let Err(error) = result {
            self.failed += 1;
            if self.failed <= TOLD_MAX {
                say(format!("line {}: {}", self.taken, explain(error)));
            }
        }
    }
}

/// Takes the next result if it is there. Nobody is woken when it comes: it is asked for again later.
fn next_ready(deliveries: &mut Deliveries) -> Option<Result<RecordMetadata, Error>> {
    let mut cx = Context::from_waker(Waker::noop());
    match pin!(deliveries.next()).poll(&mut cx) {
        Poll::Ready(result) => result,
        Poll::Pending => None,
    }
}

#[cfg(test)]
mod tests {
    use kafka_tokio::{ErrorKind, block_on};

    use super::*;

    #[test]
    fn failures_are_counted() {
        let mut outcomes = Outcomes::default();
        for _ in 0..25 {
            outcomes.push_error(Error::new(ErrorKind::Closed));
        }
        assert_eq!(outcomes.lines(), 25);
        outcomes.take_ready();
        assert!(outcomes.is_empty());
        let text = "25 of 25 records failed (5 of them not shown)";
        assert_eq!(block_on(outcomes.settle()), Err(Failure::Failed(text.into())));
        assert_eq!(block_on(Outcomes::default().settle()), Ok(()));
    }
}
