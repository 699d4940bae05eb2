//! What the client knows of the cluster, which topics it cares about, and when it asks again.

mod described;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use kafka_proto::messages::metadata::MetadataRequestTopic;
use kafka_proto::messages::{MetadataRequest, MetadataResponse};
use kafka_proto::{ErrorCode, Str, Uuid};

use crate::cluster::{Cluster, Node, Topic};
use crate::command::Wanted;
use crate::engine::ctx::Ctx;
use crate::engine::interest::Interest;
use crate::engine::lane::Endpoint;
use crate::engine::net::Net;
use crate::engine::purpose::Purpose;
use crate::engine::snapshot;
use crate::engine::timers::Timer;
use crate::engine::waiter::{Waiter, is_enough};
use crate::error::{CloseCause, Error, ErrorKind};
use crate::id::{OpId, TopicKey};
use crate::io::Event;
use crate::time::Instant;
use crate::transitions::EngineState;

/// After this long without an answer another broker is asked too: the first may have stopped.
const PATIENCE: Duration = Duration::from_secs(2);

/// The client's view of the cluster.
#[derive(Debug)]
pub(crate) struct Metadata {
    pub(crate) cluster: Arc<Cluster>,
    topics: Vec<Interest>,
    by_name: BTreeMap<Arc<str>, TopicKey>,
    by_id: BTreeMap<[u8; 16], TopicKey>,
    /// A request is on its way or queued.
    asking: bool,
    /// So many requests were made.
    requests: u64,
    /// The last of them, while it has no answer.
    newest: Option<u64>,
    /// Another refresh is wanted as soon as may be.
    wanted: bool,
    /// The last request was one that creates topics: the next is for all others.
    created_last: bool,
    failures: u32,
    /// No request before this, as a rule.
    not_before: Instant,
    /// Nor before this for somebody who waits for more than is known of a topic: what else is amiss is not his concern.
    soonest: Instant,
    /// The cluster turned out to be another one than the one first seen.
    pub(crate) other_cluster: Option<Error>,
    /// Topics of which an error named a newer leader, and not everybody has been told.
    pub(crate) hinted: BTreeSet<TopicKey>,
}

/// What a metadata response changed.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Topics whose partitions or leaders are other than before.
    pub(crate) topics: Vec<TopicKey>,
    /// Operations that waited for a topic, and what became of it.
    pub(crate) found: Vec<(OpId, Result<Arc<Topic>, Error>)>,
}

impl Metadata {
    pub(crate) fn new() -> Self {
        Self {
            cluster: Arc::new(Cluster::default()),
            topics: Vec::new(),
            by_name: BTreeMap::new(),
            by_id: BTreeMap::new(),
            asking: false,
            requests: 0,
            newest: None,
            wanted: false,
            created_last: false,
            failures: 0,
            not_before: Instant::ZERO,
            soonest: Instant::ZERO,
            other_cluster: None,
            hinted: BTreeSet::new(),
        }
    }

    /// The number of a topic; it gets one when its name is first heard.
    pub(crate) fn intern(&mut self, ctx: &Ctx, name: &Arc<str>) -> TopicKey {
        if let Some(key) = self.by_name.get(name) {
            return *key;
        }
        let key = TopicKey(u32::try_from(self.topics.len()).unwrap_or(u32::MAX));
        self.topics.push(Interest::new(Arc::clone(name), ctx.now));
        self.by_name.insert(Arc::clone(name), key);
        key
    }

    pub(crate) fn key_of(&self, name: &str) -> Option<TopicKey> {
        self.by_name.get(name).copied()
    }

    pub(crate) fn key_of_id(&self, id: Uuid) -> Option<TopicKey> {
        self.by_id.get(&id.0).copied()
    }

    pub(crate) fn topic(&self, key: TopicKey) -> Option<&Arc<Topic>> {
        self.interest(key)?.topic.as_ref()
    }

    /// The topic's id, zero while it is not known or has none.
    pub(crate) fn topic_id(&self, key: TopicKey) -> Uuid {
        self.topic(key).map_or(Uuid::ZERO, |topic| topic.id)
    }

    pub(crate) fn name(&self, key: TopicKey) -> Arc<str> {
        self.interest(key).map_or_else(|| Arc::from(""), |interest| Arc::clone(&interest.name))
    }

    /// The leader of a partition and its epoch.
    pub(crate) fn leader(&self, key: TopicKey, partition: i32) -> Option<(i32, i32)> {
        let topic = self.topic(key)?;
        let partition = topic.partitions.get(usize::try_from(partition).ok()?)?;
        Some((partition.leader?, partition.leader_epoch))
    }

    /// A producer or consumer begins, or ends, to use a topic: while used it is never forgotten.
    pub(crate) fn use_topic(&mut self, ctx: &mut Ctx, key: TopicKey, more: bool) {
        let now = ctx.now;
        if let Some(interest) = self.interest_mut(key) {
            if more && !interest.is_wanted() {
                // What was heard of it before is too old to be believed.
                interest.unknown_since = None;
            }
            interest.users = if more {
                interest.users.saturating_add(1)
            } else {
                interest.users.saturating_sub(1)
            };
            interest.last_used = now;
        }
    }

    /// An operation that ends at `deadline` waits for what it wants to know of a topic, unless that is known.
    pub(crate) fn find(
        &mut self,
        ctx: &mut Ctx,
        (name, wanted): (&Arc<str>, Wanted),
        create: bool,
        (op, deadline): (OpId, Instant),
    ) -> Option<Arc<Topic>> {
        let key = self.intern(ctx, name);
        let now = ctx.now;
        let interest = self.interest_mut(key)?;
        interest.last_used = now;
        interest.create = create || (interest.create && !interest.waiters.is_empty());
        let known = interest.topic.as_ref();
        if let Some(topic) = known.filter(|topic| is_enough(topic, wanted)) {
            return Some(Arc::clone(topic));
        }
        // What is on its way may have been asked for before the topic grew.
        let is_known = known.is_some();
        let since = if is_known { now } else { Instant::ZERO };
        if !interest.is_wanted() || (interest.waiters.is_empty() && interest.topic.is_none()) {
            interest.unknown_since = None;
        }
        interest.waiters.push(Waiter::new(op, wanted, since, deadline));
        self.refresh(ctx);
        if is_known && !self.asking {
            ctx.timers.set_by(Timer::Metadata, self.soonest.max(now));
        }
        None
    }

    /// Whether brokers say that a topic does not exist.
    pub(crate) fn is_denied(&self, name: &str) -> bool {
        self.key_of(name)
            .and_then(|key| self.interest(key))
            .is_some_and(|interest| interest.unknown_since.is_some())
    }

    /// Whether anything depends on knowing the cluster.
    pub(crate) fn is_in_use(&self) -> bool {
        self.topics.iter().any(Interest::is_live)
    }

    /// The operation waits for this topic no more.
    pub(crate) fn forget_waiter(&mut self, op: OpId, topic: &str) {
        if let Some(interest) = self.key_of(topic).and_then(|key| self.interest_mut(key)) {
            interest.waiters.retain(|waiter| waiter.op != op);
        }
    }

    /// Asks for a refresh as soon as may be.
    pub(crate) fn refresh(&mut self, ctx: &mut Ctx) {
        self.wanted = true;
        if !self.asking {
            let at = self.not_before.max(ctx.now);
            ctx.timers.set_by(Timer::Metadata, at);
        }
    }

    /// Somebody misses a partition, which may be added at any time: asks a while after the last answer.
    pub(crate) fn look_again(&self, ctx: &mut Ctx) {
        if !self.asking {
            let at = (self.not_before + ctx.config.retry_backoff_max).max(ctx.now);
            ctx.timers.set_by(Timer::Metadata, at);
        }
    }

    /// The metadata timer has come: asks somebody.
    pub(crate) fn handle_due(&mut self, ctx: &mut Ctx, net: &mut Net) {
        self.drop_unused(ctx);
        if self.topics.is_empty() && !self.wanted && self.cluster.nodes.is_empty() {
            return;
        }
        let Some(lane) = net.pick_control(ctx) else {
            self.back_off(ctx);
            return;
        };
        self.requests = self.requests.wrapping_add(1);
        (self.asking, self.newest) = (true, Some(self.requests));
        ctx.enter(EngineState::MetadataAsked);
        ctx.timers.set(Timer::Metadata, ctx.now + PATIENCE);
        // A request creates every topic that it names or none, so those to be created go by themselves. The two kinds
        // take turns, for a topic may be waited for that nobody will ever make.
        let (to_create, others): (Vec<&Interest>, Vec<&Interest>) = self
            .topics
            .iter()
            .filter(|interest| interest.is_live())
            .partition(|interest| interest.is_to_be_created());
        let create = !to_create.is_empty() && (others.is_empty() || !self.created_last);
        let asked = if create { &to_create } else { &others };
        let topics = asked.iter().map(|interest| Arc::clone(&interest.name)).collect();
        self.wanted = !to_create.is_empty();
        self.created_last = create;
        net.queue(
            ctx,
            lane,
            Purpose::Metadata { number: self.requests, topics, at: ctx.now, create },
        );
    }

    /// The request for these topics; brokers may create them where `create` says so.
    pub(crate) fn request(topics: &[Arc<str>], create: bool, version: i16) -> MetadataRequest {
        let named = |name: &Arc<str>| MetadataRequestTopic {
            name: Some(Str::from(&**name)),
            ..Default::default()
        };
        MetadataRequest {
            topics: Some(topics.iter().map(named).collect()),
            allow_auto_topic_creation: create || version < 4,
            ..Default::default()
        }
    }

    /// The request failed: another broker is asked after a backoff.
    pub(crate) fn handle_lost(&mut self, ctx: &mut Ctx, _cause: &CloseCause) {
        (self.asking, self.newest) = (false, None);
        self.wanted = true;
        self.back_off(ctx);
    }

    /// Takes in what a broker says.
    pub(crate) fn handle_response(
        &mut self,
        ctx: &mut Ctx,
        net: &mut Net,
        (number, asked, asked_at): (u64, &[Arc<str>], Instant),
        response: &MetadataResponse,
    ) -> Changes {
        self.asking = false;
        self.newest.take_if(|newest| *newest == number);
        let mut changes = Changes::default();
        if !self.same_cluster(ctx, response)
            || response.brokers.is_empty()
            || response.error_code != 0
        {
            self.back_off(ctx);
            return changes;
        }
        let mut cluster = Cluster {
            id: response
                .cluster_id
                .as_ref()
                .map(|id| id.to_string())
                .or_else(|| self.cluster.id.clone()),
            controller: (response.controller_id >= 0).then_some(response.controller_id),
            nodes: snapshot::nodes(&response.brokers),
            topics: self.topics.iter().filter_map(Interest::entry).collect(),
        };
        net.set_nodes(ctx, cluster.nodes.iter().map(|(id, node)| (*id, endpoint(node))).collect());
        // Of a topic that is described twice the first holds.
        let mut described = BTreeMap::new();
        for topic in &response.topics {
            if let Some(name) = topic.name.as_deref() {
                described.entry(name).or_insert(topic);
            }
        }
        let mut unsettled = false;
        for name in asked {
            let described = described.get(&**name).copied();
            unsettled |=
                self.take_topic(ctx, (name, asked_at), described, &mut cluster, &mut changes);
        }
        self.cluster = Arc::new(cluster);
        ctx.event(Event::ClusterChanged);
        if self.newest.is_some() && (self.wanted || self.is_awaited()) {
            // Somebody waits for what was asked later.
            self.asking = true;
            return changes;
        }
        unsettled |= self.topics.iter().any(Interest::is_to_be_created);
        if unsettled {
            ctx.enter(EngineState::MetadataUnsettled);
            self.try_again(ctx);
            self.soonest = ctx.now + ctx.config.retry_backoff;
            if let Some(ask) = self.next_search() {
                ctx.timers.set_by(Timer::Metadata, ask);
            }
        } else {
            ctx.enter(EngineState::MetadataFresh);
            self.failures = 0;
            self.not_before = ctx.now + ctx.config.retry_backoff;
            self.soonest = self.not_before;
            let old = ctx.now + ctx.config.metadata_max_age;
            let again = self.next_search().map_or(old, |ask| ask.min(old));
            let again = if self.wanted { self.not_before } else { again };
            ctx.timers.set(Timer::Metadata, again);
        }
        changes
    }

    /// Whether an operation waits for an answer.
    fn is_awaited(&self) -> bool {
        self.topics.iter().flat_map(|interest| &interest.waiters).any(Waiter::is_untold)
    }

    /// The operation searches for no partition of a topic any more, if its time for that is over. Gives for how many it did.
    pub(crate) fn end_search(&mut self, op: OpId, topic: &str, now: Instant) -> usize {
        let is_over = |waiter: &mut Waiter| waiter.op == op && waiter.is_over(now);
        let interest = self.key_of(topic).and_then(|key| self.interest_mut(key));
        interest.map_or(0, |interest| interest.waiters.extract_if(.., is_over).count())
    }

    /// When to ask again for those who miss a partition of a topic.
    fn next_search(&self) -> Option<Instant> {
        let known = self.topics.iter().filter(|interest| interest.topic.is_some());
        let asks = known.flat_map(|interest| &interest.waiters).filter_map(Waiter::next_ask);
        asks.map(|ask| ask.max(self.soonest)).min()
    }

    /// A broker names the leader of a partition in an error (KIP-951). Only a newer epoch counts.
    pub(crate) fn hint_leader(
        &mut self,
        ctx: &mut Ctx,
        key: TopicKey,
        partition: i32,
        leader: i32,
        epoch: i32,
    ) -> bool {
        let Some(topic) = self.topic(key) else {
            return false;
        };
        let Ok(index) = usize::try_from(partition) else {
            return false;
        };
        let newer = topic
            .partitions
            .get(index)
            .is_some_and(|known| epoch > known.leader_epoch && leader >= 0);
        if !newer {
            return false;
        }
        ctx.enter(EngineState::MetadataHinted);
        let mut topic = Topic::clone(topic);
        if let Some(known) = topic.partitions.get_mut(index) {
            known.leader = Some(leader);
            known.leader_epoch = epoch;
        }
        let topic = Arc::new(topic);
        let mut cluster = Cluster::clone(&self.cluster);
        cluster.topics.insert(Arc::clone(&topic.name), Arc::clone(&topic));
        self.cluster = Arc::new(cluster);
        if let Some(interest) = self.interest_mut(key) {
            interest.topic = Some(topic);
        }
        self.hinted.insert(key);
        ctx.event(Event::ClusterChanged);
        true
    }

    fn interest(&self, key: TopicKey) -> Option<&Interest> {
        self.topics.get(key.0 as usize)
    }

    fn interest_mut(&mut self, key: TopicKey) -> Option<&mut Interest> {
        self.topics.get_mut(key.0 as usize)
    }

    fn same_cluster(&mut self, ctx: &mut Ctx, response: &MetadataResponse) -> bool {
        let (Some(known), Some(found)) = (&self.cluster.id, &response.cluster_id) else {
            return true;
        };
        if !ctx.config.cluster_check || known.as_str() == &**found {
            return true;
        }
        let error =
            ErrorKind::OtherCluster { expected: known.clone(), found: String::from(&**found) };
        self.other_cluster = Some(Error::new(error));
        false
    }

    fn back_off(&mut self, ctx: &mut Ctx) {
        ctx.enter(EngineState::MetadataBackingOff);
        self.try_again(ctx);
    }

    fn try_again(&mut self, ctx: &mut Ctx) {
        self.failures = self.failures.saturating_add(1);
        let backoff = ctx.retry_backoff(self.failures);
        self.not_before = ctx.now + backoff;
        self.soonest = self.not_before;
        ctx.timers.set(Timer::Metadata, self.not_before);
    }

    /// Topics that nobody has used for `metadata.max.idle.ms` are not asked for any more.
    fn drop_unused(&mut self, ctx: &Ctx) {
        let idle_max = ctx.config.metadata_max_idle;
        for interest in &mut self.topics {
            if interest.last_used + idle_max <= ctx.now
                && !interest.is_wanted()
                && let Some(known) = interest.forget()
            {
                self.by_id.remove(&known.id.0);
            }
        }
    }
}

pub(crate) fn endpoint(node: &Node) -> Endpoint {
    Endpoint { host: Arc::clone(&node.host), port: node.port }
}

/// Whether an error code says that the client's view of leaders is stale.
pub(crate) fn is_stale(code: ErrorCode) -> bool {
    code.is_invalid_metadata() && !mutant!("leader_never_stale")
}
