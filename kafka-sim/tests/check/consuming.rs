//! I07 and I17 to I21: what consumers are handed out.

use kafka_proto::ApiKey;
use kafka_sim::check::{
    Certainty, ConsumerRef, Event, Invariant, ResetCause, Start, Wire, content,
};

use crate::story::{CLIENT, Story, fires, hash, holds, story};

/// When every broker has heard of what was so in the beginning, in milliseconds.
const HEARS_LATE: u64 = 15_000;

/// Records 1 to 6 are in partition 0; a consumer starts at its beginning.
fn six() -> Story {
    let sent = (1..=6).fold(story().leader(0, 1, 0), |story, rid| story.send(rid, 0));
    let ended = (1..=6).fold(sent, |story, rid| story.ack(rid, rid as i64 - 1));
    ended.log(0, &[1, 2, 3, 4, 5, 6]).high(0, 6).at(10).assign(0, Start::Offset(0))
}

/// They are handed out from these offsets.
fn reads(story: Story, offsets: &[i64]) -> Story {
    offsets.iter().fold(story, |story, offset| story.deliver(0, *offset, *offset as u64 + 1))
}

#[test]
fn payload() {
    let read = |hash| six().deliver_hashed(0, 0, 1, hash);
    fires(Invariant::Payload, read(1), read(hash(1)));
}

#[test]
fn payload_is_more_than_the_value() {
    type Headers = &'static [(&'static [u8], Option<&'static [u8]>)];
    let hash = |key: Option<&str>, headers: Headers, timestamp| {
        content::hash(1, key.map(str::as_bytes), headers.iter().copied(), Some(timestamp))
    };
    let timed: Headers = &[(content::TIMED, None), (b"h", Some(b"1"))];
    let sent = hash(Some("k"), timed, 1_699_999_999_999);
    let read = |hash| {
        let sent = story().leader(0, 1, 0).send_hashed(1, 0, sent).ack(1, 0);
        sent.at(10).assign(0, Start::Offset(0)).deliver_hashed(0, 0, 1, hash)
    };
    for other in [
        hash(None, timed, 1_699_999_999_999),
        hash(Some("k"), &timed[..1], 1_699_999_999_999),
        hash(Some("k"), &[], 1_699_999_999_999),
        hash(Some("k"), timed, 1_700_000_000_000),
        hash(Some("k"), timed, 0),
    ] {
        fires(Invariant::Payload, read(other), read(sent));
    }
}

#[test]
fn inconsistent_offset() {
    // Two consumers see other records at one offset; one of them is not what the log has.
    let other = |rid| {
        let mut both = reads(six(), &[0, 1]);
        let (consumer, partition) = (ConsumerRef(1), both.partition(0));
        let (client, max_poll_records, fetch_min_bytes) = (CLIENT, 1, 1);
        both.event(Event::ConsumerOpened { client, consumer, max_poll_records, fetch_min_bytes })
            .event(Event::Assigned { consumer, partition, start: Start::Offset(0) })
            .event(Event::Deliver {
                consumer,
                partition,
                offset: 0,
                leader_epoch: 0,
                rid: Some(kafka_sim::check::RecordId(rid)),
                hash: hash(rid),
                poll: 0,
            })
    };
    fires(Invariant::InconsistentOffset, other(2), other(1));
    // Both may be right when an election has cut that off.
    holds(other(2).at(20).cut(0, 0));
    fires(Invariant::InconsistentOffset, other(2).at(20).cut(0, 1), other(1));
    // A single one that differs from the log.
    fires(Invariant::InconsistentOffset, six().deliver(0, 0, 3), six().deliver(0, 0, 1));
}

#[test]
fn poll_skip() {
    fires(Invariant::PollSkip, reads(six(), &[0, 1, 3]), reads(six(), &[0, 1, 2]));
    // The first one counts from where the consumer was sent.
    fires(Invariant::PollSkip, reads(six(), &[1]), reads(six(), &[0]));
    fires(Invariant::PollSkip, reads(six().seek(0, 2), &[3]), reads(six().seek(0, 3), &[3]));
    // Compaction leaves holes.
    let compacted = |log: &[(i64, u64)], offsets: &[i64]| {
        let mut story = reads(six(), offsets);
        let kept = story.logs.get_mut(&0).unwrap();
        kept.compacted = true;
        kept.records.retain(|record| log.iter().any(|(offset, _)| *offset == record.offset));
        story
    };
    holds(compacted(&[(0, 1), (4, 5), (5, 6)], &[0, 4]));
    fires(
        Invariant::PollSkip,
        compacted(&[(0, 1), (2, 3), (4, 5), (5, 6)], &[0, 4]),
        reads(six(), &[0]),
    );
    // What came there after the log was cut off says nothing of a hole that was in it, but only of a compacted one.
    let cut = |to| compacted(&[(0, 1), (2, 3), (4, 5), (5, 6)], &[0, 4]).at(20).cut(0, to);
    holds(cut(2));
    fires(Invariant::PollSkip, cut(3), reads(six(), &[0]));
    fires(Invariant::PollSkip, reads(six(), &[0, 4]).at(20).cut(0, 2), reads(six(), &[0]));
    // What was trimmed before is no longer there to be read; what is trimmed afterwards was.
    let trimmed = |before: u64, after: u64| {
        let story = reads(six(), &[0]).at(before).log_start(0, 3).at(after);
        reads(story, &[3]).log_from(0, 3, &[4, 5, 6])
    };
    holds(trimmed(20, 30));
    let late = reads(six(), &[0, 3]).at(40).log_start(0, 3).log_from(0, 3, &[4, 5, 6]);
    fires(Invariant::PollSkip, late, trimmed(20, 30));
    // With other topics of the same name in between nothing is known.
    holds(reads(reads(six(), &[0]).at(20).deleted(), &[3]));
}

#[test]
fn nonmonotonic_poll() {
    fires(Invariant::NonmonotonicPoll, reads(six(), &[0, 1, 1]), reads(six(), &[0, 1, 2]));
    fires(Invariant::NonmonotonicPoll, reads(six(), &[0, 1, 0]), reads(six(), &[0, 1]));
    holds(reads(reads(six(), &[0, 1]).seek(0, 0), &[0, 1]));
    holds(reads(reads(six(), &[0, 1]).unassign(0).assign(0, Start::Earliest), &[0]));
    // A truncation below the position is a reason to go back, once; one above it is none.
    let cut = |to, again: &[i64]| reads(reads(six(), &[0, 1, 2]).at(20).cut(0, to), again);
    holds(cut(1, &[1, 2]));
    fires(Invariant::NonmonotonicPoll, cut(3, &[1]), cut(1, &[1]));
    fires(Invariant::NonmonotonicPoll, cut(1, &[1, 2, 1]), cut(1, &[1]));
    // Nor is it one to go back behind the cut, unless the leader says that the position does not exist.
    fires(Invariant::NonmonotonicPoll, cut(1, &[0]), cut(1, &[1]));
    let short = reads(six(), &[0, 1, 2]).at(20).cut(0, 1).fetch(5, 1, (0, -1), &[(0, 3)]).at(25);
    holds(reads(short.out_of_range(1, 5, 1), &[0]));
}

/// Four records; after the consumer has read three of them all but the first are lost, and four others come.
fn regrown(story: Story) -> Story {
    let cut = reads(story, &[0, 1, 2]).at(20).cut(0, 1);
    let sent = (11..=14).fold(cut.at(21), |story, rid| story.send(rid, 0));
    let ended = (11..=14).fold(sent, |story, rid| story.ack(rid, rid as i64 - 10));
    ended.log(0, &[1, 11, 12, 13, 14])
}

#[test]
fn reading_on_in_a_log_that_was_cut_off() {
    let four = || {
        let sent = (1..=4).fold(story().leader(0, 1, 0), |story, rid| story.send(rid, 0));
        let ended = (1..=4).fold(sent, |story, rid| story.fail(rid, Certainty::Unknown));
        ended.at(10).assign(0, Start::Offset(0))
    };
    let goes_on = || regrown(four()).deliver(0, 3, 13);
    let goes_back = || regrown(four()).deliver(0, 1, 11).deliver(0, 2, 12).deliver(0, 3, 13);
    fires(Invariant::PollSkip, goes_on(), goes_back());
    // What was fetched before may be handed out first, if it is not what comes then.
    let queued = || regrown(four()).deliver(0, 3, 4);
    fires(Invariant::PollSkip, queued().deliver(0, 4, 14), queued().deliver(0, 1, 11));
    // The cut says nothing to somebody who was before it, nor to somebody who was sent there.
    let before = |to, log: &[u64]| {
        let cut = reads(four(), &[0]).at(20).cut(0, to).at(21).send(10, 0).send(11, 0);
        let ended = cut.fail(10, Certainty::Unknown).ack(11, 1).log(0, log);
        ended.deliver(0, 1, 11)
    };
    fires(Invariant::PollSkip, before(0, &[10, 11]), before(1, &[1, 11]));
    holds(regrown(four()).seek(0, 3).deliver(0, 3, 13));
    holds(regrown(four()).unassign(0).assign(0, Start::Offset(3)).deliver(0, 3, 13));
    holds(regrown(four()).reset(0, ResetCause::Truncation).deliver(0, 3, 13));
    holds(regrown(four()).at(25).out_of_range(1, 5, 1).deliver(0, 3, 13));
    // Nor may it go on elsewhere in what came.
    fires(Invariant::PollSkip, regrown(four()).deliver(0, 4, 14), goes_back());
    holds(regrown(four()).at(25).out_of_range(1, 5, 1).deliver(0, 4, 14));
    // A log that begins where it goes on has nothing else for it.
    let trimmed = || {
        let story = regrown(four()).log_start(0, 3).log_from(0, 3, &[13, 14]);
        story.deliver(0, 3, 13)
    };
    let still_there = regrown(four()).log_start(0, 2).log_from(0, 2, &[12, 13, 14]);
    fires(Invariant::PollSkip, still_there.deliver(0, 3, 13), trimmed());
    // Nothing is expected of who can't be told.
    let asks = |version| {
        let (api, correlation_id, bytes) = (ApiKey::Fetch.to_i16(), 1, 100);
        goes_on().wire(1, Wire::Request { api, version, correlation_id, bytes })
    };
    fires(Invariant::PollSkip, asks(12), asks(11));
}

#[test]
fn rewind_cause() {
    let told = |second| reads(six(), &[0, 1]).position(0, 2).position(0, second);
    fires(Invariant::RewindCause, told(1), told(2));
    fires(Invariant::RewindCause, reads(six(), &[0, 1]).position(0, 1), told(2));
    // Whoever begins at a position beyond what was handed out never sees what is between.
    fires(Invariant::PollSkip, reads(six(), &[0, 1]).position(0, 3), told(2));
    holds(reads(six(), &[0, 1]).position(0, 2).seek(0, 0).position(0, 0));
    // Another topic of the same name is read from its beginning, when the consumer has heard of it.
    holds(reads(six(), &[0, 1]).at(20).deleted().position(0, 2).position(0, 0));
    holds(reads(six(), &[0, 1]).at(20).cut(0, 0).position(0, 0));
}

#[test]
fn reset_cause_from_elsewhere() {
    use ResetCause::Truncation;
    // Who was sent elsewhere meanwhile may be there by the word of a broker that has not heard of the cut.
    let sought = |at| {
        let back = reads(six(), &[0, 1, 2]).at(20).cut(0, 1).at(at).seek(0, 2).deliver(0, 2, 3);
        back.reset_to(0, Truncation, Some(1))
    };
    fires(Invariant::ResetCause, sought(15_021), sought(15_020));
    // Where it was need not have been told before.
    let placed = |cut| {
        let latest = six().assign(0, Start::Latest).at(20).cut(0, cut).position(0, 1);
        latest.reset_to(0, Truncation, Some(1))
    };
    fires(Invariant::ResetCause, placed(2), placed(1));
}

#[test]
fn reset_cause() {
    use ResetCause::{NoOffset, OutOfRange, Truncation};

    let read = || reads(six(), &[0, 1]);
    let refused =
        |node| read().at(20).fetch(5, 1, (0, -1), &[(0, 2)]).at(25).out_of_range(node, 5, 1);
    // Only the leader can say that a position does not exist.
    let by = |node| refused(node).reset(0, OutOfRange);
    fires(Invariant::ResetCause, by(2), by(1));
    fires(Invariant::ResetCause, read().reset(0, OutOfRange), by(1));
    // A reset shows in what comes next, too.
    fires(Invariant::ResetCause, reads(refused(2), &[0]), reads(refused(1), &[0]));
    fires(Invariant::ResetCause, reads(refused(2), &[4]), reads(refused(1), &[4]));
    // Of what was deleted anybody can.
    let deleted = |below| reads(refused(2).log_start(0, below), &[4]);
    fires(Invariant::ResetCause, deleted(2), deleted(3));
    // Anybody can of a log that never held so much.
    let never = |high: Option<i64>| {
        let held =
            high.into_iter().fold(story().leader(0, 1, 0), |story, high| story.high(0, high));
        let assigned = held.at(HEARS_LATE).assign(0, Start::Offset(27));
        let asked = assigned.fetch(5, 1, (0, -1), &[(0, 27)]).at(HEARS_LATE + 5);
        asked.out_of_range(2, 5, 1).position(0, 0)
    };
    fires(Invariant::ResetCause, never(Some(27)), never(None));
    // Whoever led when it was asked, or until the answer came, may say so.
    let moved = read().at(20).fetch(5, 1, (0, -1), &[(0, 2)]).leader(0, 2, 1).at(25);
    holds(moved.out_of_range(1, 5, 1).reset(0, OutOfRange));
    let long_gone = read().at(15).leader(0, 2, 1).at(20).fetch(5, 1, (0, -1), &[(0, 2)]).at(25);
    fires(Invariant::ResetCause, long_gone.out_of_range(1, 5, 1).reset(0, OutOfRange), by(1));
    // What was asked and answered before counts once.
    fires(Invariant::ResetCause, by(1).reset(0, OutOfRange), by(1));
    fires(Invariant::ResetCause, read().reset(0, NoOffset), by(1));
    let cut = |to| read().at(20).cut(0, to).reset(0, Truncation);
    fires(Invariant::ResetCause, read().reset(0, Truncation), cut(0));
    // Where it says that it is now is where the log was cut off, or behind it, and there it goes on.
    let told = |to| reads(six(), &[0, 1, 2]).at(20).cut(0, 1).reset_to(0, Truncation, Some(to));
    fires(Invariant::ResetCause, told(0), told(1));
    fires(Invariant::ResetCause, told(3), told(2));
    fires(Invariant::PollSkip, reads(told(1), &[2]), reads(told(1), &[1, 2]));
    fires(Invariant::NonmonotonicPoll, reads(told(1), &[0]), reads(told(1), &[1]));
    // It may tell its position before it tells why.
    let later = |to| {
        let moved = reads(six(), &[0, 1, 2]).at(20).cut(0, 1).position(0, 1);
        moved.reset_to(0, Truncation, Some(to))
    };
    fires(Invariant::ResetCause, later(2), later(1));
    fires(Invariant::ResetCause, later(1).reset_to(0, Truncation, Some(1)), later(1));
    // It may hear of one cut after the other.
    let twice = || reads(six(), &[0, 1, 2]).at(20).cut(0, 1).cut(0, 0);
    let first = || twice().reset_to(0, Truncation, Some(1));
    holds(first().reset_to(0, Truncation, Some(0)));
    holds(reads(reads(twice(), &[1]), &[0, 1]));
    fires(Invariant::ResetCause, told(1).reset_to(0, Truncation, Some(0)), first());
    // Also from further on, where it went since by right.
    let onward = |to| {
        let cut = reads(six(), &[0, 1, 2]).at(20).fetch(5, 1, (0, -1), &[(0, 3)]).at(21).cut(0, to);
        cut.at(25).out_of_range(1, 5, 1).position(0, 6).reset_to(0, Truncation, Some(1))
    };
    fires(Invariant::ResetCause, onward(2), onward(1));
}

#[test]
fn going_back_over_what_compaction_left_out() {
    // Nobody knows which epochs were between offsets 1 and 4, where the log was cut off.
    let cut_off = |compacted: bool, cut| {
        let sent = (1..=6).fold(story().leader(0, 1, 0), |story, rid| story.send(rid, 0));
        let ended = (1..=6).fold(sent, |story, rid| story.fail(rid, Certainty::Unknown));
        let mut story = ended.log(0, &[1]).at(10).assign(0, Start::Offset(0));
        story.logs.get_mut(&0).unwrap().compacted = compacted;
        let read = reads(story, &[0]).deliver(0, 4, 5).deliver(0, 5, 6).at(20).cut(0, cut);
        read.reset_to(0, ResetCause::Truncation, Some(cut))
    };
    let back =
        |compacted, cut, to| cut_off(compacted, cut).reset_to(0, ResetCause::Truncation, Some(to));
    for cut in [2, 3, 4] {
        fires(Invariant::ResetCause, back(false, cut, 1), back(true, cut, 1));
        fires(Invariant::ResetCause, back(true, cut, 0), back(true, cut, 1));
    }
    fires(Invariant::ResetCause, back(true, 5, 1), back(true, 4, 1));
    // Each cut is a reason once.
    let read_on = || cut_off(true, 3).deliver(0, 3, 4).deliver(0, 4, 5);
    let again = |to| read_on().deliver(0, to, to as u64 + 1);
    fires(Invariant::NonmonotonicPoll, again(3), again(5));
}

#[test]
fn records_that_failed_are_delivered_with_right() {
    let unknown = story().send(1, 0).fail(1, Certainty::Unknown).log(0, &[1]);
    holds(unknown.assign(0, Start::Earliest).deliver(0, 0, 1));
}

#[test]
fn what_was_given_up_is_not_handed_out() {
    let reads = |gives_up: bool| {
        let there = story().send(1, 0).ack(1, 0).log(0, &[1]).high(0, 1);
        let held = there.assign(0, Start::Earliest).poll();
        let held = if gives_up { held.unassign(0) } else { held };
        held.deliver(0, 0, 1).polled(1)
    };
    fires(Invariant::NonmonotonicPoll, reads(true), reads(false));
}
