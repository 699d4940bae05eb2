//! What some runs are about: settings and faults that reach together what each alone hardly ever does.

use std::time::Duration;

use kafka_handle::Acks;
use kafka_proto::{ApiKey, ErrorCode};

use super::draw::{quiet, waits_for_replicas};
use super::fault::{FaultKind, FaultPlan};
use super::plan::{Plan, ProducerPlan, Role};
use crate::world::ClientId;
use crate::{At, Fault, Rng};

/// Longer than a batch is sent again, and than any fault holds one up.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(40);

/// Gives half of the runs a theme. Draws from numbers of its own: a plan is otherwise what it was.
pub(super) fn draw_theme(plan: &mut Plan, rng: &mut Rng) {
    match rng.below(10) {
        0 | 1 => doubt(plan, rng),
        2 | 3 => sequences(plan, rng),
        4 => reading(plan, rng),
        5 => leaders(plan, rng),
        _ => {}
    }
}

/// Batches come to the end of their time while nobody knows whether they are in the log.
fn doubt(plan: &mut Plan, rng: &mut Rng) {
    for producer in producers(plan) {
        producer.delivery_timeout = millis(rng.between(1_500..6_000));
        producer.linger = millis(0);
    }
    add(plan, rng, 5_000..25_000, 1_000..8_000, |plan, rng| {
        let at = At::any();
        let after = |code| Fault::FailAfter { at: At::any(), code };
        let fault = match rng.below(6) {
            0 => after(ErrorCode::REQUEST_TIMED_OUT),
            1 => after(ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND),
            // With acks=1 a leader is deposed before it appends or after it has answered.
            2 if waits_for_replicas(plan) => after(ErrorCode::NOT_LEADER_OR_FOLLOWER),
            3 => Fault::CloseAfter,
            4 => Fault::Swallow,
            _ => Fault::Omit { at },
        };
        FaultKind::Answers(ApiKey::Produce, fault, u32::MAX)
    });
}

/// Many small batches of few partitions are on their way at a time, and now one, now another is refused.
fn sequences(plan: &mut Plan, rng: &mut Rng) {
    for partitions in &mut plan.topics {
        *partitions = 1 + i32::from(rng.chance(30));
    }
    for producer in producers(plan) {
        producer.idempotent = true;
        producer.acks = Acks::All;
        producer.max_in_flight = 2 + rng.below(4) as usize;
        producer.linger = millis(0);
        producer.batch_bytes = *rng.pick(&[1, 1, 200]).unwrap_or(&1);
        // As many as fill the requests that may be on their way: more would only wait.
        producer.burst = producer.max_in_flight as u64 + 2;
        producer.delivery_timeout = millis(rng.between(3_000..40_000));
        // What it sends first, before brokers know it, may meet a fault too.
        producer.begins_after = millis(*rng.pick(&[0, 6_000, 9_000, 15_000]).unwrap_or(&0));
    }
    add(plan, rng, 100..3_000, 100..1_000, |plan, rng| {
        let (client, node) = (ClientId(1), 1 + rng.below(u64::from(plan.nodes)) as i32);
        let codes = [
            ErrorCode::NOT_ENOUGH_REPLICAS,
            ErrorCode::NOT_LEADER_OR_FOLLOWER,
            ErrorCode::MESSAGE_TOO_LARGE,
            ErrorCode::INVALID_RECORD,
            ErrorCode::CORRUPT_MESSAGE,
        ];
        let code = *rng.pick(&codes).unwrap_or(&ErrorCode::NOT_ENOUGH_REPLICAS);
        let at = At::any();
        let fault = match rng.below(8) {
            0..=3 => Fault::Refuse { at, code },
            4 => Fault::FailAfter { at, code: ErrorCode::REQUEST_TIMED_OUT },
            5 => Fault::CloseAfter,
            6 => Fault::CloseBefore,
            _ => return FaultKind::Reset(client, node),
        };
        FaultKind::Answers(ApiKey::Produce, fault, 1 + rng.below(2) as u32)
    });
}

/// Consumers that take their time, with much that waits for them, lose and find their place.
fn reading(plan: &mut Plan, rng: &mut Rng) {
    for partitions in &mut plan.topics {
        *partitions = 1;
    }
    for producer in producers(plan) {
        producer.batch_bytes = 1_000;
        producer.linger = millis(100);
        producer.burst = 10;
    }
    for client in &mut plan.clients {
        if let Role::Consumer(consumer) = &mut client.role {
            consumer.max_poll_records = *rng.pick(&[1, 3, 7]).unwrap_or(&1);
            consumer.work = millis(rng.between(50..900));
            consumer.moves = rng.below(6);
        }
    }
    add(plan, rng, 2_000..15_000, 500..5_000, |plan, rng| {
        let topic = rng.below(plan.topics.len() as u64) as usize;
        let node = 1 + rng.below(u64::from(plan.nodes)) as i32;
        match rng.below(5) {
            0 => FaultKind::Trim(topic, 0),
            1 => FaultKind::MoveLeader(topic, 0, node),
            2 => FaultKind::Unclean(topic, 0),
            3 => FaultKind::EvictSessions(node),
            _ => FaultKind::Reset(ClientId(2), node),
        }
    });
}

/// Leaders move, and what brokers say about it is late, or wrong.
fn leaders(plan: &mut Plan, rng: &mut Rng) {
    for partitions in &mut plan.topics {
        *partitions = (*partitions).max(4);
    }
    for client in &mut plan.clients {
        client.metadata_max_age = millis(300_000);
        if let Role::Consumer(consumer) = &mut client.role {
            consumer.moves = rng.below(6);
        }
    }
    add(plan, rng, 500..6_000, 500..4_000, |plan, rng| {
        let topic = rng.below(plan.topics.len() as u64) as usize;
        let partitions = plan.topics.get(topic).map_or(1, |count| count.unsigned_abs());
        let partition = rng.below(partitions.into()) as i32;
        let node = 1 + rng.below(u64::from(plan.nodes)) as i32;
        let metadata = |fault| FaultKind::Answers(ApiKey::Metadata, fault, 1);
        match rng.below(8) {
            0..=2 => FaultKind::MoveLeader(topic, partition, node),
            3 => FaultKind::StaleMetadata(node, millis(rng.between(100..5_000))),
            4 => FaultKind::Leaderless(topic, partition),
            5 => metadata(Fault::Leaderless { at: At::any() }),
            _ => metadata(Fault::ZeroPartitions { topic: None }),
        }
    });
}

fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// Few plans have producers that rest for longer than brokers remember them. They forget nobody of whom a batch may still be
/// sent again, or be on its way; whose clocks are wrong, they forget at any time.
pub(super) fn draw_rests(plan: &mut Plan, rng: &mut Rng) {
    let is_jump = |fault: &FaultPlan| matches!(fault.kind, FaultKind::WallJump(..));
    if plan.faults.iter().any(is_jump) || !rng.chance(3) {
        return;
    }
    for partitions in &mut plan.topics {
        *partitions = 1;
    }
    for producer in producers(plan) {
        producer.idempotent = true;
        producer.acks = Acks::All;
        producer.linger = millis(0);
        producer.batch_bytes = *rng.pick(&[1, 200]).unwrap_or(&1);
        producer.burst = 7;
        producer.delivery_timeout = millis(rng.between(3_000..8_000));
        producer.pause = FORGOTTEN_AFTER + millis(rng.between(1_000..10_000));
    }
    add(plan, rng, 500..3_000, 1..2, |plan, rng| {
        let topic = rng.below(plan.topics.len() as u64) as usize;
        FaultKind::ExpireProducers(topic, 0, FORGOTTEN_AFTER)
    });
    add(plan, rng, 5_000..40_000, 10_000..60_000, |_, rng| {
        let code = ErrorCode::NOT_ENOUGH_REPLICAS;
        FaultKind::Answers(
            ApiKey::Produce,
            Fault::Refuse { at: At::any(), code },
            1 + rng.below(2) as u32,
        )
    });
}

fn producers(plan: &mut Plan) -> impl Iterator<Item = &mut ProducerPlan> {
    plan.clients.iter_mut().filter_map(|client| match &mut client.role {
        Role::Producer(producer) => Some(producer),
        _ => None,
    })
}

/// Adds faults that come every so often and last so long.
fn add(
    plan: &mut Plan,
    rng: &mut Rng,
    gap: std::ops::Range<u64>,
    lasts: std::ops::Range<u64>,
    kind: impl Fn(&Plan, &mut Rng) -> FaultKind,
) {
    let end = plan.safety.as_millis() as u64;
    let mut at = rng.between(gap.clone()) + quiet(rng);
    while at < end {
        let kind = kind(plan, rng);
        plan.faults.push(FaultPlan {
            at: millis(at),
            lasts: millis(rng.between(lasts.clone())),
            kind,
        });
        at += rng.between(gap.clone()) + quiet(rng);
    }
    plan.faults.sort_by_key(|fault| fault.at);
}
