//! I08, I09, I43 and I44: Produce requests.

use std::time::Duration;

use kafka_proto::{ApiKey, ErrorCode, Uuid};
use kafka_sim::check::Certainty::{NotAppended, Unknown};
use kafka_sim::check::{Event, Invariant, ProducerContract, RecordId, Settings, Wire};
use kafka_sim::{Time, Truth};

use crate::story::{CLIENT, Story, fires, holds, story, story_of};
use crate::wire::{Sent, batch};

/// These batches go out one after the other, each with its answer.
fn batches(batches: &[Sent]) -> Story {
    let correlated = (0..).zip(batches);
    correlated.fold(story(), |story, (id, sent)| story.produce(1, id, *sent).produced(1, id, 0))
}

#[test]
fn seq_discipline() {
    let fires = |bad: &[Sent], good: &[Sent]| {
        fires(Invariant::SequenceDiscipline, batches(bad), batches(good));
    };
    fires(&[batch(1, 1)], &[batch(0, 1)]);
    fires(&[batch(0, 5), batch(6, 1)], &[batch(0, 5), batch(5, 1)]);
    fires(&[batch(0, 5), batch(4, 1)], &[batch(0, 5), batch(5, 1)]);
    // Once more is allowed with the same bytes only.
    let changed = |sequence, records| Sent { crc: 1, ..batch(sequence, records) };
    fires(&[batch(0, 5), changed(0, 5)], &[batch(0, 5), batch(0, 5), batch(5, 1), batch(0, 5)]);
    fires(&[batch(0, 5), batch(0, 4)], &[batch(0, 5), batch(0, 5)]);
    // Another partition begins at 0.
    let other = |sequence| Sent { partition: 1, ..batch(sequence, 1) };
    fires(&[batch(0, 5), other(5)], &[batch(0, 5), other(0)]);
    // Sequences wrap to 0, and begin to be used again.
    let wrapped =
        |last| [batch(0, i32::MAX), batch(i32::MAX, 1), Sent { crc: 9, ..batch(last, 1) }];
    fires(&wrapped(1), &wrapped(0));
}

#[test]
fn an_idempotent_producer_has_an_id() {
    let sends = |idempotent| {
        let contract = ProducerContract { idempotent, ..Default::default() };
        let mut story = story_of(contract).send(1, 0).ack(1, 0).log(0, &[1]);
        let partition = story.partition(0);
        story.wire(
            1,
            Wire::Batch {
                correlation_id: 0,
                partition,
                producer_id: -1,
                epoch: -1,
                sequence: -1,
                records: 1,
                bytes: 100,
                crc: 0,
                first: Some(RecordId(1)),
            },
        )
    };
    fires(Invariant::SequenceDiscipline, sends(true), sends(false));
}

#[test]
fn another_epoch() {
    let fires = |bad, good| fires(Invariant::SequenceDiscipline, bad, good);
    let next = |sequence| Sent { epoch: 1, ..batch(sequence, 1) };
    let answered = |code: ErrorCode| story().produce(1, 1, batch(0, 5)).produced(1, 1, code.0);
    let invalid = || answered(ErrorCode::INVALID_RECORD);
    // It begins at 0,
    fires(invalid().produce(1, 2, next(5)), invalid().produce(1, 2, next(0)));
    // and has a reason: not a passing error,
    let passing = answered(ErrorCode::NOT_LEADER_OR_FOLLOWER);
    fires(passing.produce(1, 2, next(0)), invalid().produce(1, 2, next(0)));
    // nor that a batch is out of order for one before it that is still to come,
    let behind = |first: ErrorCode| {
        let second = story().produce(1, 1, batch(0, 5)).produce(1, 2, batch(5, 1));
        let out_of_order = ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER;
        let answered = second.produced(1, 1, first.0).produced(1, 2, out_of_order.0);
        answered.produce(1, 3, next(0))
    };
    fires(behind(ErrorCode::NOT_ENOUGH_REPLICAS), behind(ErrorCode::NONE));
    // but that a record has failed.
    let lost = story().send(1, 0).at(10).produce(1, 1, batch(0, 1)).at(20).fail(1, NotAppended);
    holds(lost.produce(1, 2, next(0)));
}

fn limited(max_in_flight: u32) -> Story {
    story_of(ProducerContract { idempotent: false, max_in_flight, ..Default::default() })
}

#[test]
fn in_flight() {
    let sent = |limit, count: i32| {
        let next = |story: Story, id| story.produce(1, id, Sent { partition: id, ..batch(0, 1) });
        (0..count).fold(limited(limit), next)
    };
    fires(Invariant::InFlight, sent(2, 3), sent(2, 2));
    holds(sent(2, 2).produced(1, 0, 0).produce(1, 3, batch(1, 1)));
    holds(sent(2, 2).disconnected(1).produce(1, 3, batch(1, 1)));
    // Another connection has its own.
    holds(sent(2, 2).produce(2, 3, batch(1, 1)));
    fires(Invariant::InFlight, sent(1, 2), sent(1, 1).produced(1, 0, 0).produce(1, 1, batch(1, 1)));
}

#[test]
fn in_flight_when_a_connection_is_lost() {
    let first = |rid, sequence| Sent { first: Some(rid), ..batch(sequence, 1) };
    let lost = |limit| {
        let sent = limited(limit).send(1, 0).send(2, 0).produce(1, 1, first(1, 0));
        sent.disconnected(1)
    };
    let ends = |story: Story, log: &[u64]| story.ack(1, 0).ack(2, 1).log(0, log);
    let other = |limit| lost(limit).produce(2, 2, first(2, 1)).produced(2, 2, 0);
    let again = || lost(1).produce(2, 2, first(1, 0));
    let then = |error| again().produced(2, 2, error).produce(2, 3, first(2, 1));
    fires(Invariant::InFlight, ends(other(1), &[1, 2]), ends(then(0), &[1, 2]));
    holds(ends(other(2), &[1, 2]));
    // A passing error is no outcome.
    fires(Invariant::InFlight, ends(then(6), &[1, 2]), ends(then(0), &[1, 2]));
    // Behind one that was given up others may go.
    holds(other(1).fail(1, Unknown).ack(2, 0).log(0, &[2]));
}

#[test]
fn head_of_line_on_a_connection() {
    let polling = || story().fetch(1, 1, (0, -1), &[(0, 0)]);
    fires(
        Invariant::HeadOfLine,
        polling().request(1, ApiKey::Metadata, 2),
        polling().request(2, ApiKey::Metadata, 2),
    );
    holds(polling().fetched(1, 1, (0, 0), &[]).request(1, ApiKey::Metadata, 2));
    holds(polling().disconnected(1).request(1, ApiKey::Metadata, 2));
}

/// Round trips take 10 ms, a batch is one record, and the connection is proven with the first at 20 s.
fn proven(max_in_flight: u32) -> Story {
    let linger = Duration::from_millis(5);
    let contract =
        ProducerContract { max_in_flight, linger, batch_bytes: 100, ..Default::default() };
    let begun = story_of(contract).round_trip(1, 10).at(20_000).send(1, 0).at(20_010);
    let first = begun.produce(1, 1, Sent { first: Some(1), ..batch(0, 1) });
    first.at(20_015).produced(1, 1, 0).ack(1, 0).log(0, &[1])
}

#[test]
fn head_of_line_between_brokers() {
    // Linger, a round trip, a tick.
    let second = |at| {
        let sent = proven(5).at(20_100).send(2, 0).at(at);
        sent.produce(1, 2, Sent { first: Some(2), ..batch(1, 1) }).fail(2, NotAppended)
    };
    fires(Invariant::HeadOfLine, second(20_117), second(20_116));
    // With something else on its way there, or with a fault, it may take longer.
    let busy = proven(5).at(20_100).send(2, 0).produce(1, 9, Sent { partition: 1, ..batch(0, 1) });
    holds(
        busy.at(21_000).produce(1, 2, Sent { first: Some(2), ..batch(1, 1) }).fail(2, NotAppended),
    );
    let stormy = proven(5).at(20_100).fault("x").send(2, 0).at(21_000);
    holds(stormy.produce(1, 2, Sent { first: Some(2), ..batch(1, 1) }).fail(2, NotAppended));
    // So it may while a fault holds back an answer, long after the fault was laid.
    let held_back = |until| {
        let held = proven(5).at(20_100).send(2, 0).at(until);
        let held = held.truth(Truth::Faulted { since: Time::from_millis(15_000) }).at(21_000);
        held.produce(1, 2, Sent { first: Some(2), ..batch(1, 1) }).fail(2, NotAppended)
    };
    fires(Invariant::HeadOfLine, held_back(15_050), second(20_116));
    holds(held_back(15_150));
    // What was refused waits, and what is accepted meanwhile waits behind it.
    let refused = |error| {
        let asked = proven(5).at(20_050).send(3, 0);
        let asked = asked.produce(1, 2, Sent { first: Some(3), ..batch(1, 1) });
        let answered = asked.at(20_060).produced(1, 2, error).at(20_100).send(2, 0).at(20_200);
        let sent = answered.produce(1, 3, Sent { first: Some(2), ..batch(2, 1) });
        sent.fail(3, NotAppended).fail(2, NotAppended)
    };
    fires(Invariant::HeadOfLine, refused(0), refused(6));
    // A batch that goes out again is no news.
    let again = second(20_116).at(22_000).produced(1, 2, 0);
    holds(again.produce(1, 3, Sent { first: Some(2), ..batch(1, 1) }));
}

/// Ten records wait; every round trip takes so many along.
fn drained(max_in_flight: u32, at_once: i32) -> Story {
    drained_after(proven(max_in_flight), at_once)
}

fn drained_after(begun: Story, at_once: i32) -> Story {
    let mut story = (2..12).fold(begun.at(20_100), |story, rid| story.send(rid, 0));
    let mut next: i32 = 2;
    for round in 0..10 / at_once {
        let sent = 20_100 + 10 * u64::try_from(round).unwrap();
        story = story.at(sent);
        for id in next..next + at_once {
            let first = Some(u64::try_from(id).unwrap());
            story = story.produce(1, id, Sent { first, ..batch(id - 1, 1) });
        }
        story = story.at(sent + 10);
        for id in next..next + at_once {
            story = story.produced(1, id, 0);
        }
        next += at_once;
    }
    (2..12).fold(story, |story, rid| story.fail(rid, NotAppended))
}

#[test]
fn pipelining() {
    fires(Invariant::Pipelining, drained(5, 1), drained(5, 5));
    fires(Invariant::Pipelining, drained(2, 1), drained(2, 2));
    holds(drained(1, 1));
    // A client has to hear who leads a topic that was made again.
    let created = Truth::TopicCreated { topic: Uuid([2; 16]), name: "t".into(), partitions: 1 };
    let renewed = proven(5).at(20_050).deleted().truth(created);
    holds(drained_after(renewed, 1));
}

#[test]
fn pipelining_begins_again_with_a_leader() {
    // The next burst after the news: its first batch goes alone, and the others when that is appended.
    let led = |before: i32, after: i32| {
        let known = proven(5).leads(3, 1, before).at(20_050).leads(3, 1, after).at(20_100);
        let waiting = (2..7).fold(known, |story, rid| story.send(rid, 0));
        let first = waiting.produce(1, 2, Sent { first: Some(2), ..batch(1, 1) });
        let taken = first.at(20_110).produced(1, 2, 0);
        (3..7).fold(taken, |story, id| {
            let first = Some(u64::try_from(id).unwrap());
            story.produce(1, id, Sent { first, ..batch(id - 1, 1) })
        })
    };
    let ended = |story: Story| (2..7).fold(story, |story, rid| story.fail(rid, NotAppended));
    fires(Invariant::Pipelining, ended(led(4, 4)), ended(led(4, 5)));
    // Once it is appended, there is no more excuse.
    let late = |at: u64| {
        let known = proven(5).leads(3, 1, 4).at(20_050).leads(3, 1, 5).at(20_100).send(2, 0);
        let taken = known.produce(1, 2, Sent { first: Some(2), ..batch(1, 1) }).at(20_110);
        let waiting = (3..7).fold(taken.produced(1, 2, 0), |story, rid| story.send(rid, 0));
        (3..7).fold(waiting.at(at), |story, id| {
            let first = Some(u64::try_from(id).unwrap());
            story.produce(1, id, Sent { first, ..batch(id - 1, 1) })
        })
    };
    fires(Invariant::Pipelining, ended(late(20_120)), ended(late(20_110)));
}

#[test]
fn pipelining_begins_again_with_an_epoch() {
    let burst = |begun: Story, epoch, next| {
        let waiting = (2..7).fold(begun.at(20_100), |story, rid| story.send(rid, 0));
        let first = Sent { first: Some(2), epoch, ..batch(next, 1) };
        let taken = waiting.produce(1, 2, first).at(20_110).produced(1, 2, 0);
        let rest = (3..7).fold(taken, |story, id| {
            let first = Some(u64::try_from(id).unwrap());
            story.produce(1, id, Sent { first, epoch, ..batch(next + id - 2, 1) })
        });
        (2..7).fold(rest, |story, rid| story.fail(rid, NotAppended))
    };
    // The answer says nothing of a batch, which ends: nobody knows whether its sequence is taken.
    let lost = proven(5).at(20_050).send(9, 0);
    let lost = lost.produce(1, 9, Sent { first: Some(9), ..batch(1, 1) });
    let lost = lost.response(1, ApiKey::Produce, 9).fail(9, Unknown);
    fires(Invariant::Pipelining, burst(proven(5), 0, 1), burst(lost, 1, 0));
    // One that is sent again may have to be settled before the next epoch begins.
    let settled = |again: u64| {
        let asked = proven(5).at(20_050).send(8, 0).send(9, 0);
        let asked = asked.produce(1, 8, Sent { first: Some(8), ..batch(1, 1) });
        let asked = asked.produce(1, 9, Sent { first: Some(9), ..batch(2, 1) });
        let refused = asked.at(20_051).produced(1, 8, 7).produced(1, 9, 7).at(20_100);
        let waiting = (2..7).fold(refused, |story, rid| story.send(rid, 0));
        let first = Sent { first: Some(8), ..batch(1, 1) };
        let first = waiting.produce(1, 10, first).at(20_110).produced(1, 10, 0);
        let second = Sent { first: Some(again), ..batch(2, 1) };
        let second = first.produce(1, 11, second).at(20_120);
        let rest = (3..7).fold(second.produced(1, 11, 0), |story, id| {
            let first = Some(u64::try_from(id).unwrap());
            story.produce(1, id + 10, Sent { first, epoch: 1, ..batch(id - 3, 1) })
        });
        (2..7).chain(8..10).fold(rest, |story, rid| story.fail(rid, Unknown))
    };
    fires(Invariant::Pipelining, settled(2), settled(9));
    // The broker may have forgotten a producer whose clock says that it has rested for long.
    let jumped = proven(5).event(Event::Frozen { client: CLIENT });
    let jumped = jumped.event(Event::Thawed { client: CLIENT });
    fires(Invariant::Pipelining, burst(proven(5), 0, 1), burst(jumped, 0, 1));
}

#[test]
fn pipelining_begins_again_after_a_rest() {
    // The rest becomes too long while a batch is on its way: those behind it wait for what becomes of it.
    let timeout = 120_000;
    let rested = |rest: u64| {
        let sent = proven(5).at(20_015 + rest).send(2, 0);
        let sent = sent.produce(1, 2, Sent { first: Some(2), ..batch(1, 1) });
        let waiting = (3..7).fold(sent.at(20_025 + rest), |story, rid| story.send(rid, 0));
        let taken = waiting.at(20_035 + rest).produced(1, 2, 0);
        let left = (3..7).fold(taken, |story, id| {
            let first = Some(u64::try_from(id).unwrap());
            story.produce(1, id, Sent { first, ..batch(id - 1, 1) })
        });
        (2..7).fold(left, |story, rid| story.fail(rid, NotAppended))
    };
    fires(Invariant::Pipelining, rested(timeout - 30), rested(timeout - 5));
}

#[test]
fn time_to_live() {
    let settings = Settings::default();
    let delivery_timeout = Duration::from_secs(120);
    assert_eq!(settings.t_live(delivery_timeout), Duration::from_secs(123));
    assert_eq!(settings.t_live(Duration::ZERO), Duration::from_secs(33));
}
