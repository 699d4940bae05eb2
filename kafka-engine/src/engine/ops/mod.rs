//! Operations that the application waits for: finding topics, administration, offsets, assignments.

mod admin;
mod grow;
mod offsets;
mod records;

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::cluster::Topic;
use crate::command::{
    CreatedTopic, DeleteBefore, ListedOffset, NewTopic, OffsetSpec, Reply, StartAt, Wanted,
};
use crate::engine::lane::{LaneKey, Line, Peer};
use crate::engine::purpose::{Fate, Purpose};
use crate::engine::timers::Timer;
use crate::engine::world::World;
use crate::error::{Error, ErrorKind};
use crate::id::{ConsumerKey, OpId};
use crate::time::Instant;
use crate::transitions::EngineState;

pub(crate) use offsets::{group_by_leader, offsets_request};

/// The operations under way.
#[derive(Debug, Default)]
pub(crate) struct Ops {
    ops: BTreeMap<OpId, Op>,
}

/// One operation.
#[derive(Debug)]
pub(crate) struct Op {
    pub(crate) kind: OpKind,
    failures: u32,
    /// Topics that it waits for.
    missing: usize,
    /// Requests of it that are out.
    out: usize,
    /// A request of it was lost after it may have been carried out.
    maybe_done: bool,
    /// The latest refusal that is being retried.
    refusal: Option<Error>,
}

/// What an operation does.
#[derive(Debug)]
pub(crate) enum OpKind {
    FindTopic {
        topic: Arc<str>,
        wanted: Wanted,
    },
    Describe {
        topics: Option<Vec<Arc<str>>>,
    },
    Create {
        topics: Vec<NewTopic>,
        validate_only: bool,
        results: Slots<CreatedTopic>,
        timeout_ms: i32,
    },
    Delete {
        topics: Vec<Arc<str>>,
        results: Slots<()>,
        timeout_ms: i32,
    },
    Grow {
        /// Each with the number of partitions that it is to have.
        topics: Vec<(Arc<str>, i32)>,
        results: Slots<()>,
        timeout_ms: i32,
    },
    DeleteRecords {
        partitions: Vec<(Arc<str>, i32, DeleteBefore)>,
        results: Slots<i64>,
        timeout_ms: i32,
    },
    Offsets {
        partitions: Vec<(Arc<str>, i32, OffsetSpec)>,
        results: Slots<ListedOffset>,
    },
    Assign {
        consumer: ConsumerKey,
        partitions: Vec<(Arc<str>, i32, StartAt)>,
    },
}

/// Results as they come, in the order asked.
pub(crate) type Slots<T> = Vec<Option<Result<T, Error>>>;

/// What the engine does next for an operation.
#[derive(Debug)]
pub(crate) enum Step {
    /// Nothing for now.
    Wait,
    /// It is over.
    Done(Result<Reply, Error>),
    /// Its topics are known: assign.
    Assign(ConsumerKey, Vec<(Arc<str>, i32, StartAt)>),
}

impl Ops {
    /// Begins an operation that ends at `deadline` at the latest. Topics may have grown: before a partition is refused for not
    /// being there, brokers are asked for a while.
    pub(crate) fn begin(
        &mut self,
        world: &mut World,
        op: OpId,
        kind: OpKind,
        deadline: Instant,
        create: bool,
    ) {
        world.ctx.timers.set(Timer::Op(op), deadline);
        world.ctx.enter(EngineState::OperationBegun);
        let mut missing = 0;
        for (topic, wanted) in &kind.topics_needed() {
            let (wanted, op) = ((topic, *wanted), (op, deadline));
            if world.metadata.find(&mut world.ctx, wanted, create, op).is_none() {
                missing += 1;
            }
        }
        self.ops.insert(
            op,
            Op { kind, failures: 0, missing, out: 0, maybe_done: false, refusal: None },
        );
    }

    /// Goes on with an operation that waits for nothing.
    pub(crate) fn step(&mut self, world: &mut World, id: OpId) -> Step {
        let Some(op) = self.ops.get_mut(&id) else {
            return Step::Wait;
        };
        if op.missing > 0 || op.out > 0 {
            return Step::Wait;
        }
        match &op.kind {
            OpKind::FindTopic { topic, .. } => {
                match world.metadata.key_of(topic).and_then(|key| world.metadata.topic(key)) {
                    Some(topic) => Step::Done(Ok(Reply::Topic(Arc::clone(topic)))),
                    None => Step::Wait,
                }
            }
            OpKind::Assign { consumer, partitions } => Step::Assign(*consumer, partitions.clone()),
            OpKind::Describe { .. } => op.ask_any(world, id),
            OpKind::Create { .. } | OpKind::Delete { .. } | OpKind::Grow { .. } => {
                match op.take_admin_reply() {
                    Some(reply) => Step::Done(Ok(reply)),
                    None => op.ask_controller(world, id),
                }
            }
            OpKind::Offsets { .. } | OpKind::DeleteRecords { .. } => match op.take_shared_reply() {
                Some(reply) => Step::Done(Ok(reply)),
                None => op.ask_leaders(world, id),
            },
        }
    }

    /// A topic that an operation waits for is known, or does not exist.
    pub(crate) fn handle_found(
        &mut self,
        world: &mut World,
        id: OpId,
        found: Result<Arc<Topic>, Error>,
    ) -> Step {
        let Some(op) = self.ops.get_mut(&id) else {
            return Step::Wait;
        };
        match found {
            Ok(_) => {
                op.missing = op.missing.saturating_sub(1);
                self.step(world, id)
            }
            Err(error) => Step::Done(Err(error)),
        }
    }

    /// A request of an operation will not be answered: tries again after a backoff.
    pub(crate) fn handle_lost(&mut self, world: &mut World, id: OpId, fate: Fate) {
        if let Some(op) = self.ops.get_mut(&id) {
            op.maybe_done |= fate == Fate::Unknown;
            op.out = op.out.saturating_sub(1);
            op.try_again(world, id);
        }
    }

    /// One leader has answered its share: retries what is open once all have, or the operation may be over.
    pub(super) fn after_share(
        &mut self,
        world: &mut World,
        id: OpId,
        passing: Option<Error>,
        complete: bool,
    ) -> Step {
        match self.get_mut(id) {
            Some(op) if !complete && op.out == 0 => {
                if let Some(error) = passing {
                    op.note_refusal(error);
                }
                op.try_again(world, id);
                Step::Wait
            }
            _ => self.step(world, id),
        }
    }

    /// An operation is to go on: after a backoff, or because it has searched for partitions for long enough.
    pub(crate) fn handle_retry(&mut self, world: &mut World, id: OpId) -> Step {
        if let Some(op) = self.ops.get_mut(&id).filter(|op| op.missing > 0) {
            let now = world.ctx.now;
            for topic in op.kind.topics_needed().keys() {
                let over = world.metadata.end_search(id, topic, now);
                op.missing = op.missing.saturating_sub(over);
            }
        }
        self.step(world, id)
    }

    /// An operation's time is over.
    pub(crate) fn handle_deadline(&mut self, world: &mut World, id: OpId) -> Step {
        let Some(op) = self.ops.get(&id) else {
            return Step::Wait;
        };
        world.ctx.enter(EngineState::OperationOverdue);
        Step::Done(Err(op.overdue(world)))
    }

    /// Forgets an operation, whether it is done or cancelled.
    pub(crate) fn end(&mut self, world: &mut World, id: OpId) -> Option<Op> {
        let op = self.ops.remove(&id)?;
        world.ctx.timers.clear(Timer::Op(id));
        world.ctx.timers.clear(Timer::OpRetry(id));
        if op.missing > 0 {
            op.kind
                .topics_needed()
                .keys()
                .for_each(|topic| world.metadata.forget_waiter(id, topic));
        }
        Some(op)
    }

    pub(crate) fn get_mut(&mut self, id: OpId) -> Option<&mut Op> {
        self.ops.get_mut(&id)
    }

    pub(crate) fn ids(&self) -> Vec<OpId> {
        self.ops.keys().copied().collect()
    }
}

impl Op {
    /// One answer is in.
    pub(super) fn answered(&mut self) {
        self.out = self.out.saturating_sub(1);
    }

    fn ask_any(&mut self, world: &mut World, id: OpId) -> Step {
        match world.net.pick_control(&mut world.ctx) {
            Some(lane) => {
                self.out += 1;
                world.net.queue(&mut world.ctx, lane, Purpose::Op(id));
            }
            None => self.try_again(world, id),
        }
        Step::Wait
    }

    /// Topics are created, grown and deleted by the controller; a KRaft broker names any node, which passes it on.
    fn ask_controller(&mut self, world: &mut World, id: OpId) -> Step {
        let cluster = Arc::clone(&world.metadata.cluster);
        match cluster
            .controller
            .filter(|node| cluster.nodes.contains_key(node) && self.failures < 3)
        {
            Some(node) => {
                self.out += 1;
                let lane = LaneKey { peer: Peer::Node(node), line: Line::Control };
                world.net.queue(&mut world.ctx, lane, Purpose::Op(id));
                Step::Wait
            }
            None => self.ask_any(world, id),
        }
    }

    fn ask_leaders(&mut self, world: &mut World, id: OpId) -> Step {
        let shares = self.shares(world);
        if shares.is_empty() {
            if let Some(reply) = self.take_shared_reply() {
                return Step::Done(Ok(reply));
            }
            self.try_again(world, id);
        }
        for (node, slots) in shares {
            self.out += 1;
            let lane = LaneKey { peer: Peer::Node(node), line: Line::Control };
            world.net.queue(&mut world.ctx, lane, Purpose::OpShare { op: id, slots });
        }
        Step::Wait
    }

    /// Steps again after a backoff, on fresh metadata.
    pub(super) fn try_again(&mut self, world: &mut World, id: OpId) {
        self.failures = self.failures.saturating_add(1);
        world.metadata.refresh(&mut world.ctx);
        let at = world.ctx.now + world.ctx.retry_backoff(self.failures);
        world.ctx.timers.set(Timer::OpRetry(id), at);
        world.ctx.enter(EngineState::OperationRetrying);
    }

    /// Remembers a refusal that is being retried, for the error if time runs out.
    pub(super) fn note_refusal(&mut self, error: Error) {
        self.refusal = Some(error);
    }

    fn overdue(&self, world: &World) -> Error {
        if let Some(topic) =
            self.kind.topics_needed().keys().find(|topic| world.metadata.is_denied(topic))
        {
            return Error::new(ErrorKind::UnknownTopic { topic: Arc::clone(topic) });
        }
        let mut causes = world.net.causes.list();
        if !world.net.causes.ever_reached && !causes.is_empty() {
            return Error::new(ErrorKind::NoBroker { causes });
        }
        if let Some(error) = &world.metadata.other_cluster {
            return error.clone();
        }
        causes.extend(self.refusal.as_ref().map(alloc::string::ToString::to_string));
        let waiting_for = match &self.kind {
            OpKind::FindTopic { .. } | OpKind::Assign { .. } if self.missing > 0 => {
                "a topic's metadata"
            }
            OpKind::FindTopic { .. } | OpKind::Describe { .. } => "metadata",
            OpKind::Create { .. } => "topics to be created",
            OpKind::Delete { .. } => "topics to be deleted",
            OpKind::Grow { .. } => "partitions to be created",
            OpKind::DeleteRecords { .. } => "records to be deleted",
            OpKind::Offsets { .. } => "offsets",
            OpKind::Assign { .. } => "an assignment",
        };
        Error::new(ErrorKind::TimedOut { waiting_for, causes })
    }
}

impl OpKind {
    /// Topics whose partitions have to be known before anything else, each with the last partition that is asked for.
    fn topics_needed(&self) -> BTreeMap<Arc<str>, Wanted> {
        let mut needed: BTreeMap<Arc<str>, Wanted> = BTreeMap::new();
        let mut need = |topic: &Arc<str>, partition: i32| match needed.get_mut(topic) {
            Some(Wanted::Partition(highest)) => *highest = partition.max(*highest),
            _ => _ = needed.insert(Arc::clone(topic), Wanted::Partition(partition)),
        };
        match self {
            Self::FindTopic { topic, wanted } => _ = needed.insert(Arc::clone(topic), *wanted),
            Self::Offsets { partitions, .. } => partitions.iter().for_each(|of| need(&of.0, of.1)),
            Self::DeleteRecords { partitions, .. } => {
                partitions.iter().for_each(|of| need(&of.0, of.1))
            }
            Self::Assign { partitions, .. } => partitions.iter().for_each(|of| need(&of.0, of.1)),
            Self::Describe { .. }
            | Self::Create { .. }
            | Self::Delete { .. }
            | Self::Grow { .. } => {}
        }
        needed
    }
}

/// Fills the slots of one leader's share with what it answered of each partition. An error that passes leaves its slot
/// open, and is given back.
fn settle<P, T>(
    slots: &[usize],
    asked: &[(Arc<str>, i32, P)],
    results: &mut Slots<T>,
    answer: impl Fn(&str, i32) -> Option<Result<T, Error>>,
) -> Option<Error> {
    let mut passing = None;
    for slot in slots {
        let (Some((topic, partition, _)), Some(result)) =
            (asked.get(*slot), results.get_mut(*slot))
        else {
            continue;
        };
        match answer(topic, *partition) {
            Some(Err(error)) if error.is_retriable() => passing = Some(error),
            Some(settled) => *result = Some(settled),
            None => {}
        }
    }
    passing
}
