//! Which faults a run has: a few kinds, each of its strength.

use std::time::Duration;

use kafka_handle::Acks;
use kafka_proto::{ApiKey, ErrorCode};

use super::codes;
use super::fault::{FaultKind, FaultPlan};
use super::plan::{ClientPlan, Plan, Role};
use crate::world::{ClientId, Direction};
use crate::{At, Fault, Rng};

/// Draws a run's faults: a few kinds, each of its strength, so that runs differ in what they are about.
pub(super) fn draw_faults(plan: &Plan, rng: &mut Rng) -> Vec<FaultPlan> {
    let mut kinds: Vec<u64> = (0..2 + rng.below(7)).map(|_| rng.below(FAMILIES)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let gap = rng.between(400..5_000);
    let end = plan.safety.as_millis() as u64;
    let mut faults = Vec::new();
    let mut at = rng.below(gap) + quiet(rng);
    while at < end {
        let longest = if rng.chance(20) { 20_000 } else { 4_000 };
        let lasts = Duration::from_millis(rng.between(50..longest));
        if let Some(kind) = rng.pick(&kinds).copied().and_then(|family| draw(family, plan, rng)) {
            faults.push(FaultPlan { at: Duration::from_millis(at), lasts, kind });
        }
        at += rng.below(2 * gap) + quiet(rng);
    }
    faults
}

/// For how long nothing goes wrong, now and then, in milliseconds: what clients do when all is well shows then.
pub(super) fn quiet(rng: &mut Rng) -> u64 {
    if rng.chance(6) { rng.between(10_000..30_000) } else { 0 }
}

/// When the first topic is compacted.
pub(super) fn draw_compactions(plan: &Plan, rng: &mut Rng) -> Vec<FaultPlan> {
    let end = plan.safety.as_millis() as u64;
    let compaction = |_| FaultPlan {
        at: Duration::from_millis(rng.below(end)),
        lasts: Duration::from_millis(1),
        kind: FaultKind::Compact(0),
    };
    (0..4).map(compaction).collect()
}

/// A partition goes to a replica that has fallen out of sync, so that the log loses what consumers may have read.
pub(super) fn draw_loss(plan: &Plan, rng: &mut Rng) -> Vec<FaultPlan> {
    let node = 1 + rng.below(u64::from(plan.nodes)) as i32;
    let topic = rng.below(plan.topics.len() as u64) as usize;
    let partitions = plan.topics.get(topic).copied().unwrap_or(1);
    let begin = Duration::from_millis(rng.below(20_000));
    let long = Duration::from_secs(100);
    let lag = FaultPlan {
        at: begin,
        lasts: OUT_OF_SYNC + Duration::from_secs(5),
        kind: FaultKind::LagBehind(node, long),
    };
    let lead = |partition| FaultPlan {
        at: begin + OUT_OF_SYNC,
        lasts: Duration::from_millis(1),
        kind: FaultKind::MoveLeader(topic, partition, node),
    };
    let mut faults: Vec<FaultPlan> =
        std::iter::once(lag).chain((0..partitions).map(lead)).collect();
    if rng.chance(70) {
        faults.extend(draw_absence(plan, begin, rng));
    }
    faults
}

/// Consumers are away from when they have read what will be lost, which they can once the replica is out of sync, until the
/// log may have grown again beyond it.
fn draw_absence(plan: &Plan, begin: Duration, rng: &mut Rng) -> Vec<FaultPlan> {
    let at = begin + OUT_OF_SYNC - Duration::from_millis(rng.below(2_000));
    let back = begin + OUT_OF_SYNC + Duration::from_millis(rng.between(3_000..15_000));
    let consumers = plan.clients.iter().zip(1..);
    let consumers = consumers.filter(|(client, _)| matches!(client.role, Role::Consumer(_)));
    let nodes = 1..=i32::from(plan.nodes);
    let away = |client, node| FaultPlan {
        at,
        lasts: back.saturating_sub(at),
        kind: FaultKind::Hole(ClientId(client), node, None),
    };
    consumers.flat_map(|(_, client)| nodes.clone().map(move |node| away(client, node))).collect()
}

/// By when a replica that gets nothing has certainly left the replicas in sync.
const OUT_OF_SYNC: Duration = Duration::from_secs(35);

/// Batches that come to consumers other than they are in the log: about two in one run of five.
pub(super) fn draw_corruptions(plan: &Plan, rng: &mut Rng) -> Vec<FaultPlan> {
    let end = plan.safety.as_millis() as u64;
    let times = if rng.chance(20) { rng.between(1..4) } else { 0 };
    let corruption = |_| {
        let at = Duration::from_millis(rng.below(end));
        let fault = Fault::Corrupt { at: At::any(), bit: rng.next_u64() as u32 };
        let (lasts, kind) = (Duration::from_millis(1), FaultKind::Answers(ApiKey::Fetch, fault, 1));
        FaultPlan { at, lasts, kind }
    };
    (0..times).map(corruption).collect()
}

/// Answers that brokers rarely give: a few of them in most runs, each once.
pub(super) fn draw_rare(plan: &Plan, rng: &mut Rng) -> Vec<FaultPlan> {
    let end = plan.safety.as_millis() as u64;
    let (apis, more) = rare_apis(plan);
    let mut faults = Vec::new();
    for _ in 0..rng.below(4) + more {
        let Some(api) = rng.pick(&apis).copied() else { continue };
        // Producer ids are asked for in the beginning only, offsets mostly. Who is refused a producer id for good is of no
        // use any more.
        let begin = match api {
            ApiKey::InitProducerId if !rng.chance(10) => continue,
            ApiKey::InitProducerId => true,
            ApiKey::ListOffsets => rng.chance(60),
            _ => false,
        };
        let at = if begin { 0 } else { rng.below(end) };
        let fault = if rng.chance(5) {
            Some(Fault::Throttle(Duration::from_millis(rng.between(100..2_000))))
        } else {
            codes::draw(api, rng)
        };
        if let Some(fault) = fault {
            let (at, lasts) = (Duration::from_millis(at), Duration::from_millis(1));
            faults.push(FaultPlan { at, lasts, kind: FaultKind::Answers(api, fault, 1) });
        }
    }
    faults
}

/// The APIs that the clients of a plan call, and how many faults more there are to be for those that few plans have.
fn rare_apis(plan: &Plan) -> (Vec<ApiKey>, u64) {
    let mut apis = vec![ApiKey::Produce, ApiKey::Fetch, ApiKey::Metadata, ApiKey::ListOffsets];
    let mut more = 0;
    if !never_idempotent(plan) {
        apis.push(ApiKey::InitProducerId);
    }
    if plan.clients.iter().any(|client| client.role == Role::Admin) {
        let admin = [
            ApiKey::CreateTopics,
            ApiKey::DeleteTopics,
            ApiKey::CreatePartitions,
            ApiKey::DeleteRecords,
        ];
        apis.extend(admin.iter().chain(&admin));
        more += 8;
    }
    let validates = plan.release.range(ApiKey::Fetch).max < 12
        && plan.release.range(ApiKey::OffsetForLeaderEpoch).max >= 3;
    if validates {
        apis.extend([ApiKey::OffsetForLeaderEpoch; 8]);
        more += 4;
    }
    (apis, more)
}

/// How many families of faults there are to choose from.
const FAMILIES: u64 = 30;

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
        18 if rng.chance(10) => FaultKind::AddPartition(topic),
        19 => FaultKind::WallJump(client, rng.between(0..7_200_000) as i64 - 3_600_000),
        20 if rng.chance(2) && may_crash(plan, client) => FaultKind::Crash(client),
        21 => FaultKind::LagBehind(node, Duration::from_millis(rng.between(10..8_000))),
        22 => FaultKind::StaleMetadata(node, Duration::from_millis(rng.between(100..10_000))),
        23 => FaultKind::ShutDown(node),
        24 if rng.chance(30) => FaultKind::Unclean(topic, partition),
        25 => FaultKind::Preferred(topic, partition),
        26 => FaultKind::EvictSessions(node),
        27 => {
            let api = *rng.pick(&[ApiKey::Produce, ApiKey::Fetch, ApiKey::Metadata])?;
            FaultKind::Throttle(api, Duration::from_millis(rng.between(100..5_000)))
        }
        _ => answers(plan, rng)?,
    })
}

fn never_idempotent(plan: &Plan) -> bool {
    let idempotent =
        |client: &ClientPlan| matches!(&client.role, Role::Producer(plan) if plan.idempotent);
    !plan.clients.iter().any(idempotent)
}

/// The first producer and the first consumer stay, or nothing would be left to judge.
pub(super) fn may_crash(plan: &Plan, client: ClientId) -> bool {
    client.0 > 2
        && plan.clients.get(client.0 as usize - 1).is_some_and(|plan| plan.role != Role::Admin)
}

/// Whether every producer has its leaders wait for the replicas.
pub(super) fn waits_for_replicas(plan: &Plan) -> bool {
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
