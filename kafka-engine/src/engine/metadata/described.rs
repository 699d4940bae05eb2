//! What an answer says of one topic, and what becomes of those who waited for it.

use alloc::sync::Arc;
use core::time::Duration;

use kafka_proto::Uuid;
use kafka_proto::messages::metadata::MetadataResponseTopic;

use super::{Changes, Metadata};
use crate::cluster::Cluster;
use crate::engine::ctx::Ctx;
use crate::engine::snapshot::{self, Verdict};
use crate::engine::waiter::Waiter;
use crate::error::{Error, ErrorKind};
use crate::time::Instant;

/// For how long brokers may say that a topic does not exist before it is believed: a topic that was just
/// created is unknown to some of them for a moment.
const UNKNOWN_TOPIC_GRACE: Duration = Duration::from_secs(5);

impl Metadata {
    /// One topic of a response. Gives whether it has to be asked for again soon.
    pub(super) fn take_topic(
        &mut self,
        ctx: &mut Ctx,
        (name, asked_at): (&Arc<str>, Instant),
        described: Option<&MetadataResponseTopic>,
        cluster: &mut Cluster,
        changes: &mut Changes,
    ) -> bool {
        let now = ctx.now;
        let key = self.intern(ctx, name);
        let Some(interest) = self.topics.get_mut(key.0 as usize) else {
            return false;
        };
        if asked_at < interest.told_at {
            // The answer was overtaken, and may tell of what has been before.
            return interest.is_unsettled();
        }
        interest.told_at = asked_at;
        let known = interest.known_beside(described, now);
        match snapshot::judge(key, name, described, known.as_ref()) {
            Verdict::Known { topic, settled } => {
                if interest.topic.as_ref() != Some(&topic) {
                    changes.topics.push(key);
                }
                if let Some(before) = interest.know(&topic) {
                    self.by_id.remove(&before.id.0);
                }
                if topic.id != Uuid::ZERO {
                    self.by_id.insert(topic.id.0, key);
                }
                let answered = |waiter: &mut Waiter| waiter.is_answered(ctx, asked_at, &topic);
                let found = interest.waiters.extract_if(.., answered);
                changes.found.extend(found.map(|waiter| (waiter.op, Ok(Arc::clone(&topic)))));
                cluster.topics.insert(Arc::clone(name), topic);
                !settled
            }
            // Nobody would miss it, so it may as well be gone.
            Verdict::Unknown if !interest.is_wanted() => {
                if let Some(known) = interest.forget() {
                    self.by_id.remove(&known.id.0);
                }
                cluster.topics.remove(name);
                false
            }
            Verdict::Unknown => {
                let since = *interest.unknown_since.get_or_insert(now);
                if now.saturating_duration_since(since) < UNKNOWN_TOPIC_GRACE {
                    return true;
                }
                let error = Error::new(ErrorKind::UnknownTopic { topic: Arc::clone(name) });
                changes.found.extend(interest.fail(&error, asked_at));
                if interest.miss() || interest.users > 0 {
                    changes.topics.push(key);
                }
                cluster.topics.remove(name);
                interest.users > 0
            }
            Verdict::Passing => interest.is_live(),
            Verdict::Refused(code) => {
                let context = alloc::format!("metadata of topic {name}");
                let error = Error::new(ErrorKind::Broker { code, context, message: None });
                changes.found.extend(interest.refuse(&error, asked_at));
                // A partition of it may be without a leader, and what was refused may be granted by the next broker.
                interest.users > 0
            }
        }
    }
}
