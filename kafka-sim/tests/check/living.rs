//! I30 to I34, I45 and E01: that there is an end to everything, and that nothing is used for nothing.

use std::time::Duration;

use kafka_proto::{ApiKey, ErrorCode, Uuid};
use kafka_sim::check::Certainty::{NotAppended, Unknown};
use kafka_sim::check::{
    Event, Failure, Invariant, OpRef, Phase, ProducerContract, RecordId, Start,
};
use kafka_sim::{ConnId, Time, Truth};

use crate::story::{CLIENT, CONSUMER, DEADLINE, ID, Story, fires, holds, story, story_of};
use crate::wire::batch;

/// The request timeout, twice the highest backoff, and that of metadata.
const T_LIVE: u64 = 30_000 + 2 * 1_000 + 1_000;

fn heal(story: Story) -> Story {
    story.event(Event::Heal)
}

#[test]
fn liveness_of_records() {
    // A deadline that is later than the time in which all must flow again.
    let timeout = Duration::from_secs(31);
    let contract = ProducerContract { delivery_timeout: timeout, ..Default::default() };
    let (t_live, later) = (34_000, Duration::from_secs(100));
    let patient = |at| {
        let mut sent = heal(story_of(contract)).at(10);
        let partition = sent.partition(0);
        let (producer, rid) = (crate::story::PRODUCER, kafka_sim::check::RecordId(1));
        let deadline = Time::ZERO + later;
        let (hash, bytes, client) = (crate::story::hash(1), 1, CLIENT);
        sent.event(Event::Send { client, producer, rid, partition, hash, bytes, deadline })
            .at(at)
            .fail(1, Unknown)
    };
    fires(Invariant::Liveness, patient(t_live + 11), patient(t_live + 10));
    // What is sent when all is well again does not run out of time.
    let sent = |at| heal(story()).at(at).send(1, 0).at(at + DEADLINE);
    fires(Invariant::Liveness, sent(T_LIVE).fail(1, Unknown), sent(T_LIVE).ack(1, 0).log(0, &[1]));
    fires(
        Invariant::Liveness,
        sent(T_LIVE).fail(1, NotAppended),
        sent(T_LIVE - 1).fail(1, Unknown),
    );
    let refused = heal(story()).at(T_LIVE).send(1, 0).at(T_LIVE + 1).fail(1, NotAppended);
    fires(Invariant::Liveness, sent(T_LIVE).fail(1, Unknown), refused);
    // Unless its turn has not come: the one before it ended a round trip ago.
    let overloaded = |ago| {
        let sent = heal(story()).round_trip(1, 10).at(T_LIVE).send(1, 0).send(2, 0);
        let acked = sent.at(T_LIVE + DEADLINE - ago).ack(1, 0).log(0, &[1]);
        acked.at(T_LIVE + DEADLINE).fail(2, NotAppended)
    };
    fires(Invariant::Liveness, overloaded(12), overloaded(11));
    // One that came later goes with it if they share a batch.
    let joined = |later| {
        let sent = heal(story()).round_trip(1, 10).at(T_LIVE).send(1, 0).send(2, 0);
        let joined =
            sent.at(T_LIVE + 50).send(3, 0).at(T_LIVE + DEADLINE - 5).ack(1, 0).log(0, &[1]);
        let failed = joined.at(T_LIVE + DEADLINE).fail(2, Unknown);
        failed.at(T_LIVE + DEADLINE + later).fail(3, Unknown)
    };
    fires(Invariant::Liveness, joined(1), joined(0));
    holds(heal(story()).at(T_LIVE).deleted().send(1, 0).at(T_LIVE + DEADLINE).fail(1, NotAppended));
}

#[test]
fn liveness_of_operations() {
    let op = OpRef(1);
    let ended = |at| {
        let deadline = Time::from_millis(2 * T_LIVE + 20_000);
        let begun =
            heal(story()).event(Event::OpStarted { client: CLIENT, op, kind: "x", deadline });
        begun.at(at).event(Event::OpEnded { op, failure: None })
    };
    fires(Invariant::Liveness, ended(T_LIVE + 1), ended(T_LIVE));
}

#[test]
fn liveness_of_consumers() {
    // A record is there; a consumer polls until it is closed, a while after the heal.
    let lags = |closed| {
        let there = heal(story()).send(1, 0).ack(1, 0).log(0, &[1]).high(0, 1);
        let polls = there.assign(0, Start::Earliest).poll();
        polls.at(closed).event(Event::ConsumerClosed { consumer: CONSUMER })
    };
    let reads = || {
        let there = heal(story()).send(1, 0).ack(1, 0).log(0, &[1]).high(0, 1);
        let read = there.assign(0, Start::Earliest).poll().deliver(0, 0, 1).polled(1).poll();
        read.at(T_LIVE).event(Event::ConsumerClosed { consumer: CONSUMER })
    };
    fires(Invariant::Liveness, lags(T_LIVE), reads());
    holds(lags(T_LIVE - 1));
    // Who pauses, does not poll, starts at the end, or was told of an error, lags with right.
    let idle = |story: Story| {
        holds(
            story
                .at(T_LIVE)
                .event(Event::CloseStarted { client: CLIENT, deadline: Time::from_millis(T_LIVE) })
                .event(Event::Closed { client: CLIENT }),
        )
    };
    let there = || heal(story()).send(1, 0).ack(1, 0).log(0, &[1]).high(0, 1);
    idle(there().assign(0, Start::Earliest));
    idle(there().assign(0, Start::Latest).poll());
    idle(there().assign(0, Start::Earliest).pause(0).poll());
    idle(there().assign(0, Start::Earliest).log_start(0, 1).poll());
    idle(there().assign(0, Start::Earliest).unassign(0).poll());
    // Nor has who stops polling before it could know.
    let stops = |at| {
        let stopped = there().assign(0, Start::Earliest).poll().at(at).polled(0);
        stopped.at(T_LIVE + 1).event(Event::ConsumerClosed { consumer: CONSUMER })
    };
    fires(Invariant::Liveness, stops(T_LIVE), reads());
    holds(stops(T_LIVE - 1));
    // Nor does who gets nothing only for a moment.
    let pauses = |polls: u64| {
        let read = there().send(2, 0).ack(2, 1).log(0, &[1, 2]).high(0, 2);
        let read = read.assign(0, Start::Earliest).poll().at(T_LIVE).deliver(0, 0, 1).polled(1);
        let hungry = (1..=polls)
            .fold(read, |story, second| story.poll().at(T_LIVE + second * 1_000).polled(0));
        hungry.event(Event::ConsumerClosed { consumer: CONSUMER })
    };
    fires(Invariant::Liveness, pauses(10), reads());
    holds(pauses(9));
    let rests = |second: u64| {
        let read = there().assign(0, Start::Earliest).poll().polled(0).at(T_LIVE).poll().polled(0);
        let again = read.at(T_LIVE + second * 1_000).poll().polled(0);
        again.event(Event::ConsumerClosed { consumer: CONSUMER })
    };
    fires(Invariant::Liveness, rests(10), reads());
    holds(rests(11));
    // From a seek on it has all to do again.
    let seeks = |polls: u64| {
        let read = there().assign(0, Start::Earliest).poll().at(T_LIVE).deliver(0, 0, 1).polled(1);
        let hungry = read.poll().at(T_LIVE + 20_000).polled(0).seek(0, 0);
        let still = (1..=polls).fold(hungry, |story, second| {
            story.poll().at(T_LIVE + 20_000 + second * 1_000).polled(0)
        });
        still.event(Event::ConsumerClosed { consumer: CONSUMER })
    };
    fires(Invariant::Liveness, seeks(10), reads());
    holds(seeks(9));
    holds(seeks(0));
}

#[test]
fn liveness_of_consumers_where_a_compacted_log_was_cut_off() {
    // Record 1 made way for record 3, which is gone: nothing is left from offset 1 on.
    let read = |cut: Option<i64>, compacted: bool, log: &[u64]| {
        let there = story().send(4, 0).ack(4, 0).send(1, 0).fail(1, Unknown).high(0, 3);
        let there = cut.into_iter().fold(there, |there, to| there.cut(0, to).high(0, to));
        let mut there = heal(there).log(0, log);
        there.logs.get_mut(&0).unwrap().compacted = compacted;
        let polls = there.assign(0, Start::Earliest).poll().deliver(0, 0, 4).polled(1).poll();
        polls.at(T_LIVE).event(Event::ConsumerClosed { consumer: CONSUMER })
    };
    let hollow = || read(Some(2), true, &[4]);
    holds(hollow());
    fires(Invariant::Liveness, read(Some(2), true, &[4, 1]), hollow());
    // Where nothing was cut off the last batch is always there, and where all is kept so is every record.
    fires(Invariant::Liveness, read(None, true, &[4]), hollow());
    fires(Invariant::Liveness, read(Some(2), false, &[4]), hollow());
}

#[test]
fn liveness_of_consumers_that_fail() {
    // An error is no reason to lag for ever, unless it is for the application to send the consumer elsewhere.
    let fails = |partition: bool| {
        let mut there = heal(story()).send(1, 0).ack(1, 0).log(0, &[1]).high(0, 1);
        let partition = partition.then(|| there.partition(0));
        let failure = Failure::Kind("Corrupt");
        let failed = Event::ConsumerFailed { consumer: CONSUMER, partition, failure };
        let polled = there.assign(0, Start::Offset(0)).poll().event(failed).polled(0);
        polled.position(0, 0)
    };
    let closes =
        |story: Story| story.at(T_LIVE).event(Event::ConsumerClosed { consumer: CONSUMER });
    let reads = |story: Story| closes(story.seek(0, 0).poll().deliver(0, 0, 1).polled(1).poll());
    let goes_on = |story: Story| closes(story.poll());
    fires(Invariant::Liveness, goes_on(fails(false)), reads(fails(false)));
    holds(goes_on(fails(true)));
    fires(Invariant::Liveness, goes_on(fails(true).seek(0, 0)), reads(fails(true)));
}

#[test]
fn partitions_that_are_there() {
    let misses = |partition, name| {
        let assigned = story().assign(0, Start::Earliest).assign(partition, Start::Earliest);
        let failure = Failure::Kind(name);
        let failed = Event::ConsumerFailed { consumer: CONSUMER, partition: None, failure };
        assigned.at(10).event(failed)
    };
    fires(Invariant::Liveness, misses(2, "UnknownPartition"), misses(3, "UnknownPartition"));
    holds(misses(2, "NoBroker"));
    let gone = |story: Story| {
        let failure = Failure::Kind("UnknownPartition");
        story.at(10).event(Event::Fail { rid: RecordId(1), certainty: NotAppended, failure })
    };
    fires(Invariant::Liveness, gone(story().send(1, 0)), gone(story().send(1, 0).deleted()));
    // Not everybody knows at once of what was added.
    let grown = |after| {
        let added = Truth::PartitionsAdded { topic: ID, partitions: 4 };
        let sent = story().at(10).truth(added).at(10 + after).send(1, 3);
        let failure = Failure::Kind("UnknownPartition");
        sent.event(Event::Fail { rid: RecordId(1), certainty: NotAppended, failure })
    };
    fires(Invariant::Liveness, grown(T_LIVE), grown(T_LIVE - 1));
}

#[test]
fn liveness_of_topics_made_again() {
    let again =
        |partitions| Truth::TopicCreated { topic: Uuid([2; 16]), name: "t".into(), partitions };
    let sent = |created: u64, partitions| {
        let renewed = heal(story()).at(created).deleted().truth(again(partitions));
        renewed.at(created + T_LIVE).send(1, 1).at(created + T_LIVE + DEADLINE)
    };
    fires(Invariant::Liveness, sent(10, 3).fail(1, NotAppended), sent(10, 3).ack(1, 0));
    // A while is as good as ever for somebody who has to hear of it.
    let soon = heal(story()).at(10).deleted().truth(again(3)).at(9 + T_LIVE).send(1, 1);
    holds(soon.at(9 + T_LIVE + DEADLINE).fail(1, NotAppended));
    holds(sent(10, 1).fail(1, NotAppended));
    // A consumer begins with the new one.
    let reads = |position| {
        let read = heal(story()).assign(0, Start::Offset(0)).position(0, 0).at(10).deleted();
        let renewed = read.truth(again(3)).at(11).send(1, 0).at(12);
        let there =
            renewed.truth(Truth::HighWatermark { topic: Uuid([2; 16]), partition: 0, offset: 1 });
        let polls = there.fail(1, Unknown).poll().position(0, position);
        polls.at(12 + T_LIVE).event(Event::ConsumerClosed { consumer: CONSUMER })
    };
    fires(Invariant::Liveness, reads(0), reads(1));
}

#[test]
fn hot_loop_on_the_wire() {
    let requests = |count: u64, every: u64, conns: u64| {
        (0..count).fold(story(), |story, n| {
            story.at(n * every).request(n % conns, ApiKey::Metadata, n as i32)
        })
    };
    fires(Invariant::HotLoop, requests(51, 19, 1), requests(50, 19, 1));
    holds(requests(200, 20, 1));
    holds(requests(100, 10, 2));
    // Requests that bring something are no loop; the same batch again and again is one.
    let fetches = |batches: &[(i32, i64, i64)]| {
        (0..60).fold(story(), |story, n| {
            let asked = story.at(u64::try_from(n).unwrap() * 10).fetch(1, n, (0, -1), &[(0, 0)]);
            asked.fetched(1, n, (0, 0), batches)
        })
    };
    fires(Invariant::HotLoop, fetches(&[]), fetches(&[(0, 0, 0)]));
    let produces = |step: i32| {
        (0..60).fold(story(), |story, n| {
            let at = story.at(u64::try_from(n).unwrap() * 10);
            at.produce(1, n, batch(n * step, 1)).produced(1, n, 6)
        })
    };
    fires(Invariant::HotLoop, produces(0), produces(1));
    // So is an application that asks again and again.
    let seeks = (0..60).fold(story(), |story, n| {
        story.at(n * 10).seek(0, 0).request(1, ApiKey::ListOffsets, n as i32)
    });
    fires(Invariant::HotLoop, requests(51, 0, 1), seeks);
}

#[test]
fn hot_loop_in_the_engine() {
    let turn = |actions, wait: Option<u64>| Event::Turn {
        client: CLIENT,
        actions,
        wait_until: wait.map(Time::from_millis),
    };
    let turns = |count: u32, step: u64, actions| {
        (0..count)
            .fold(story(), |story, n| story.at(u64::from(n) * step).event(turn(actions, None)))
    };
    fires(Invariant::HotLoop, turns(9, 0, 0), turns(8, 0, 0));
    holds(turns(20, 1, 0));
    holds(turns(20, 0, 1));
    let past = |until| story().at(10).event(turn(1, Some(5))).event(turn(1, Some(until)));
    fires(Invariant::HotLoop, past(10), past(11));
    // Whatever comes is a reason for a turn.
    holds(
        (0..20)
            .fold(story(), |story, n| story.request(1, ApiKey::Metadata, n).event(turn(0, None))),
    );
    // A driver may leave the rest for its next turn, if it does something each time.
    let yields =
        |actions| (0..9).fold(story().at(10), |story, _| story.event(turn(actions, Some(0))));
    fires(Invariant::HotLoop, yields(0), yields(1));
}

#[test]
fn backoff() {
    // One producer, one consumer, and two purposes more: four attempts at once, then one backoff for each.
    let attempts = |count: u64, gap: u64| {
        (0..count).fold(story(), |story, n| story.at(n / 4 * gap).connecting(1, n))
    };
    fires(Invariant::Backoff, attempts(5, 39), attempts(5, 40));
    // It grows: 40, 80, 160 and 320 ms at the least.
    fires(Invariant::Backoff, attempts(17, 149), attempts(17, 150));
    // Another node is another matter, and so is one that answers.
    holds((0..20).fold(story(), |story, n| story.connecting(n, 0)));
    let answers = |api| {
        let tried = (0..4).fold(story(), |story, n| story.connecting(1, n));
        tried.response(1, api, 1).connecting(1, 9)
    };
    holds(answers(ApiKey::ApiVersions));
}

#[test]
fn memory() {
    let bytes =
        |bytes| story().event(Event::Memory { client: CLIENT, what: "records", bytes, max: 1000 });
    fires(Invariant::Memory, bytes(1001), bytes(1000));
}

#[test]
fn leak() {
    let left = |count| story().event(Event::Leftover { client: CLIENT, what: "timers", count });
    fires(Invariant::Leak, left(1), left(0));
}

#[test]
fn given_up() {
    let ended = |after, code: ErrorCode| {
        let failure = Failure::Code(code.0);
        let fail = Event::Fail { rid: RecordId(1), certainty: NotAppended, failure };
        story().send(1, 0).at(after).event(fail)
    };
    let passing = ErrorCode::NOT_ENOUGH_REPLICAS;
    fires(Invariant::Liveness, ended(DEADLINE / 4, passing), ended(DEADLINE * 3 / 4, passing));
    holds(ended(DEADLINE / 4, ErrorCode::INVALID_RECORD));
}

#[test]
fn unused_connection() {
    let connected = || {
        let connections_max_idle = Some(Duration::from_secs(5));
        let opened = Event::ClientOpened { client: CLIENT, connections_max_idle };
        let connected = Event::Connected { client: CLIENT, conn: ConnId(1), node: 1 };
        story().event(opened).event(connected).at(20_000).request(1, ApiKey::Fetch, 1)
    };
    let used = |until| connected().response(1, ApiKey::Fetch, 1).at(until).disconnected(1);
    fires(Invariant::Leak, used(26_000), used(25_400));
    // An answer may take its time.
    holds(connected().at(60_000).disconnected(1));
}

#[test]
fn error_event() {
    let deadline = Time::from_millis(1);
    let closed = || {
        let begun = story().event(Event::CloseStarted { client: CLIENT, deadline });
        begun.event(Event::Closed { client: CLIENT })
    };
    let mut logged = closed();
    logged.history.error_logged(Time::ZERO, CLIENT, "a lane was lost");
    let report = logged.report();
    assert!(report.violations[0].to_string().contains("a lane was lost"), "{report:?}");
    holds(closed());
}

#[test]
fn idle() {
    let idle = || story().at(10_000).event(Event::Phase(Phase::Idle));
    let over = |story: Story| story.at(20_000).event(Event::Phase(Phase::Close));
    let turn = |n| Event::Turn {
        client: CLIENT,
        actions: 1,
        wait_until: Some(Time::from_millis(20_000 + n)),
    };
    let turns =
        |count: u64| over((0..count).fold(idle(), |story, n| story.at(10_000 + n).event(turn(n))));
    // Four a second, and those that one more second explains.
    fires(Invariant::Idle, turns(45), turns(44));
    let busy = (0..45).fold(story().at(10_000), |story, n| story.at(10_000 + n).event(turn(n)));
    fires(Invariant::Idle, turns(45), over(busy.event(Event::Phase(Phase::Idle)).event(turn(0))));
    // Long polls explain themselves, as many as fit.
    let polls = |count: i32, every: u64| {
        over((0..count).fold(idle(), |story, n| {
            let at = story.at(10_000 + u64::try_from(n).unwrap() * every);
            at.fetch(1, n, (0, -1), &[(0, 0)])
                .event(turn(0))
                .fetched(1, n, (0, 0), &[])
                .event(turn(0))
        }))
    };
    fires(Invariant::Idle, polls(25, 400), polls(20, 500));
    let requests = |count: i32| {
        over((0..count).fold(idle(), |story, n| story.request(1, ApiKey::Metadata, n)))
    };
    fires(Invariant::Idle, requests(15), requests(14));
    // Not under faults.
    let stormy = story().at(15_000).fault("x").at(15_001).fault_over();
    let stormy = (0..45).fold(stormy.at(10_000).event(Event::Phase(Phase::Idle)), |story, n| {
        story.at(10_000 + n).event(turn(n))
    });
    holds(over(stormy));
}
