//! An operation that waits for its answer.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use kafka_engine::{Command, Error, ErrorKind, Instant, OpId, Reply, Wanted};

use crate::mailbox::{Letter, Urgency};
use crate::producer::{ProducerCore, TopicQueues};
use crate::shared::Shared;
use crate::sync::lock;

/// Who waits for the answer to a command.
pub(crate) enum Answer {
    /// Nobody.
    Nobody,
    /// A future.
    Slot(Arc<OpSlot>),
    /// A producer that looks up a topic in the background.
    Lookup(Arc<ProducerCore>, Arc<TopicQueues>, Wanted),
    /// A producer, and a future, that look for a partition.
    Search(Arc<OpSlot>, Arc<ProducerCore>, Arc<TopicQueues>, i32),
}

impl Answer {
    /// Gives the answer to whoever waits. Not to be called under a lock.
    pub(crate) fn give(self, result: Result<Reply, Error>) {
        match self {
            Self::Nobody => {}
            Self::Slot(slot) => slot.complete(result),
            Self::Lookup(producer, topic, wanted) => {
                producer.looked_up(&topic, wanted, result);
            }
            // The producer learns of it now, for nobody knows when the future is polled.
            Self::Search(slot, producer, topic, partition) => {
                producer.searched(&topic, partition, &result, false);
                slot.complete(result);
            }
        }
    }
}

/// Where an answer is put and who is woken then.
#[derive(Default)]
pub(crate) struct OpSlot {
    state: Mutex<SlotState>,
}

#[derive(Default)]
enum SlotState {
    #[default]
    New,
    Waiting(Waker),
    Done(Result<Reply, Error>),
    Taken,
}

impl OpSlot {
    /// Puts the answer, the first time; later ones are dropped.
    pub(crate) fn complete(&self, result: Result<Reply, Error>) {
        let mut state = lock(&self.state);
        if matches!(*state, SlotState::Done(_) | SlotState::Taken) {
            return;
        }
        let before = std::mem::replace(&mut *state, SlotState::Done(result));
        drop(state);
        if let SlotState::Waiting(waker) = before {
            waker.wake();
        }
    }

    fn poll(&self, waker: &Waker) -> Poll<Result<Reply, Error>> {
        let mut state = lock(&self.state);
        match &mut *state {
            SlotState::Done(_) => match std::mem::replace(&mut *state, SlotState::Taken) {
                SlotState::Done(result) => Poll::Ready(result),
                _ => Poll::Pending,
            },
            SlotState::Taken => Poll::Ready(Err(Error::new(ErrorKind::Closed))),
            SlotState::Waiting(known) if known.will_wake(waker) => Poll::Pending,
            SlotState::New | SlotState::Waiting(_) => {
                let before = std::mem::replace(&mut *state, SlotState::Waiting(waker.clone()));
                drop(state);
                drop(before);
                Poll::Pending
            }
        }
    }
}

/// A command on its way. Dropping it withdraws the command, as far as that is still possible.
pub(crate) struct Operation {
    shared: Arc<Shared>,
    op: OpId,
    slot: Arc<OpSlot>,
    over: bool,
}

impl Operation {
    /// Gives a command to the engine.
    pub(crate) fn start(shared: &Arc<Shared>, command: Command) -> Self {
        Self::send(shared, |op, answer| Letter::Command { op, command, answer })
    }

    /// Looks for a partition that is not known. What comes of it is known to the producer before it is to the future.
    pub(crate) fn search(
        core: &Arc<ProducerCore>,
        topic: &Arc<TopicQueues>,
        partition: i32,
        deadline: Instant,
    ) -> Self {
        let command = core.find_topic(topic, Wanted::Partition(partition), deadline);
        Self::send_slot(&core.shared, |op, slot| {
            let answer = Answer::Search(slot, Arc::clone(core), Arc::clone(topic), partition);
            Letter::Command { op, command, answer }
        })
    }

    /// Closes a producer.
    pub(crate) fn close_producer(producer: &ProducerCore, deadline: Instant) -> Self {
        let key = producer.key;
        Self::send(&producer.shared, |op, answer| Letter::CloseProducer {
            producer: key,
            deadline,
            op,
            answer,
        })
    }

    fn send(shared: &Arc<Shared>, letter: impl FnOnce(OpId, Answer) -> Letter) -> Self {
        Self::send_slot(shared, |op, slot| letter(op, Answer::Slot(slot)))
    }

    fn send_slot(shared: &Arc<Shared>, letter: impl FnOnce(OpId, Arc<OpSlot>) -> Letter) -> Self {
        let slot = Arc::new(OpSlot::default());
        let op = shared.next_op();
        if shared.mailbox.send(letter(op, Arc::clone(&slot)), Urgency::Now).is_err() {
            slot.complete(Err(Error::new(ErrorKind::Closed)));
        }
        Self { shared: Arc::clone(shared), op, slot, over: false }
    }
}

impl Future for Operation {
    type Output = Result<Reply, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = self.slot.poll(cx.waker());
        self.over = polled.is_ready();
        polled
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        if !self.over {
            // A driver that has ended has nothing left to cancel.
            let _ = self.shared.mailbox.send(Letter::Cancel(self.op), Urgency::Now);
        }
    }
}
