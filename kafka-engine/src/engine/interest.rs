//! What is known of one topic, and who cares.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use kafka_proto::Uuid;
use kafka_proto::messages::metadata::MetadataResponseTopic;

use crate::cluster::Topic;
use crate::engine::snapshot;
use crate::engine::waiter::Waiter;
use crate::error::Error;
use crate::id::OpId;
use crate::time::Instant;

/// For how long brokers may tell only of older leaders before it is believed that the topic is another one. Before 2.8 they
/// have no ids that would say so; and none is behind for so long.
const OLDER_LEADER_GRACE: Duration = Duration::from_secs(15);

/// And so many answers in a row have to say so: whoever is refused by such leaders asks again all the time.
const OLDER_LEADER_ANSWERS: u32 = 10;

/// A topic that somebody uses, or waits for.
#[derive(Debug)]
pub(crate) struct Interest {
    pub(crate) name: Arc<str>,
    pub(crate) topic: Option<Arc<Topic>>,
    /// What was known of it before brokers said that it does not exist.
    former: Option<Arc<Topic>>,
    /// Whether the broker may create it.
    pub(super) create: bool,
    pub(super) waiters: Vec<Waiter>,
    /// When the answer was asked for that told of it last.
    pub(super) told_at: Instant,
    /// Since when brokers say that it does not exist.
    pub(super) unknown_since: Option<Instant>,
    /// Since when brokers that tell no ids have only told of older leaders than are known, and how often.
    behind: Option<(Instant, u32)>,
    /// Producers and consumers that use it.
    pub(super) users: u32,
    /// When it was last used by anybody.
    pub(super) last_used: Instant,
}

/// An operation, and what became of the topic that it waited for.
type Found = (OpId, Result<Arc<Topic>, Error>);

impl Interest {
    pub(super) fn new(name: Arc<str>, now: Instant) -> Self {
        Self {
            name,
            topic: None,
            former: None,
            create: false,
            waiters: Vec::new(),
            told_at: Instant::ZERO,
            unknown_since: None,
            behind: None,
            users: 0,
            last_used: now,
        }
    }

    pub(super) fn entry(&self) -> Option<(Arc<str>, Arc<Topic>)> {
        Some((Arc::clone(&self.name), Arc::clone(self.topic.as_ref()?)))
    }

    /// What is known of it, unless it is made again, as far as that can be told.
    pub(super) fn known_beside(
        &mut self,
        described: Option<&MetadataResponseTopic>,
        now: Instant,
    ) -> Option<Arc<Topic>> {
        let Some(known) = &self.topic else {
            // Without an id it may be another one.
            let has_id = described.is_some_and(|described| described.topic_id != Uuid::ZERO);
            return self.former.clone().filter(|_| has_id);
        };
        if !described.is_some_and(|described| snapshot::is_behind(described, known)) {
            self.behind = None;
            return Some(Arc::clone(known));
        }
        let (since, answers) = self.behind.map_or((now, 1), |(since, before)| (since, before + 1));
        if now.saturating_duration_since(since) < OLDER_LEADER_GRACE
            || answers < OLDER_LEADER_ANSWERS
        {
            self.behind = Some((since, answers));
            return Some(Arc::clone(known));
        }
        self.behind = None;
        None
    }

    /// Brokers that were asked then refuse to tell of it: for whom it is enough goes on with what is known.
    pub(super) fn refuse(
        &mut self,
        error: &Error,
        asked_at: Instant,
    ) -> impl Iterator<Item = Found> {
        let known = self.topic.as_ref();
        let told = self.waiters.extract_if(.., move |waiter| waiter.asked_before(asked_at));
        told.map(move |waiter| {
            let enough = known.filter(|topic| waiter.is_content(topic));
            (waiter.op, enough.cloned().ok_or_else(|| error.clone()))
        })
    }

    /// Whatever was wanted of it when brokers were asked, they don't have it.
    pub(super) fn fail(&mut self, error: &Error, asked_at: Instant) -> impl Iterator<Item = Found> {
        let told = self.waiters.extract_if(.., move |waiter| waiter.asked_before(asked_at));
        told.map(|waiter| (waiter.op, Err(error.clone())))
    }

    /// Takes in what is known of it now. Gives what was known before.
    pub(super) fn know(&mut self, topic: &Arc<Topic>) -> Option<Arc<Topic>> {
        self.unknown_since = None;
        let former = self.former.take();
        self.topic.replace(Arc::clone(topic)).or(former)
    }

    /// It does not exist, but it is wanted: should it come back as the same topic after all, what was known of its leaders
    /// holds. Gives whether anything was known.
    pub(super) fn miss(&mut self) -> bool {
        let known = self.topic.take();
        let was_known = known.is_some();
        self.former = known.or(self.former.take());
        was_known
    }

    /// Nothing is known of it any more. Gives what was.
    pub(super) fn forget(&mut self) -> Option<Arc<Topic>> {
        let former = self.former.take();
        self.topic.take().or(former)
    }

    /// Whether somebody waits for it who would have it created.
    pub(super) fn is_to_be_created(&self) -> bool {
        self.create && self.topic.is_none() && !self.waiters.is_empty()
    }

    /// Whether somebody uses it or waits for it.
    pub(super) fn is_wanted(&self) -> bool {
        self.users > 0 || !self.waiters.is_empty()
    }

    /// Whether somebody uses it or waits for it, and a part of it can't be used.
    pub(super) fn is_unsettled(&self) -> bool {
        let led = |topic: &Arc<Topic>| topic.partitions.iter().all(|part| part.leader.is_some());
        self.is_wanted() && !self.topic.as_ref().is_some_and(led)
    }

    /// Whether it is worth asking for.
    pub(super) fn is_live(&self) -> bool {
        self.is_wanted() || self.topic.is_some()
    }
}
