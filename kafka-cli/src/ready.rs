//! Results that are there without a wait.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use kafka_tokio::{Deliveries, Error, RecordMetadata};

/// Takes the next result if it is there. Nobody is woken when it comes: this is for callers that ask again later.
pub(crate) fn next_ready(deliveries: &mut Deliveries) -> Option<Result<RecordMetadata, Error>> {
    let mut cx = Context::from_waker(Waker::noop());
    match pin!(deliveries.next()).poll(&mut cx) {
        Poll::Ready(result) => result,
        Poll::Pending => None,
    }
}
