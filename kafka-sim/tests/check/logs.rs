//! I01 to I07, I10, I11: what producers were told, against the logs.

use std::time::Duration;

use kafka_proto::{ApiKey, Uuid};
use kafka_sim::check::Certainty::{NotAppended, Unknown};
use kafka_sim::check::{Event, FLUSH, Invariant, OpRef, ProducerContract, RecordId, Wire};
use kafka_sim::{Time, Truth};

use crate::story::{CLIENT, DEADLINE, ID, Story, fires, holds, story, story_of};
use crate::wire::{Sent, batch};

/// Two records, acknowledged at 0 and 1.
fn two() -> Story {
    story().send(1, 0).send(2, 0).at(5).ack(1, 0).ack(2, 1)
}

fn contract(idempotent: bool, max_in_flight: u32, acks: i16) -> ProducerContract {
    let delivery_timeout = Duration::from_millis(DEADLINE);
    ProducerContract { idempotent, max_in_flight, acks, delivery_timeout, ..Default::default() }
}

#[test]
fn lost_write() {
    fires(Invariant::LostWrite, two().log(0, &[1]), two().log(0, &[1, 2]));
    // Neither what an unclean election cut off, nor what was trimmed, nor what went with its topic is lost.
    holds(two().at(6).cut(0, 1).log(0, &[1]));
    holds(two().at(6).log_start(0, 2).log_from(0, 2, &[]));
    holds(two().at(6).deleted().log(0, &[]));
    // An election that cut off something else is no excuse.
    fires(Invariant::LostWrite, two().at(6).cut(0, 2).log(0, &[1]), two().log(0, &[1, 2]));
    // Nor is one before.
    let before = || story().cut(0, 0).at(1).send(1, 0).at(2).ack(1, 0);
    fires(Invariant::LostWrite, before().log(0, &[]), before().log(0, &[1]));
    // Nor is one between the send and the append.
    let sent = || story().send(1, 0).at(1);
    let cut_first = append(sent().cut(0, 0).at(2), 0).at(3).ack(1, 0).log(0, &[]);
    let appended_first = || append(sent(), 0).at(2).cut(0, 0).at(3).ack(1, 0).log(0, &[]);
    fires(Invariant::LostWrite, cut_first, two().log(0, &[1, 2]));
    holds(appended_first());
    // Who asks for one acknowledgement may lose.
    let acks = |acks| story_of(contract(false, 5, acks)).send(1, 0).ack(1, 0).log(0, &[]);
    holds(acks(1));
    fires(Invariant::LostWrite, acks(-1), two().log(0, &[1, 2]));
}

/// A batch of one record is in the log.
fn append(story: Story, offset: i64) -> Story {
    story.truth(Truth::Append {
        topic: ID,
        partition: 0,
        base_offset: offset,
        last_offset: offset,
        leader_epoch: 0,
        producer_id: 1,
        producer_epoch: 0,
        base_sequence: offset as i32,
    })
}

#[test]
fn lost_write_in_a_compacted_log() {
    let compacted = |mut story: Story| {
        story.logs.get_mut(&0).unwrap().compacted = true;
        story
    };
    // The last record is never replaced.
    let whole = || compacted(two().log(0, &[1, 2]));
    fires(Invariant::LostWrite, compacted(two().log(0, &[1])), whole());
    let mut replaced = whole();
    replaced.logs.get_mut(&0).unwrap().records.remove(0);
    holds(replaced);
    // It may have been until an election cut off the one that came for it.
    let first = || append(story().send(1, 0).at(1), 0).at(2).ack(1, 0);
    let second = |story: Story| append(story.send(2, 0).at(4), 1).at(5).ack(2, 1);
    let cut = |story: Story| story.at(6).cut(0, 1).log(0, &[]);
    holds(compacted(cut(second(first()))));
    // But not if none had come by then, nor if the log keeps all.
    fires(Invariant::LostWrite, compacted(cut(first())), whole());
    fires(Invariant::LostWrite, cut(second(first())), whole());
    let early = append(story(), 0).at(1).cut(0, 0).at(2).send(1, 0).at(3).ack(1, 0).log(0, &[]);
    fires(Invariant::LostWrite, compacted(early), whole());
}

#[test]
fn wrong_home() {
    let at_home = || story().send(1, 0).fail(1, Unknown);
    fires(Invariant::WrongHome, at_home().log(1, &[1]), at_home().log(0, &[1]));
}

#[test]
fn bad_offset() {
    let told = |offset| story().send(1, 0).send(2, 0).ack(1, 0).ack(2, offset).log(0, &[1, 2]);
    fires(Invariant::BadOffset, told(0), told(1));
    fires(Invariant::BadOffset, told(7), told(1));
    // Who asks for one acknowledgement is told by a leader where a record is, as long as nobody was deposed.
    let led = |at, node, log: &[u64]| {
        let led = story_of(contract(false, 5, 1)).leader(0, 1, 0).at(1_000).leader(0, 1, 1);
        let asked = led.at(at).send(1, 0).at(at + 1).produce(1, 1, batch(0, 1));
        let mut asked = asked.at(at + 2);
        let (correlation_id, partition, error) = (1, asked.partition(0), 0);
        let answer = Wire::Produced { correlation_id, partition, error, base_offset: 0 };
        asked.wire_at(node, 1, answer).ack(1, 0).log(0, log)
    };
    let alone = |node, log: &[u64]| led(20_000, node, log);
    fires(Invariant::BadOffset, alone(1, &[]), alone(1, &[1]));
    holds(alone(2, &[]));
    // One that was elected anew may not have heard of it.
    holds(led(10_000, 1, &[]));
    let unknown = Event::Ack { rid: RecordId(1), offset: None };
    holds(story().send(1, 0).event(unknown).log(0, &[1]));
}

#[test]
fn duplicate() {
    fires(Invariant::Duplicate, two().log(0, &[1, 2, 2]), two().log(0, &[1, 2]));
    holds(story_of(contract(false, 1, -1)).send(1, 0).ack(1, 0).log(0, &[1, 1]));
}

#[test]
fn ghost_append() {
    let failed = |certainty| story().send(1, 0).fail(1, certainty);
    fires(
        Invariant::GhostAppend,
        failed(NotAppended).log(0, &[1]),
        failed(NotAppended).log(0, &[]),
    );
    holds(failed(Unknown).log(0, &[1]));
}

#[test]
fn send_order() {
    let three = |contract, log: &[u64]| {
        let sent = story_of(contract).send(1, 0).send(2, 0).send(3, 0);
        sent.fail(1, Unknown).fail(2, Unknown).fail(3, Unknown).log(0, log)
    };
    let ordered = contract(true, 5, -1);
    fires(Invariant::SendOrder, three(ordered, &[1, 3, 2]), three(ordered, &[1, 3]));
    let one_by_one = contract(false, 1, -1);
    let acked = |first, second, log: &[u64]| {
        let sent = story_of(one_by_one).send(1, 0).send(2, 0);
        sent.ack(1, first).ack(2, second).log(0, log)
    };
    fires(Invariant::SendOrder, acked(1, 0, &[2, 1]), acked(0, 1, &[1, 2]));
    // A request that was given up may come to the broker late, also when what it had to bring is there, or was.
    let again = |first| {
        let sent = story_of(one_by_one).send(1, 0).send(2, 0).ack(1, first).ack(2, 1);
        sent.log_start(0, 1).log_from(0, 1, &[2, 1])
    };
    holds(again(0));
    // Nor does who names topics know of one that was made again, whose log takes any sequence for the first.
    let renewed = |version, told: bool, log: &[u64]| {
        let again = Truth::TopicCreated { topic: Uuid([2; 16]), name: "t".into(), partitions: 3 };
        let (api, correlation_id, bytes) = (ApiKey::Produce.to_i16(), 1, 100);
        let produce = Wire::Request { api, version, correlation_id, bytes };
        let asked = story_of(ordered).at(10).deleted().wire(1, produce);
        let refused = |asked: Story| {
            let first = Sent { first: Some(9), ..batch(0, 1) };
            asked.send(9, 0).produce(1, 1, first).produced(1, 1, 3).fail(9, Unknown)
        };
        let asked = if told { refused(asked) } else { asked };
        let sent = asked.truth(again).send(1, 0).send(2, 0).send(3, 0);
        sent.fail(1, Unknown).fail(2, Unknown).fail(3, Unknown).log(0, log)
    };
    fires(Invariant::SendOrder, renewed(13, false, &[2, 3, 1]), renewed(12, false, &[2, 3, 1]));
    fires(Invariant::SendOrder, renewed(12, true, &[2, 3, 1]), renewed(12, false, &[2, 3, 1]));
    fires(Invariant::SendOrder, renewed(12, false, &[3, 2, 1]), renewed(12, false, &[2, 3, 1]));
    fires(Invariant::SendOrder, renewed(12, false, &[1, 3, 2]), renewed(12, false, &[1, 3]));
    holds(three(one_by_one, &[2, 1]));
    holds(three(contract(false, 5, 1), &[2, 1, 3]));
}

#[test]
fn payload() {
    let changed = |by| {
        let mut story = two().log(0, &[1, 2]);
        story.logs.get_mut(&0).unwrap().records[1].hash ^= by;
        story
    };
    fires(Invariant::Payload, changed(1), changed(0));
    let foreign = |rid| story().send(1, 0).fail(1, Unknown).log(0, &[rid]);
    fires(Invariant::Payload, foreign(9), foreign(1));
}

#[test]
fn ledger() {
    let ended = |times| (0..times).fold(story().send(1, 0), |story, _| story.fail(1, NotAppended));
    fires(Invariant::Ledger, ended(0), ended(1));
    fires(Invariant::Ledger, ended(2), ended(1));
    fires(Invariant::Ledger, ended(1).fail(9, Unknown), ended(1));
    holds(story().send(1, 0).event(Event::Crashed { client: CLIENT }));
    let op = |ends: bool| {
        let (op, deadline) = (OpRef(1), Time::from_millis(10));
        let begun = story().event(Event::OpStarted { client: CLIENT, op, kind: "flush", deadline });
        if ends { begun.event(Event::OpEnded { op, failure: None }) } else { begun }
    };
    fires(Invariant::Ledger, op(false), op(true));
    let close = |ends: bool| {
        let deadline = Time::from_millis(10);
        let begun = story().event(Event::CloseStarted { client: CLIENT, deadline });
        if ends { begun.event(Event::Closed { client: CLIENT }) } else { begun }
    };
    fires(Invariant::Ledger, close(false), op(true));
    holds(close(true));
}

#[test]
fn deadline() {
    let late = |millis| story().send(1, 0).at(DEADLINE + millis).fail(1, Unknown);
    fires(Invariant::Deadline, late(2), late(1));
    let op = |at| {
        let (op, deadline) = (OpRef(1), Time::from_millis(10));
        let begun = story().event(Event::OpStarted { client: CLIENT, op, kind: "flush", deadline });
        begun.at(at).event(Event::OpEnded { op, failure: None })
    };
    fires(Invariant::Deadline, op(12), op(11));
    let close = |at| {
        let deadline = Time::from_millis(10);
        let begun = story().event(Event::CloseStarted { client: CLIENT, deadline });
        begun.at(at).event(Event::Closed { client: CLIENT })
    };
    fires(Invariant::Deadline, close(12), close(11));
}

#[test]
fn a_flush_waits_for_what_was_sent_before() {
    let flushed = |ack| {
        let (op, deadline) = (OpRef(1), Time::from_millis(DEADLINE));
        let kind = FLUSH;
        let begun =
            story().send(1, 0).event(Event::OpStarted { client: CLIENT, op, kind, deadline });
        // What is sent while it flushes is none of its concern.
        let ended = begun.send(2, 0).at(5).event(Event::OpEnded { op, failure: None });
        ended.at(ack).ack(1, 0).at(9).ack(2, 1).log(0, &[1, 2]).high(0, 2)
    };
    fires(Invariant::Ledger, flushed(6), flushed(5));
}

#[test]
fn who_stands_still_ends_a_record_when_it_goes_on() {
    let wakes = |frozen: u64, late: u64| {
        let stands = story().send(1, 0).at(frozen).event(Event::Frozen { client: CLIENT });
        let goes_on = stands.at(DEADLINE + 5_000).event(Event::Thawed { client: CLIENT });
        goes_on.at(DEADLINE + 5_000 + late).fail(1, Unknown)
    };
    fires(Invariant::Deadline, wakes(DEADLINE, 102), wakes(DEADLINE, 101));
    fires(Invariant::Deadline, wakes(DEADLINE + 1, 0), wakes(DEADLINE - 1, 0));
}
