//! Faults: what goes wrong, when, and for how long.

use std::net::IpAddr;
use std::time::Duration;

use kafka_handle::Acks;
use kafka_proto::{ApiKey, ErrorCode};

use super::plan::{ClientPlan, Plan, Role};
use crate::world::{ClientId, Direction, WorldHandle};
use crate::{At, Fault, Rng};

/// One fault of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultPlan {
    /// When it begins, counted from the beginning of the faults.
    pub at: Duration,
    /// How long it lasts; what happens once is over when it has happened.
    pub lasts: Duration,
    /// What it is.
    pub kind: FaultKind,
}

/// What goes wrong. The names are those of the knobs of the fault catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The connections of a client to a node are reset.
    Reset(ClientId, i32),
    /// The same once so many more bytes have gone one way.
    ResetAt(ClientId, i32, Direction, usize),
    /// Nothing arrives any more, one way or both.
    Hole(ClientId, i32, Option<Direction>),
    /// Everything takes long.
    Delay(ClientId, i32, Duration),
    /// Few bytes a second get through.
    Bandwidth(ClientId, i32, u64),
    /// Bytes arrive in pieces of at most this size.
    Slice(ClientId, i32, usize),
    /// A node refuses connections.
    Refuse(i32),
    /// Connecting to a node takes for ever.
    HoleSyn(i32),
    /// A node dies, and is started when the fault is over.
    Kill(i32),
    /// A node stands still.
    Stop(i32),
    /// A node gets another address.
    NewAddress(i32, u8),
    /// A node's name can't be resolved.
    NameFails(i32),
    /// A partition gets another leader.
    MoveLeader(usize, i32, i32),
    /// A partition has no leader for a while.
    Leaderless(usize, i32),
    /// The first half of a partition's log is deleted.
    Trim(usize, i32),
    /// Brokers forget a partition's producers.
    ExpireProducers(usize, i32),
    /// A topic gets another partition.
    AddPartition(usize),
    /// The next answers of an API go wrong.
    Answers(ApiKey, Fault, u32),
    /// A client's wall clock jumps.
    WallJump(ClientId, i64),
    /// A client is killed and not started again.
    Crash(ClientId),
}

impl FaultKind {
    /// Its name, for counting.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Reset(..) => "net.rst",
            Self::ResetAt(..) => "net.rst@byte",
            Self::Hole(_, _, None) => "net.hole",
            Self::Hole(_, _, Some(_)) => "net.oneway",
            Self::Delay(..) => "net.delay",
            Self::Bandwidth(..) => "net.bw",
            Self::Slice(..) => "net.slice",
            Self::Refuse(_) => "net.refuse",
            Self::HoleSyn(_) => "net.hole(syn)",
            Self::Kill(_) => "brk.kill",
            Self::Stop(_) => "brk.stop",
            Self::NewAddress(..) => "meta.newaddr",
            Self::NameFails(_) => "net.name",
            Self::MoveLeader(..) => "meta.leader",
            Self::Leaderless(..) => "meta.depose",
            Self::Trim(..) => "log.trim",
            Self::ExpireProducers(..) => "brk.expire",
            Self::AddPartition(_) => "meta.grow",
            Self::Answers(_, fault, _) => answer_name(fault),
            Self::WallJump(..) => "clk.wall_jump",
            Self::Crash(_) => "app.crash",
        }
    }

    /// Lets it loose.
    pub(super) fn begin(&self, sim: &WorldHandle) {
        match self {
            Self::Reset(client, node) => sim.cut(*client, *node),
            Self::ResetAt(client, node, direction, bytes) => {
                sim.cut_after(*client, *node, *direction, *bytes);
            }
            Self::Hole(..) | Self::Delay(..) | Self::Bandwidth(..) | Self::Slice(..) => {
                self.condition(sim, true);
            }
            Self::Refuse(node) => sim.refuse_connections(*node, true),
            Self::HoleSyn(node) => sim.hang_connections(*node, true),
            Self::Kill(node) => sim.kill_node(*node),
            Self::Stop(node) => sim.pause_node(*node),
            Self::NewAddress(node, last) => {
                sim.move_node(*node, IpAddr::from([10, 0, *last, node.to_be_bytes()[3]]));
            }
            Self::NameFails(node) => {
                sim.set_name(&format!("broker-{node}.sim"), Err("SERVFAIL".into()));
            }
            Self::MoveLeader(topic, partition, node) => {
                // A node that is down can't lead.
                let _ = sim.cluster(|c| c.move_leader(&name(*topic), *partition, *node));
            }
            Self::Leaderless(topic, partition) => {
                let _ = sim.cluster(|c| c.depose_leader(&name(*topic), *partition));
            }
            Self::Trim(topic, partition) => trim(sim, &name(*topic), *partition),
            Self::ExpireProducers(topic, partition) => expire(sim, &name(*topic), *partition),
            Self::AddPartition(topic) => grow(sim, &name(*topic)),
            Self::Answers(api, fault, times) => {
                sim.cluster(|c| c.fail_times(*api, fault.clone(), *times));
            }
            Self::WallJump(client, milliseconds) => sim.skew_clock(*client, *milliseconds),
            Self::Crash(client) => sim.crash(*client),
        }
    }

    /// Takes it away, where that is something to be done.
    pub(super) fn end(&self, sim: &WorldHandle) {
        match self {
            Self::Hole(..) | Self::Delay(..) | Self::Bandwidth(..) | Self::Slice(..) => {
                self.condition(sim, false);
            }
            Self::Refuse(node) => sim.refuse_connections(*node, false),
            Self::HoleSyn(node) => sim.hang_connections(*node, false),
            Self::Kill(node) => sim.start_node(*node),
            Self::Stop(node) => sim.resume_node(*node),
            Self::NameFails(node) => {
                let [.., last] = node.to_be_bytes();
                sim.set_name(
                    &format!("broker-{node}.sim"),
                    Ok(vec![IpAddr::from([10, 0, 0, last])]),
                );
                sim.move_node(*node, IpAddr::from([10, 0, 0, last]));
            }
            Self::Leaderless(topic, partition) => lead_again(sim, &name(*topic), *partition),
            _ => {}
        }
    }

    fn condition(&self, sim: &WorldHandle, on: bool) {
        let usual = sim.usual_conditions();
        match *self {
            Self::Hole(client, node, way) => sim.set_conditions(client, node, |conditions| {
                if way != Some(Direction::ToClient) {
                    conditions.to_broker_blocked = on;
                }
                if way != Some(Direction::ToBroker) {
                    conditions.to_client_blocked = on;
                }
            }),
            Self::Delay(client, node, latency) => sim.set_conditions(client, node, |conditions| {
                conditions.latency = if on { latency / 5..latency } else { usual.latency };
            }),
            Self::Bandwidth(client, node, bytes) => {
                sim.set_conditions(client, node, |conditions| {
                    conditions.bandwidth = if on { Some(bytes) } else { usual.bandwidth };
                });
            }
            Self::Slice(client, node, bytes) => sim.set_conditions(client, node, |conditions| {
                conditions.segment = if on { Some(bytes) } else { usual.segment };
            }),
            _ => {}
        }
    }
}

/// The name of a topic by its number.
pub(super) fn name(topic: usize) -> String {
    format!("t{topic}")
}

fn trim(sim: &WorldHandle, topic: &str, partition: i32) {
    sim.cluster(|cluster| {
        if let Some((start, end)) = cluster.offsets(topic, partition) {
            let _ = cluster.trim(topic, partition, start + (end - start) / 2);
        }
    });
}

fn expire(sim: &WorldHandle, topic: &str, partition: i32) {
    sim.cluster(|cluster| {
        let mut ids: Vec<i64> =
            cluster.log(topic, partition).map(|record| record.producer_id).collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            let _ = cluster.expire_producer(topic, partition, id);
        }
    });
}

fn grow(sim: &WorldHandle, topic: &str) {
    sim.cluster(|cluster| {
        let partitions = cluster.topics().find(|(name, _)| *name == topic).map(|(_, count)| count);
        if let Some(partitions) = partitions {
            let _ = cluster.add_partitions(topic, partitions + 1);
        }
    });
}

fn lead_again(sim: &WorldHandle, topic: &str, partition: i32) {
    sim.cluster(|cluster| {
        let leaderless = cluster.leader(topic, partition).is_some_and(|(node, _)| node < 0);
        for node in 1..=5 {
            if leaderless && cluster.move_leader(topic, partition, node).is_ok() {
                return;
            }
        }
    });
}

fn answer_name(fault: &Fault) -> &'static str {
    match fault {
        Fault::Refuse { .. } => "resp.err",
        Fault::FailAfter { .. } => "resp.err_after_apply",
        Fault::Omit { .. } => "resp.omit",
        Fault::Duplicate { .. } => "resp.dup",
        Fault::ZeroPartitions { .. } => "meta.zero_parts",
        Fault::Leaderless { .. } => "meta.leaderless",
        Fault::CloseBefore => "resp.close_before_apply",
        Fault::CloseAfter => "resp.drop_after_apply",
        Fault::Swallow => "resp.swallow",
        Fault::Delay(_) => "resp.delay",
        Fault::Garbage => "resp.mutate",
        Fault::WrongCorrelationId => "resp.correlation",
        Fault::RepeatResponse => "resp.repeat",
        Fault::HugeLength => "resp.length",
        Fault::Throttle(_) => "resp.throttle",
    }
}

/// Draws a run's faults: a few kinds, each of its strength, so that runs differ in what they are about.
pub(super) fn draw_faults(plan: &Plan, rng: &mut Rng) -> Vec<FaultPlan> {
    let mut kinds: Vec<u64> = (0..2 + rng.below(7)).map(|_| rng.below(FAMILIES)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let gap = rng.between(300..4_000);
    let end = plan.safety.as_millis() as u64;
    let mut faults = Vec::new();
    let mut at = rng.below(gap);
    while at < end {
        // Now and then nothing goes wrong for a while.
        if rng.chance(3) {
            at += rng.between(5_000..20_000);
        }
        let longest = if rng.chance(20) { 20_000 } else { 4_000 };
        let lasts = Duration::from_millis(rng.between(50..longest));
        if let Some(kind) = rng.pick(&kinds).copied().and_then(|family| draw(family, plan, rng)) {
            faults.push(FaultPlan { at: Duration::from_millis(at), lasts, kind });
        }
        at += rng.below(2 * gap);
    }
    faults
}

/// How many families of faults there are to choose from.
const FAMILIES: u64 = 22;

fn draw(family: u64, plan: &Plan, rng: &mut Rng) -> Option<FaultKind> {
    let client = ClientId(1 + rng.below(plan.clients.len() as u64) as u32);
    let node = 1 + rng.below(u64::from(plan.nodes)) as i32;
    let topic = rng.below(plan.topics.len() as u64) as usize;
    let partition = rng.below((*plan.topics.get(topic)?).unsigned_abs().into()) as i32;
    let direction = *rng.pick(&[Direction::ToBroker, Direction::ToClient])?;
    Some(match family {
        0 => FaultKind::Reset(client, node),
        1 => FaultKind::ResetAt(client, node, direction, rng.below(400) as usize),
        2 => FaultKind::Hole(client, node, None),
        3 => FaultKind::Hole(client, node, Some(direction)),
        4 => FaultKind::Delay(client, node, Duration::from_millis(rng.between(100..6_000))),
        5 => FaultKind::Bandwidth(client, node, rng.between(500..20_000)),
        6 => FaultKind::Slice(client, node, rng.between(1..50) as usize),
        7 => FaultKind::Refuse(node),
        8 => FaultKind::HoleSyn(node),
        9 | 10 => FaultKind::Kill(node),
        11 => FaultKind::Stop(node),
        12 => FaultKind::NewAddress(node, 1 + rng.below(200) as u8),
        13 => FaultKind::NameFails(node),
        14 => FaultKind::MoveLeader(topic, partition, node),
        15 => FaultKind::Leaderless(topic, partition),
        16 if rng.chance(20) => FaultKind::Trim(topic, partition),
        // Brokers forget a producer after a day, when no batch of it is still being retried.
        17 if never_idempotent(plan) => FaultKind::ExpireProducers(topic, partition),
        18 if rng.chance(10) => FaultKind::AddPartition(topic),
        19 => FaultKind::WallJump(client, rng.between(0..7_200_000) as i64 - 3_600_000),
        20 if rng.chance(2) && may_crash(plan, client) => FaultKind::Crash(client),
        _ => answers(plan, rng)?,
    })
}

fn never_idempotent(plan: &Plan) -> bool {
    let idempotent =
        |client: &ClientPlan| matches!(&client.role, Role::Producer(plan) if plan.idempotent);
    !plan.clients.iter().any(idempotent)
}

/// The first producer and the first consumer stay, or nothing would be left to judge.
fn may_crash(plan: &Plan, client: ClientId) -> bool {
    client.0 > 2
        && plan.clients.get(client.0 as usize - 1).is_some_and(|plan| plan.role != Role::Admin)
}

/// Whether every producer has its leaders wait for the replicas.
fn waits_for_replicas(plan: &Plan) -> bool {
    plan.clients.iter().all(|client| match &client.role {
        Role::Producer(producer) => producer.acks == Acks::All,
        _ => true,
    })
}

/// Answers that go wrong, as brokers may answer.
fn answers(plan: &Plan, rng: &mut Rng) -> Option<FaultKind> {
    let apis = [
        ApiKey::Produce,
        ApiKey::Produce,
        ApiKey::Fetch,
        ApiKey::Fetch,
        ApiKey::Metadata,
        ApiKey::ListOffsets,
        ApiKey::InitProducerId,
        ApiKey::ApiVersions,
    ];
    let api = *rng.pick(&apis)?;
    let at = At::any();
    let fault = match rng.below(14) {
        0..=3 => Fault::Refuse { at, code: *rng.pick(codes(api))? },
        4 if api == ApiKey::Produce => {
            let codes = [
                ErrorCode::NOT_LEADER_OR_FOLLOWER,
                ErrorCode::REQUEST_TIMED_OUT,
                ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND,
            ];
            match *rng.pick(&codes)? {
                // With acks=1 a leader is deposed before it appends or after it has answered.
                ErrorCode::NOT_LEADER_OR_FOLLOWER if !waits_for_replicas(plan) => {
                    Fault::FailAfter { at, code: ErrorCode::REQUEST_TIMED_OUT }
                }
                code => Fault::FailAfter { at, code },
            }
        }
        4 if api == ApiKey::Metadata => {
            rng.pick(&[Fault::ZeroPartitions { topic: None }, Fault::Leaderless { at }])?.clone()
        }
        5 if matches!(api, ApiKey::Produce | ApiKey::Fetch | ApiKey::Metadata) => {
            Fault::Omit { at }
        }
        6 if matches!(api, ApiKey::Produce | ApiKey::Fetch) => Fault::Duplicate { at },
        4..=7 => Fault::CloseBefore,
        8 => Fault::CloseAfter,
        9 => Fault::Swallow,
        10 => Fault::Delay(Duration::from_millis(rng.between(100..40_000))),
        11 => Fault::Garbage,
        12 => Fault::WrongCorrelationId,
        13 if rng.chance(50) => Fault::HugeLength,
        _ => Fault::RepeatResponse,
    };
    Some(FaultKind::Answers(api, fault, 1 + rng.below(4) as u32))
}

/// Codes that a broker answers this API with, and that are over after a while.
fn codes(api: ApiKey) -> &'static [ErrorCode] {
    match api {
        ApiKey::Produce => &[
            ErrorCode::NOT_LEADER_OR_FOLLOWER,
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            ErrorCode::LEADER_NOT_AVAILABLE,
            ErrorCode::NOT_ENOUGH_REPLICAS,
            ErrorCode::KAFKA_STORAGE_ERROR,
            ErrorCode::CORRUPT_MESSAGE,
            ErrorCode::MESSAGE_TOO_LARGE,
            ErrorCode::INVALID_RECORD,
            ErrorCode::THROTTLING_QUOTA_EXCEEDED,
            ErrorCode::UNKNOWN_SERVER_ERROR,
        ],
        ApiKey::Fetch => &[
            ErrorCode::NOT_LEADER_OR_FOLLOWER,
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            ErrorCode::UNKNOWN_TOPIC_ID,
            ErrorCode::FENCED_LEADER_EPOCH,
            ErrorCode::UNKNOWN_LEADER_EPOCH,
            ErrorCode::OFFSET_NOT_AVAILABLE,
            ErrorCode::KAFKA_STORAGE_ERROR,
            ErrorCode::UNKNOWN_SERVER_ERROR,
        ],
        ApiKey::Metadata => {
            &[ErrorCode::LEADER_NOT_AVAILABLE, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION]
        }
        ApiKey::ListOffsets => &[
            ErrorCode::NOT_LEADER_OR_FOLLOWER,
            ErrorCode::LEADER_NOT_AVAILABLE,
            ErrorCode::OFFSET_NOT_AVAILABLE,
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            ErrorCode::UNKNOWN_LEADER_EPOCH,
        ],
        ApiKey::InitProducerId => &[
            ErrorCode::COORDINATOR_LOAD_IN_PROGRESS,
            ErrorCode::COORDINATOR_NOT_AVAILABLE,
            ErrorCode::NOT_COORDINATOR,
        ],
        _ => &[ErrorCode::UNKNOWN_SERVER_ERROR],
    }
}
