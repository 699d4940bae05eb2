//! What became of a record.

use std::fmt;
use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};

use kafka_engine::{Error, ErrorKind, Outcome};

use crate::block_on::block_on;
use crate::sync::lock;

/// Where a record was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordMetadata {
    /// The partition.
    pub partition: i32,
    /// Its offset there; `None` if the broker did not say (acks=0, or a retry whose first answer it has forgotten).
    pub offset: Option<i64>,
    /// When the broker appended it, in milliseconds since 1970, on topics with `message.timestamp.type=LogAppendTime`.
    pub timestamp: Option<i64>,
}

/// The fate of an accepted record: a future that is ready when the broker has answered, or the record has failed.
///
/// It is a reference to the record's batch and an index. Dropping it costs and cancels nothing: the record is
/// delivered all the same. It may be polled again after it was ready.
#[derive(Clone)]
#[must_use = "a record may fail after it was accepted: await the delivery, or use `post` and `flush`"]
pub struct Delivery {
    pub(super) batch: Arc<BatchSlot>,
    place: Place,
}

/// The index of a record in its batch and, in the upper half, where the batch keeps the waker of who waits for it.
///
/// In one number, so that a delivery is handed on in two registers: as three fields it goes through memory, written
/// piece by piece and read back at once, for which the processor waits longer than sending takes.
#[derive(Clone, Copy)]
struct Place(u64);

const NOT_WAITING: u32 = u32::MAX;

impl Place {
    #[inline]
    const fn new(index: u32, waiting: u32) -> Self {
        Self((waiting as u64) << 32 | index as u64)
    }

    #[inline]
    const fn index(self) -> u32 {
        self.0 as u32
    }

    const fn waiting(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

impl Delivery {
    #[inline]
    pub(super) fn new(batch: Arc<BatchSlot>, index: u32) -> Self {
        Self { batch, place: Place::new(index, NOT_WAITING) }
    }

    /// Its index in the batch.
    #[inline]
    pub(super) fn index(&self) -> u32 {
        self.place.index()
    }

    /// The partition that was chosen for the record.
    pub fn partition(&self) -> i32 {
        self.batch.partition
    }

    /// The result, if it is there.
    pub fn try_result(&self) -> Option<Result<RecordMetadata, Error>> {
        self.batch.result(self.index())
    }

    /// Waits for the result on this thread. Not for use within an async task.
    ///
    /// # Errors
    /// The record failed; [`Error::written`] says whether the log may have it all the same.
    pub fn wait(self) -> Result<RecordMetadata, Error> {
        block_on(self)
    }
}

impl Future for Delivery {
    type Output = Result<RecordMetadata, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let index = this.index();
        if let Some(result) = this.batch.result(index) {
            return Poll::Ready(result);
        }
        let mut waiting = this.place.waiting();
        let waits = this.batch.wait(&mut waiting, cx.waker());
        this.place = Place::new(index, waiting);
        if waits {
            return Poll::Pending;
        }
        this.batch.result(index).map_or(Poll::Pending, Poll::Ready)
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("partition", &self.batch.partition)
            .field("index", &self.index())
            .field("result", &self.try_result())
            .finish()
    }
}

/// Where the outcome of a batch is put, and who is woken then.
pub(crate) struct BatchSlot {
    partition: i32,
    outcomes: OnceLock<Vec<(Range<u32>, Outcome)>>,
    wakers: Mutex<Vec<Waker>>,
    /// One past the largest index of a record that nobody holds a delivery for.
    posted: AtomicU32,
}

impl BatchSlot {
    pub(crate) fn new(partition: i32) -> Self {
        Self {
            partition,
            outcomes: OnceLock::new(),
            wakers: Mutex::default(),
            posted: AtomicU32::new(0),
        }
    }

    /// Nobody will ask for the result of this record.
    #[inline]
    pub(crate) fn post(&self, index: u32) {
        // Only written under the lock of the partition, and indexes ascend.
        self.posted.store(index.saturating_add(1), Ordering::Relaxed);
    }

    /// The first failure that may concern a posted record, if these are the batch's outcomes.
    pub(crate) fn posted_failure(&self, outcomes: &[(Range<u32>, Outcome)]) -> Option<Error> {
        let posted = self.posted.load(Ordering::Relaxed);
        outcomes.iter().find_map(|(range, outcome)| match outcome {
            Outcome::Failed(error) if range.start < posted => Some(Error::clone(error)),
            _ => None,
        })
    }

    /// Puts the outcome, the first time, and wakes whoever waits. Not to be called under a lock.
    pub(crate) fn complete(&self, outcomes: Vec<(Range<u32>, Outcome)>) {
        if self.outcomes.set(outcomes).is_ok() {
            let wakers = std::mem::take(&mut *lock(&self.wakers));
            wakers.into_iter().for_each(Waker::wake);
        }
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.outcomes.get().is_some()
    }

    /// The result of one record, once the batch has its outcome.
    pub(crate) fn result(&self, index: u32) -> Option<Result<RecordMetadata, Error>> {
        let outcomes = self.outcomes.get()?;
        // There is one range as a rule: more after a split, or when the broker named records that it refused.
        let at = outcomes.partition_point(|(range, _)| range.end <= index);
        Some(match outcomes.get(at) {
            Some((range, Outcome::Appended { base_offset, log_append_time })) => {
                Ok(RecordMetadata {
                    partition: self.partition,
                    offset: base_offset.map(|base| {
                        base.saturating_add(i64::from(index.saturating_sub(range.start)))
                    }),
                    timestamp: *log_append_time,
                })
            }
            Some((_, Outcome::Failed(error))) => Err(Error::clone(error)),
            None => Err(Error::unknown_outcome(ErrorKind::InvalidArgument {
                reason: "the outcome of the batch does not cover the record".into(),
            })),
        })
    }

    /// Has `waker` woken at completion. Returns whether it will be: not if the batch has its outcome already.
    /// `place` is where this waiter's waker is, if it waits already.
    pub(crate) fn wait(&self, place: &mut u32, waker: &Waker) -> bool {
        let mut wakers = lock(&self.wakers);
        if self.outcomes.get().is_some() {
            return false;
        }
        let same = |at: usize| wakers.get(at).is_some_and(|known| known.will_wake(waker));
        let last = wakers.len().saturating_sub(1);
        // Most waiters of a batch are one task that awaits delivery after delivery.
        if same(*place as usize) {
            return true;
        }
        if same(last) {
            *place = u32::try_from(last).unwrap_or(NOT_WAITING);
            return true;
        }
        *place = u32::try_from(wakers.len()).unwrap_or(NOT_WAITING);
        wakers.push(waker.clone());
        true
    }

    /// Ready once the batch has its outcome.
    pub(crate) fn poll_complete(&self, place: &mut u32, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_complete() || !self.wait(place, cx.waker()) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

/// Ready once a batch has its outcome.
pub(crate) struct Completion {
    pub(crate) batch: Arc<BatchSlot>,
    place: u32,
}

impl Completion {
    pub(crate) fn of(batch: Arc<BatchSlot>) -> Self {
        Self { batch, place: NOT_WAITING }
    }
}

impl Future for Completion {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        this.batch.poll_complete(&mut this.place, cx)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Wake;

    use super::*;

    struct Nobody;

    impl Wake for Nobody {
        fn wake(self: Arc<Self>) {}
    }

    fn appended(base_offset: Option<i64>) -> Outcome {
        Outcome::Appended { base_offset, log_append_time: Some(5) }
    }

    #[test]
    fn a_split_batch_keeps_its_handles() {
        let batch = BatchSlot::new(3);
        assert_eq!(batch.result(0), None);
        let failed = Error::new(ErrorKind::Closed);
        batch.complete(vec![
            (0..2, appended(Some(100))),
            (2..3, Outcome::Failed(Arc::new(failed.clone()))),
            (3..9, appended(None)),
        ]);
        batch.complete(vec![(0..9, appended(Some(0)))]);
        let cases = [
            (0, Ok(Some(100))),
            (1, Ok(Some(101))),
            (2, Err(failed.clone())),
            (3, Ok(None)),
            (8, Ok(None)),
        ];
        for (index, expected) in cases {
            let result = batch.result(index).expect("an outcome");
            assert_eq!(result.map(|at| at.offset), expected, "{index}");
        }
        assert!(batch.result(9).expect("an outcome").is_err());
        let at = batch.result(0).expect("an outcome").expect("appended");
        assert_eq!((at.partition, at.timestamp), (3, Some(5)));
    }

    #[test]
    fn a_task_waits_once_for_a_whole_batch() {
        let batch = Arc::new(BatchSlot::new(0));
        let (one, other) = (Waker::from(Arc::new(Nobody)), Waker::from(Arc::new(Nobody)));
        for waker in [&one, &other] {
            for index in 0..100 {
                let mut delivery = Delivery::new(Arc::clone(&batch), index);
                for _ in 0..3 {
                    assert!(
                        Pin::new(&mut delivery).poll(&mut Context::from_waker(waker)).is_pending()
                    );
                }
            }
        }
        assert_eq!(lock(&batch.wakers).len(), 2);
        batch.complete(vec![(0..100, appended(None))]);
        assert!(lock(&batch.wakers).is_empty());
        assert!(!batch.wait(&mut 0, &one));
    }

    #[test]
    fn only_failures_of_posted_records_are_kept() {
        let failed = || Outcome::Failed(Arc::new(Error::new(ErrorKind::Closed)));
        let batch = BatchSlot::new(0);
        assert_eq!(batch.posted_failure(&[(0..10, failed())]), None);
        batch.post(4);
        assert_eq!(batch.posted_failure(&[(0..5, appended(None)), (5..10, failed())]), None);
        assert!(batch.posted_failure(&[(0..4, appended(None)), (4..10, failed())]).is_some());
    }

    #[test]
    fn a_delivery_is_two_words() {
        assert_eq!(size_of::<Delivery>(), 16);
    }
}
