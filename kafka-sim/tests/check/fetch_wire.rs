//! I35, I36, I41 and I42: fetches.

use std::time::Duration;

use kafka_sim::check::{Event, Invariant, ProducerContract, Start, Wire};

use crate::story::{CONSUMER, DEADLINE, Story, fires, holds, story, story_with};

#[test]
fn epoch() {
    let fetched = |epochs: &[i32]| {
        epochs.iter().fold(story(), |mut story, leader_epoch| {
            let (leader_epoch, partition) = (*leader_epoch, story.partition(0));
            let correlation_id = 1;
            story.wire(
                1,
                Wire::FetchPartition { correlation_id, partition, offset: 0, leader_epoch },
            )
        })
    };
    fires(Invariant::Epoch, fetched(&[3, 4, 3]), fetched(&[3, 3, -1, 4]));
}

/// Session 9 with partitions 0 and 1, which has brought offsets 0 to 4 of partition 0.
fn session() -> Story {
    let begun = story().fetch(1, 1, (0, 0), &[(0, 0), (1, 0)]);
    begun.fetched(1, 1, (9, 0), &[(0, 0, 4)])
}

#[test]
fn fetch_session() {
    let fires = |bad: Story, good: Story| fires(Invariant::FetchSession, bad, good);
    let next = |epoch, partitions: &[(i32, i64)]| session().fetch(1, 2, (9, epoch), partitions);
    fires(next(2, &[(0, 5)]), next(1, &[(0, 5)]));
    // A position that moved is told; one that did not need not be.
    fires(next(1, &[]), next(1, &[(0, 5)]));
    fires(next(1, &[(1, 0)]), next(1, &[(0, 5), (1, 0)]));
    fires(next(1, &[]), next(1, &[]).forget(1, 2, 0));
    fires(next(1, &[]), session().seek(0, 0).fetch(1, 2, (9, 1), &[]));
    let third = |epoch, partitions: &[(i32, i64)]| {
        let second = next(1, &[(0, 5)]).fetched(1, 2, (9, 0), &[(1, 0, 0)]);
        second.fetch(1, 3, (9, epoch), partitions)
    };
    fires(third(2, &[]), third(2, &[(1, 1)]));
    fires(third(1, &[(1, 1)]), third(2, &[(1, 1)]));
    let crossing = |story: Story| story.seek(0, 0).at(5).fetched(1, 1, (9, 0), &[(0, 0, 4)]);
    let begun = || story().fetch(1, 1, (0, 0), &[(0, 0), (1, 0)]).at(4);
    fires(next(1, &[]), crossing(begun()).fetch(1, 2, (9, 1), &[]));
    // A session that the broker has forgotten, or that was never there.
    let evicted = || next(1, &[(0, 5)]).fetched(1, 2, (0, 70), &[]);
    let again = || evicted().fetch(1, 3, (9, 0), &[(0, 5)]).fetched(1, 3, (10, 0), &[]);
    fires(evicted().fetch(1, 3, (9, 2), &[]), again().fetch(1, 4, (10, 1), &[]));
    fires(story().fetch(1, 1, (9, 1), &[]), next(1, &[(0, 5)]));
    // What became of a lost request is not known.
    let lost = || next(1, &[(0, 5)]).disconnected(1);
    fires(lost().fetch(2, 3, (9, 2), &[]), next(1, &[(0, 5)]));
    holds(lost().fetch(2, 3, (0, 0), &[(0, 5)]));
    let answered = || session().disconnected(1);
    fires(answered().fetch(2, 2, (9, 1), &[]), answered().fetch(2, 2, (9, 1), &[(0, 5)]));
    // Without sessions everything is told every time.
    let none = || story().fetch(1, 1, (0, -1), &[(0, 0)]).fetched(1, 1, (0, 0), &[(0, 0, 4)]);
    holds(none().fetch(1, 2, (0, -1), &[(0, 5)]));
}

/// Twenty records in two batches, fetched while all is calm, of which so many are handed out.
fn twenty(batches: &[(i32, i64, i64)], handed_out: i64) -> Story {
    let sent = (0..20).fold(story(), |story, rid| story.send(rid, 0).ack(rid, rid as i64));
    let rids: Vec<u64> = (0..20).collect();
    let assigned = sent.log(0, &rids).at(20_000).assign(0, Start::Offset(0));
    let asked = assigned.fetch(1, 1, (0, -1), &[(0, 0)]).fetched(1, 1, (0, 0), batches);
    (0..handed_out).fold(asked, |story, offset| story.deliver(0, offset, offset as u64))
}

#[test]
fn wasted_fetch() {
    let (first, second) = ((0, 0, 9), (0, 10, 19));
    let twice = || twenty(&[first, first, second], 20);
    fires(Invariant::WastedFetch, twice(), twenty(&[first, second], 20));
    // What is handed out in part, and what waits behind it, is not wasted.
    holds(twenty(&[first, second], 1));
    fires(Invariant::WastedFetch, twenty(&[first, first], 1), twenty(&[first], 1));
    // An application that goes elsewhere makes its consumer fetch in vain, and so do faults.
    holds(twice().seek(0, 0));
    holds(twice().pause(0));
    let mut broken = twice();
    let (correlation_id, partition) = (1, broken.partition(0));
    holds(broken.wire(1, Wire::BrokenBatch { correlation_id, partition }));
    let stormy = twenty(&[first], 10).fault("x").fetch(1, 2, (0, -1), &[(0, 0)]);
    holds(stormy.fetched(1, 2, (0, 0), &[first]).fault_over());
}

/// Round trips take 10 ms; at 20 s a consumer has all of partition 0 and polls, with a fetch at node 1.
fn caught_up() -> Story {
    caught_up_with(1)
}

/// The same with this `fetch.min.bytes`.
fn caught_up_with(min_bytes: u32) -> Story {
    let contract = ProducerContract {
        delivery_timeout: Duration::from_millis(DEADLINE),
        ..Default::default()
    };
    let sent = story_with(contract, min_bytes)
        .leader(0, 1, 0)
        .high(0, 0)
        .round_trip(1, 10)
        .send(1, 0)
        .ack(1, 0);
    let assigned = sent.log(0, &[1]).assign(0, Start::Offset(0)).at(20_000).poll();
    assigned.fetch(1, 1, (0, -1), &[(0, 0)])
}

#[test]
fn late_delivery() {
    // With a fetch that waits at the leader: a round trip and a tick.
    let parked = |at| caught_up().at(20_100).high(0, 1).at(at).deliver(0, 0, 1).polled(1);
    fires(Invariant::LateDelivery, parked(20_112), parked(20_111));
    let never = caught_up().at(20_100).high(0, 1).at(20_200).polled(0);
    fires(Invariant::LateDelivery, never, parked(20_111));
    // With none: half a round trip more.
    let between = |at| {
        let answered = caught_up().at(20_099).fetched(1, 1, (0, 0), &[]);
        answered.at(20_100).high(0, 1).at(at).deliver(0, 0, 1).polled(1)
    };
    fires(Invariant::LateDelivery, between(20_117), between(20_116));
    // So it is where an answer was on its way that left before.
    let crossing = |at| {
        let crossed = caught_up().at(20_100).high(0, 1).at(20_105).fetched(1, 1, (0, 0), &[]);
        crossed.fetch(1, 2, (0, -1), &[(0, 0)]).at(at).deliver(0, 0, 1).polled(1)
    };
    fires(Invariant::LateDelivery, crossing(20_117), crossing(20_116));
    // Whoever does not poll gets it with the next one.
    let away = |back, at| {
        let gone = caught_up().at(20_100).high(0, 1).polled(0).at(back).poll();
        gone.at(at).deliver(0, 0, 1).polled(1)
    };
    fires(Invariant::LateDelivery, away(21_000, 21_002), away(21_000, 21_001));
    let idle = |at| {
        let back = caught_up().polled(0).at(20_100).high(0, 1).at(20_500).poll();
        back.at(at).deliver(0, 0, 1).polled(1)
    };
    fires(Invariant::LateDelivery, idle(20_502), idle(20_501));
    // With other records in between, it still has to come.
    fires(Invariant::LateDelivery, away(20_105, 20_112), away(20_105, 20_111));
    // What a poll has left over is there for the next one, or on its way.
    let rest = |at| {
        let first = caught_up().send(2, 0).ack(2, 1).log(0, &[1, 2]).at(20_100).high(0, 2);
        let first = first.at(20_105).deliver(0, 0, 1).polled(1).poll();
        first.at(at).deliver(0, 1, 2).polled(1)
    };
    fires(Invariant::LateDelivery, rest(20_117), rest(20_116));
}

#[test]
fn late_delivery_with_reason() {
    let parked = |at| caught_up().at(20_100).high(0, 1).at(at).deliver(0, 0, 1).polled(1);
    // Faults, lost connections, pauses and closing are reasons to be late.
    let visible = || caught_up().at(20_100).high(0, 1).at(20_105);
    let late = |story: Story| story.at(20_200).deliver(0, 0, 1);
    holds(late(visible().fault("x")));
    let swallowed = story().leader(0, 1, 0).high(0, 0).round_trip(1, 10).send(1, 0).ack(1, 0);
    let swallowed = swallowed.log(0, &[1]).assign(0, Start::Offset(0)).at(14_000).fault("x");
    let swallowed = swallowed.fetch(1, 1, (0, -1), &[(0, 0)]).fault_over().at(20_000).poll();
    holds(late(swallowed.at(20_100).high(0, 1)));
    holds(late(visible().leader(0, 2, 1)));
    holds(late(visible().disconnected(1)));
    holds(late(visible().pause(0)));
    let mut broken = visible();
    let (correlation_id, partition) = (1, broken.partition(0));
    holds(late(broken.wire(1, Wire::BrokenBatch { correlation_id, partition })));
    holds(late(visible().event(Event::ConsumerClosed { consumer: CONSUMER })));
    // An answer of more than a byte is for the consumer's configuration to ask for.
    let asking = |configured, min_bytes| {
        let (correlation_id, session_id, session_epoch, max_wait_ms) = (2, 0, -1, 500);
        let fetch =
            Wire::Fetch { correlation_id, session_id, session_epoch, max_wait_ms, min_bytes };
        let mut asked = caught_up_with(configured).wire(1, fetch);
        let (partition, offset, leader_epoch) = (asked.partition(0), 0, 0);
        let part = Wire::FetchPartition { correlation_id, partition, offset, leader_epoch };
        late(asked.wire(1, part).at(20_100).high(0, 1))
    };
    holds(asking(2, 2));
    fires(Invariant::LateDelivery, asking(1, 2), parked(20_111));
    // An election that takes what a record was compacted for leaves a hole.
    let cleaned = |compacted| {
        let cut = story().cut(0, 1).at(10).leader(0, 1, 0).high(0, 0).round_trip(1, 10);
        let mut cut =
            cut.send(1, 0).ack(1, 0).log(0, &[1]).assign(0, Start::Offset(0)).at(20_000).poll();
        cut.logs.get_mut(&0).unwrap().compacted = compacted;
        late(cut.fetch(1, 1, (0, -1), &[(0, 0)]).at(20_100).high(0, 1))
    };
    holds(cleaned(true));
    let report = cleaned(false).report();
    assert!(report.violations.iter().any(|of| of.invariant == Invariant::LateDelivery));
    // So little comes at a time that records wait for their turn.
    let narrow = Wire::Narrow { correlation_id: 1 };
    holds(late(caught_up().wire(1, narrow).at(20_100).high(0, 1)));
    // Nobody knows how long it takes: nothing to judge.
    let unknown = story().leader(0, 1, 0).high(0, 0).assign(0, Start::Offset(0)).at(20_000).poll();
    let unknown = unknown.fetch(1, 1, (0, -1), &[(0, 0)]).send(1, 0).ack(1, 0).log(0, &[1]);
    holds(unknown.high(0, 1).at(30_000).deliver(0, 0, 1));
}

#[test]
fn late_delivery_beside_a_full_queue() {
    // Records of another partition of the leader wait to be handed out, and nothing is parked there.
    let beside = |leader, at| {
        let mut other = caught_up();
        let partition = other.partition(1);
        let leads = Wire::Leads { partition, leader, leader_epoch: 0 };
        let other = other.wire(2, leads).assign(1, Start::Offset(0)).high(1, 5);
        let answered = other.at(20_099).fetched(1, 1, (0, 0), &[]);
        answered.at(20_100).high(0, 1).at(at).deliver(0, 0, 1).polled(1)
    };
    fires(Invariant::LateDelivery, beside(1, 21_117), beside(1, 21_116));
    fires(Invariant::LateDelivery, beside(2, 20_117), beside(2, 20_116));
}

#[test]
fn late_delivery_of_what_was_not_asked_for() {
    // Its leader is known, and it is not fetched: the few round trips of a beginning.
    let starved = |told, at| {
        let sent = story().leader(0, 1, 0).high(0, 0).round_trip(1, 10).send(1, 0).ack(1, 0);
        let assigned = sent.log(0, &[1]).leads(2, told, 0).assign(0, Start::Offset(0));
        let visible = assigned.at(20_000).poll().at(20_100).high(0, 1);
        visible.at(at).deliver(0, 0, 1).polled(1)
    };
    fires(Invariant::LateDelivery, starved(1, 20_252), starved(1, 20_251));
    // Who was told of another leader, or lost a connection to it, has to find the way.
    holds(starved(2, 20_300));
    // A connection that was begun under a fault may never come about.
    let begun = |at| {
        let sent = story().leader(0, 1, 0).high(0, 0).round_trip(1, 10).send(1, 0).ack(1, 0);
        let assigned = sent.log(0, &[1]).leads(2, 1, 0).assign(0, Start::Offset(0));
        let faulty = assigned.at(14_000).fault("x").fault_over().at(at).connecting(1, 1);
        faulty.at(20_000).poll().at(20_100).high(0, 1).at(20_300).deliver(0, 0, 1).polled(1)
    };
    fires(Invariant::LateDelivery, begun(19_999), starved(1, 20_251));
    holds(begun(14_000));
    // A fetch that went there without it comes to its end first.
    let beside = |at| {
        let sent = story().leader(0, 1, 0).high(0, 0).round_trip(1, 10).send(1, 0).ack(1, 0);
        let assigned = sent.log(0, &[1]).leads(2, 1, 0).at(20_000).fetch(1, 1, (0, -1), &[(1, 0)]);
        let visible = assigned.assign(0, Start::Offset(0)).poll().at(20_100).high(0, 1);
        visible.at(at).deliver(0, 0, 1).polled(1)
    };
    fires(Invariant::LateDelivery, beside(20_652), beside(20_651));
    // So does one that asked for it from another position.
    let sought = |at| {
        let sought = caught_up().leads(2, 1, 0).at(20_050).seek(0, 0).at(20_100).high(0, 1);
        sought.at(at).deliver(0, 0, 1).polled(1)
    };
    fires(Invariant::LateDelivery, sought(20_652), sought(20_651));
    // Who was refused has to find out how to ask, until it is answered well.
    let refused = |errors: &[i16], at| {
        let mut story = caught_up().leads(2, 1, 0).at(20_050).fetched(1, 1, (0, 0), &[]);
        for error in errors {
            let (correlation_id, partition) = (1, story.partition(0));
            let (error, high_watermark, bytes) = (*error, 0, 0);
            story = story.wire(
                1,
                Wire::FetchedPartition { correlation_id, partition, error, high_watermark, bytes },
            );
        }
        story.at(20_100).high(0, 1).at(at).deliver(0, 0, 1).polled(1)
    };
    fires(Invariant::LateDelivery, refused(&[74], 20_252), refused(&[74], 20_251));
    fires(Invariant::LateDelivery, refused(&[74, 0], 20_117), refused(&[74, 0], 20_116));
}
