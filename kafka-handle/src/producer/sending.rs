//! The futures of `send` and `post`.
//!
//! One is made for every record, so they are written by hand: each layer of `async fn` would copy the record, and bring
//! room for all that it might ever have to wait for. Nearly always they are ready when first polled; what has to be
//! waited for is waited for in a box.

use std::future::{Future, ready};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;

use kafka_engine::Error;

use crate::block_on::block_on;
use crate::producer::delivery::Delivery;
use crate::producer::record::Record;
use crate::producer::send::Path;

/// Ready when a record is accepted, with its delivery.
pub(crate) struct Sending<'a>(Accepting<'a>);

/// Ready when a record is accepted that nobody will ask for.
pub(crate) struct Posting<'a>(Accepting<'a>);

struct Accepting<'a> {
    path: Path<'a>,
    record: Record<'a>,
    /// What it waits for, once it does.
    slow: Option<Slow<'a>>,
}

type Slow<'a> = Pin<Box<dyn Future<Output = Result<Delivery, Error>> + Send + 'a>>;

impl<'a> Sending<'a> {
    /// On its way, if `check` has nothing against it.
    #[inline]
    pub(crate) fn new(path: Path<'a>, record: Record<'a>, check: Result<(), Error>) -> Self {
        Self(Accepting::new(path, record, check))
    }

    /// Waits on this thread.
    #[inline]
    pub(crate) fn wait(self) -> Result<Delivery, Error> {
        match self.now() {
            Some(delivery) => Ok(delivery),
            None => self.wait_slowly(),
        }
    }

    #[cold]
    #[inline(never)]
    fn wait_slowly(self) -> Result<Delivery, Error> {
        self.0.breathe();
        block_on(self)
    }

    #[inline]
    fn now(&self) -> Option<Delivery> {
        let (batch, index) = self.0.path_now()?.send_now(&self.0.record)?;
        Some(Delivery::new(batch, index))
    }
}

impl<'a> Posting<'a> {
    /// On its way, if `check` has nothing against it.
    #[inline]
    pub(crate) fn new(path: Path<'a>, record: Record<'a>, check: Result<(), Error>) -> Self {
        Self(Accepting::new(path, record, check))
    }

    /// Waits on this thread.
    #[inline]
    pub(crate) fn wait(self) -> Result<(), Error> {
        match self.now() {
            Some(()) => Ok(()),
            None => self.wait_slowly(),
        }
    }

    #[cold]
    #[inline(never)]
    fn wait_slowly(self) -> Result<(), Error> {
        self.0.breathe();
        block_on(self)
    }

    #[inline]
    fn now(&self) -> Option<()> {
        self.0.path_now()?.post_now(&self.0.record)
    }
}

impl Future for Sending<'_> {
    type Output = Result<Delivery, Error>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.now() {
            Some(delivery) => Poll::Ready(Ok(delivery)),
            None => self.0.poll_slowly(false, cx),
        }
    }
}

impl Future for Posting<'_> {
    type Output = Result<(), Error>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.now() {
            Some(()) => Poll::Ready(Ok(())),
            None => self.0.poll_slowly(true, cx).map_ok(drop),
        }
    }
}

impl<'a> Accepting<'a> {
    #[inline]
    fn new(path: Path<'a>, record: Record<'a>, check: Result<(), Error>) -> Self {
        Self { path, record, slow: check.err().map(refused) }
    }

    /// The path, if it may be tried now: nobody else is to run first, and this does not wait already.
    #[inline]
    fn path_now(&self) -> Option<&Path<'a>> {
        if self.slow.is_some() || self.path.breath.is_due() { None } else { Some(&self.path) }
    }

    #[cold]
    #[inline(never)]
    fn poll_slowly(&mut self, posted: bool, cx: &mut Context<'_>) -> Poll<Result<Delivery, Error>> {
        let Self { path, record, slow } = self;
        let slow = slow.get_or_insert_with(|| Box::pin(path.append_in_time(*record, posted)));
        slow.as_mut().poll(cx)
    }

    /// Lets other threads run, if it is time.
    fn breathe(&self) {
        if self.path.breath.end() {
            thread::yield_now();
        }
    }
}

#[cold]
#[inline(never)]
fn refused<'a>(error: Error) -> Slow<'a> {
    Box::pin(ready(Err(error)))
}
