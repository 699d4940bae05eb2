//! I30: a passing error ends no record, and a while after all faults are gone, everything that was begun has ended, and what is begun succeeds.
//!
//! Of records that run out of time those are excused that waited for their turn to the last: a producer may be given more
//! than its settings let through, one small batch a round trip, say. What tells is that something of the client's was appended
//! to the partition within a round trip before its end: had the partition stood still, it would have been longer ago. What
//! was in one batch with such a record ends with it, before its own time. That no more could have been on its way is for I44
//! to see.

use std::collections::BTreeMap;
use std::time::Duration;

use kafka_proto::{ApiKey, ErrorCode};

use super::logs::told;
use crate::Time;
use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::{Certainty, ClientId, Failure, OpRef, Partition, ProducerRef};
use crate::check::run::{Outcome, Run, Sent};
use crate::check::wire::Wire;

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let unknown = told_unknown(run);
    run.sent.iter().for_each(|sent| gave_up(run, &unknown, sent, findings));
    let Some(heal) = run.heal else { return };
    let (round_trips, answers) = (round_trips(run), answers(run));
    let mut moved: BTreeMap<(ProducerRef, Partition), Time> = BTreeMap::new();
    let mut late = BTreeMap::new();
    for sent in &run.sent {
        let t_live = run.settings.t_live(run.contract(sent.producer).delivery_timeout);
        let key = (sent.producer, sent.partition);
        let round_trip = round_trips.get(&sent.client).copied();
        // A record's turn comes within a round trip after that of the batch before it.
        let last = moved.get(&key).copied().max(answered(&answers, sent));
        let turn = last.zip(round_trip).map(|(at, round_trip)| at + round_trip + run.settings.tick);
        let with = late.get(&key).copied();
        if let Some(at) = record(run, sent, (heal, t_live, turn, with), findings) {
            late.insert(key, at);
        }
        if let Some((at, Outcome::Acked(_))) = sent.ended {
            moved.insert(key, at);
        }
    }
    let longest = run.producers.values().map(|(_, contract)| contract.delivery_timeout).max();
    let t_live = run.settings.t_live(longest.unwrap_or_default());
    operations(run, heal, t_live, findings);
}

/// Gives when it ended, if it is excused for it.
fn record(
    run: &Run<'_>,
    sent: &Sent,
    (heal, t_live, turn, with): (Time, Duration, Option<Time>, Option<Time>),
    findings: &mut Findings,
) -> Option<Time> {
    if run.crashed.contains_key(&sent.client) {
        return None;
    }
    let by = sent.at.max(heal) + t_live;
    if by > run.end && sent.ended.is_none() {
        return None;
    }
    let ended = sent.ended.is_some_and(|(at, _)| at <= by);
    findings.judge(Invariant::Liveness, ended, by, || {
        format!("{} has not ended {t_live:?} after the heal", told(run, sent))
    });
    // A record that nobody could write though nothing stood in its way: it ran out of time.
    let until = sent.ended.map_or(run.end, |(at, _)| at);
    if sent.at < heal + t_live
        || run.is_renewed(sent.partition, until, until.since(sent.at) + t_live)
    {
        return None;
    }
    if let Some((at, Outcome::Failed(certainty, _))) = sent.ended
        && (certainty == Certainty::Unknown || at >= sent.deadline)
    {
        let waited =
            with == Some(at) || (at >= sent.deadline && turn.is_some_and(|turn| at <= turn));
        findings.judge(Invariant::Liveness, waited, at, || {
            format!("{} failed though all is healed: {certainty:?}", told(run, sent))
        });
        return waited.then_some(at);
    }
    None
}

/// A passing error is a reason to send again, and none to give up: not in the first half of a record's time, and whether
/// all is healed or not. But what a topic may have that was deleted can't be sent again to another of its name.
fn gave_up(
    run: &Run<'_>,
    unknown: &BTreeMap<ClientId, Vec<Time>>,
    sent: &Sent,
    findings: &mut Findings,
) {
    let Some((at, Outcome::Failed(_, Failure::Code(code)))) = sent.ended else { return };
    let patience = run.contract(sent.producer).delivery_timeout / 2;
    // Brokers that go on telling so are believed that a topic is no more.
    let missed = unknown
        .get(&sent.client)
        .is_some_and(|times| times.iter().any(|told| (sent.at..=at).contains(told)));
    let gone = missed || run.was_deleted(sent.partition, at);
    let holds = !ErrorCode(code).is_retriable() || at >= sent.at + patience || gone;
    findings.judge(Invariant::Liveness, holds, at, || {
        format!(
            "{} was given up after {:?} for {}",
            told(run, sent),
            at.since(sent.at),
            ErrorCode(code)
        )
    });
}

/// When batches of a client's were said to be appended to a partition, whether or not anybody still waited for that.
type Answers = BTreeMap<(ClientId, Partition), Vec<Time>>;

fn answers(run: &Run<'_>) -> Answers {
    let mut answers = Answers::new();
    for (at, event) in run.events.iter() {
        if let Event::Wire { client, wire: Wire::Produced { partition, error: 0, .. }, .. } = *event
        {
            answers.entry((client, run.name(partition))).or_default().push(*at);
        }
    }
    answers
}

/// When the last of them came before a record's end.
fn answered(answers: &Answers, sent: &Sent) -> Option<Time> {
    let (end, _) = sent.ended?;
    let times = answers.get(&(sent.client, sent.partition))?;
    let before = times.partition_point(|at| *at <= end);
    times.get(before.checked_sub(1)?).copied()
}

/// When clients were told that a topic does not exist.
fn told_unknown(run: &Run<'_>) -> BTreeMap<ClientId, Vec<Time>> {
    let mut told: BTreeMap<ClientId, Vec<Time>> = BTreeMap::new();
    let (metadata, unknown) = (ApiKey::Metadata.to_i16(), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0);
    for (at, event) in run.events.iter() {
        if let Event::Wire { client, wire: Wire::Error { api, code }, .. } = *event
            && (api, code) == (metadata, unknown)
        {
            told.entry(client).or_default().push(*at);
        }
    }
    told
}

/// The longest that there and back takes each client.
fn round_trips(run: &Run<'_>) -> BTreeMap<ClientId, Duration> {
    let mut longest: BTreeMap<ClientId, Duration> = BTreeMap::new();
    for (_, event) in run.events.iter() {
        if let Event::RoundTrip { client, round_trip, .. } = *event {
            let known = longest.entry(client).or_default();
            *known = round_trip.max(*known);
        }
    }
    longest
}

fn operations(run: &Run<'_>, heal: Time, t_live: Duration, findings: &mut Findings) {
    let mut open: BTreeMap<OpRef, (Time, ClientId, &str)> = BTreeMap::new();
    for (at, event) in run.events.iter() {
        match *event {
            Event::OpStarted { client, op, kind, .. } => {
                open.insert(op, (*at, client, kind));
            }
            Event::OpEnded { op, .. } => {
                let Some((started, _, kind)) = open.remove(&op) else { continue };
                let by = started.max(heal) + t_live;
                findings.judge(Invariant::Liveness, *at <= by, *at, || {
                    format!(
                        "operation {} ({kind}) ended later than {t_live:?} after the heal",
                        op.0
                    )
                });
            }
            _ => {}
        }
    }
    for (op, (started, client, kind)) in open {
        let by = started.max(heal) + t_live;
        if by <= run.end && !run.crashed.contains_key(&client) {
            findings.judge(Invariant::Liveness, false, by, || {
                format!("operation {} ({kind}) is open {t_live:?} after the heal", op.0)
            });
        }
    }
}
