//! What plans have besides, drawn from numbers of its own, so that all else in a plan stays as it is.

use std::time::Duration;

use kafka_handle::{Codec, StartAt};
use kafka_proto::ApiKey;

use super::draw::may_crash;
use super::fault::{FaultKind, FaultPlan};
use super::plan::{Plan, Role};
use crate::options::WALL_EPOCH_MS;
use crate::world::ClientId;
use crate::{At, Fault, Rng};

/// Adds all of it.
pub(super) fn draw(plan: &mut Plan) {
    let seed = plan.seed;
    let rng = |part| Rng::new(seed).split(part);
    let standstills = draw_standstills(plan, &mut rng(12));
    let epochs = draw_epochs_back(plan, &mut rng(13));
    plan.faults.extend(standstills.into_iter().chain(epochs));
    plan.faults.extend(draw_crash(plan, &mut rng(20)));
    plan.faults.extend(draw_recreations(plan, &mut rng(25)));
    plan.faults.extend(draw_restarts(plan, &mut rng(26)));
    draw_uses(plan, &mut rng(14));
    let outages = draw_outages(plan, &mut rng(15));
    plan.faults.extend(outages);
}

/// Clients that stand still for a while, or whose clocks jump: a few times in one plan of six.
fn draw_standstills(plan: &Plan, rng: &mut Rng) -> Vec<FaultPlan> {
    let end = plan.safety.as_millis() as u64;
    let times = if rng.chance(15) { rng.between(1..5) } else { 0 };
    let standstill = |_| {
        let client = ClientId(1 + rng.below(plan.clients.len() as u64) as u32);
        let at = Duration::from_millis(rng.below(end));
        let by = Duration::from_millis(rng.between(1_000..120_000));
        let (lasts, kind) = match rng.chance(60) {
            true => (Duration::from_millis(rng.between(500..10_000)), FaultKind::Freeze(client)),
            false => (Duration::from_millis(1), FaultKind::JumpClock(client, by)),
        };
        FaultPlan { at, lasts, kind }
    };
    (0..times).map(standstill).collect()
}

/// A client that is killed and not started again, in one run of sixty or so.
fn draw_crash(plan: &Plan, rng: &mut Rng) -> Option<FaultPlan> {
    let client = ClientId(1 + rng.below(plan.clients.len() as u64) as u32);
    let at = Duration::from_millis(rng.below(plan.safety.as_millis() as u64));
    let crash = FaultPlan { at, lasts: Duration::from_millis(1), kind: FaultKind::Crash(client) };
    (rng.chance(10) && may_crash(plan, client)).then_some(crash)
}

/// Clients that are killed and come back, each at most once: in one run of twelve.
fn draw_restarts(plan: &Plan, rng: &mut Rng) -> Vec<FaultPlan> {
    let end = plan.safety.as_millis() as u64;
    let times = if rng.chance(8) { rng.between(1..4) } else { 0 };
    let restart = |_| {
        let client = ClientId(1 + rng.below(plan.clients.len() as u64) as u32);
        let at = Duration::from_millis(rng.below(end));
        let lasts = Duration::from_millis(rng.between(100..20_000));
        FaultPlan { at, lasts, kind: FaultKind::Restart(client) }
    };
    (0..times).map(restart).collect()
}

/// Brokers that name leaders of before: in one plan of five, each time right after a leader has moved.
fn draw_epochs_back(plan: &Plan, rng: &mut Rng) -> Vec<FaultPlan> {
    let end = plan.safety.as_millis() as u64;
    let times = if rng.chance(20) { rng.between(2..9) } else { 0 };
    let mut faults = Vec::new();
    for _ in 0..times {
        let at = rng.below(end);
        let topic = rng.below(plan.topics.len() as u64) as usize;
        let partitions = plan.topics.get(topic).map_or(1, |count| count.unsigned_abs());
        let partition = rng.below(partitions.into()) as i32;
        let node = 1 + rng.below(u64::from(plan.nodes)) as i32;
        let fault = Fault::EpochBack { at: At::any() };
        let back = FaultKind::Answers(ApiKey::Metadata, fault, 1 + rng.below(3) as u32);
        let lasts = Duration::from_millis(1);
        for (at, kind) in
            [(at, FaultKind::MoveLeader(topic, partition, node)), (at + rng.below(3_000), back)]
        {
            faults.push(FaultPlan { at: Duration::from_millis(at), lasts, kind });
        }
    }
    faults
}

/// Topics that are deleted while they are in use, and made again: once or twice in few plans, at times with more partitions, or
/// with fewer.
fn draw_recreations(plan: &Plan, rng: &mut Rng) -> Vec<FaultPlan> {
    let end = plan.safety.as_millis() as u64;
    let times = if rng.chance(5) { rng.between(1..3) } else { 0 };
    let recreation = |_| {
        let topic = rng.below(plan.topics.len() as u64) as usize;
        let at = Duration::from_millis(rng.below(end));
        let lasts = Duration::from_millis(rng.between(50..6_000));
        let before = plan.topics.get(topic).copied().unwrap_or(1);
        let partitions = match rng.below(10) {
            0..5 => before,
            5..7 => before + rng.between(1..4) as i32,
            _ => (before - rng.between(1..4) as i32).max(1),
        };
        FaultPlan { at, lasts, kind: FaultKind::Recreate(topic, partitions) }
    };
    (0..times).map(recreation).collect()
}

/// What else applications do with their clients: they drop what they wait for in one plan of six. One producer of five
/// flushes, and one consumer of five gives up partitions and takes them back.
fn draw_uses(plan: &mut Plan, rng: &mut Rng) {
    let end = plan.safety.as_millis() as u64;
    let times = if rng.chance(15) { rng.between(3..20) } else { 0 };
    for _ in 0..times {
        let client = ClientId(1 + rng.below(plan.clients.len() as u64) as u32);
        let (at, lasts) = (Duration::from_millis(rng.below(end)), Duration::from_millis(1));
        plan.faults.push(FaultPlan { at, lasts, kind: FaultKind::Cancel(client) });
    }
    // Zstandard came with 2.1.
    let has_zstd = plan.release.version >= (2, 1, 0);
    for client in &mut plan.clients {
        match &mut client.role {
            Role::Producer(producer) => {
                if rng.chance(20) {
                    producer.flushes = rng.between(1..20);
                }
                match rng.below(10) {
                    0 => producer.compression = Codec::Gzip,
                    1 if has_zstd => producer.compression = Codec::Zstd,
                    _ => {}
                }
            }
            Role::Consumer(consumer) => {
                if rng.chance(20) {
                    consumer.reassigns = rng.between(1..8);
                }
                match rng.below(12) {
                    0 => consumer.start = StartAt::End,
                    1 => consumer.start = StartAt::Default,
                    2 => consumer.start = StartAt::Timestamp(WALL_EPOCH_MS + 10_000),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// Nodes that lose their power: once or twice in one plan of eight.
fn draw_outages(plan: &Plan, rng: &mut Rng) -> Vec<FaultPlan> {
    let end = plan.safety.as_millis() as u64;
    let times = if rng.chance(12) { rng.between(1..3) } else { 0 };
    let outage = |_| FaultPlan {
        at: Duration::from_millis(rng.below(end)),
        lasts: Duration::from_millis(rng.between(200..20_000)),
        kind: FaultKind::CutPower(1 + rng.below(u64::from(plan.nodes)) as i32),
    };
    (0..times).map(outage).collect()
}
