//! An operation that waits for what it wants to know of a topic.

use core::cmp::min;

use crate::cluster::Topic;
use crate::command::Wanted;
use crate::engine::ctx::Ctx;
use crate::engine::timers::Timer;
use crate::id::OpId;
use crate::time::Instant;

#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) op: OpId,
    wanted: Wanted,
    /// What was asked for before says nothing.
    since: Instant,
    /// When the operation ends.
    deadline: Instant,
    search: Option<Search>,
}

/// A partition that the brokers that were asked don't have: not every one hears at once that it was added.
#[derive(Debug)]
struct Search {
    /// When it ends with what is known then: the operation's retry timer comes.
    until: Instant,
    /// So many answers have said so.
    answers: u32,
    next_ask: Instant,
}

impl Waiter {
    pub(super) fn new(op: OpId, wanted: Wanted, since: Instant, deadline: Instant) -> Self {
        Self { op, wanted, since, deadline, search: None }
    }

    /// Whether a topic as it is known will do.
    pub(super) fn is_content(&self, topic: &Topic) -> bool {
        is_enough(topic, self.wanted)
    }

    /// Whether it waits no more, for brokers that were asked at a time describe the topic so. If they lack its partition, a
    /// search begins, or goes on.
    pub(super) fn is_answered(&mut self, ctx: &mut Ctx, asked_at: Instant, topic: &Topic) -> bool {
        if !self.asked_before(asked_at) {
            return false;
        }
        if self.is_content(topic) || !matches!(self.wanted, Wanted::Partition(_)) {
            return true;
        }
        let (now, op, deadline) = (ctx.now, self.op, self.deadline);
        let search = self.search.get_or_insert_with(|| {
            // What comes of it has to be told in time, and more may be to do then.
            let left = deadline.saturating_duration_since(now) / 2;
            let until = now + min(ctx.config.retry_backoff_max, left);
            ctx.timers.set(Timer::OpRetry(op), until);
            Search { until, answers: 0, next_ask: now }
        });
        search.answers = search.answers.saturating_add(1);
        search.next_ask = now + ctx.retry_backoff(search.answers);
        now >= search.until
    }

    /// Whether it began to wait before brokers were asked then.
    pub(super) fn asked_before(&self, asked_at: Instant) -> bool {
        self.since <= asked_at
    }

    /// Whether no answer has told it anything.
    pub(super) fn is_untold(&self) -> bool {
        self.search.is_none()
    }

    /// Whether it has searched for long enough.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.search.as_ref().is_some_and(|search| search.until <= now)
    }

    /// When to ask again, if brokers lack its partition so far.
    pub(super) fn next_ask(&self) -> Option<Instant> {
        self.search.as_ref().map(|search| search.next_ask)
    }
}

/// Whether a topic as it is known has what is wanted.
pub(super) fn is_enough(topic: &Topic, wanted: Wanted) -> bool {
    match wanted {
        Wanted::Known => true,
        Wanted::Fresh => false,
        Wanted::Partition(number) => {
            usize::try_from(number).map_or(true, |index| index < topic.partitions.len())
        }
    }
}
