//! Bugs of producers.

use std::time::Duration;

use kafka_handle::{Codec, ProducerConfig};
use kafka_proto::{ApiKey, ErrorCode};
use kafka_sim::story::{Became, Step, Story, TOPIC};
use kafka_sim::{At, Fault};

use ApiKey::{InitProducerId, Metadata, Produce};
use Became::{Acked, NotAppended, Unknown};

pub(crate) fn stories() -> Vec<Story> {
    [identities(), ids(), orders(), outcomes(), topics()].concat()
}

/// A story in which record 1 is in the log before anything goes wrong.
fn story(name: &'static str) -> Story {
    Story::new(name).then(Step::Send(0, 1..=1)).then(Step::Settle)
}

/// A producer without idempotence, which keeps the order by having one request in flight.
fn plain(config: &mut ProducerConfig) {
    config.enable_idempotence = Some(false);
    config.max_in_flight = 1;
}

/// A producer that gathers records into batches.
fn batches(config: &mut ProducerConfig) {
    config.batch_bytes = 1_000;
    config.linger = Duration::from_millis(5);
}

/// A producer that soon gives up.
fn hasty(config: &mut ProducerConfig) {
    config.delivery_timeout = Duration::from_secs(31);
}

fn refuse(code: ErrorCode) -> Fault {
    Fault::Refuse { at: At::any(), code }
}

fn delay(milliseconds: u64) -> Fault {
    Fault::Delay(Duration::from_millis(milliseconds))
}

fn log(partition: i32, records: impl IntoIterator<Item = u32>) -> Step {
    Step::Log(partition, records.into_iter().collect())
}

/// Sequences after a failure.
fn identities() -> Vec<Story> {
    vec![
        story("librdkafka#4953: out of order after a refusal, then a bump, then duplicates")
            .then(Step::Fault(Produce, refuse(ErrorCode::NOT_LEADER_OR_FOLLOWER)))
            .then(Step::Send(0, 2..=6))
            .then(Step::Settle)
            .then(Step::Became(1..=6, Acked))
            .then(log(0, 1..=6)),
        story("librdkafka#4438: a batch that may be in the log moves the next sequence")
            .producer(hasty)
            .then(Step::Pause(1))
            .then(Step::Send(0, 2..=3))
            .then(Step::Settle)
            .then(Step::Became(2..=3, Unknown))
            .then(Step::Kill(1))
            .then(Step::Resume(1))
            .then(Step::Start(1))
            .then(Step::Send(0, 4..=6))
            .then(Step::Settle)
            .then(Step::Became(4..=6, Acked))
            .then(log(0, [1, 4, 5, 6])),
        story("librdkafka#4736: a retried batch is built differently")
            .producer(batches)
            .then(Step::Fault(Produce, Fault::CloseAfter))
            .then(Step::Send(0, 2..=9))
            .then(Step::Pass(6))
            .then(Step::Send(0, 10..=25))
            .then(Step::Settle)
            .then(Step::Became(2..=25, Acked))
            .then(log(0, 1..=25)),
        story("KAFKA-14034: sequences start again while an earlier batch has no answer")
            .then(Step::Fault(Produce, delay(1_000)))
            .then(Step::Fault(
                Produce,
                Fault::FailAfter { at: At::any(), code: ErrorCode::REQUEST_TIMED_OUT },
            ))
            .then(Step::Send(0, 2..=2))
            .then(Step::Pass(20))
            .then(Step::Fault(Produce, refuse(ErrorCode::INVALID_RECORD)))
            .then(Step::Send(0, 3..=4))
            .then(Step::Settle)
            .then(Step::Became(3..=3, NotAppended))
            .then(Step::Became(4..=4, Acked))
            .then(log(0, [1, 2, 4])),
        story("KAFKA-8483: sequences given anew in heap order")
            .then(Step::ForgetProducers(0))
            .then(Step::Faults(Produce, refuse(ErrorCode::UNKNOWN_PRODUCER_ID), 5))
            // The first under the new epoch comes back too, with the others behind it.
            .then(Step::Fault(Produce, refuse(ErrorCode::NOT_LEADER_OR_FOLLOWER)))
            .then(Step::Send(0, 2..=6))
            .then(Step::Settle)
            .then(Step::Became(2..=6, Acked))
            .then(log(0, 1..=6)),
    ]
}

/// Ids that are lost, refused or not needed after all.
fn ids() -> Vec<Story> {
    vec![
        bump_and_move(),
        story("sarama#1430: sequences for records that fail at home")
            .producer(hasty)
            .nodes(1)
            .then(Step::Kill(1))
            .then(Step::Pass(100))
            .then(Step::Send(0, 2..=4))
            .then(Step::Settle)
            .then(Step::Became(2..=4, NotAppended))
            .then(Step::Start(1))
            .then(Step::Send(0, 5..=6))
            .then(Step::Settle)
            .then(Step::Became(5..=6, Acked))
            .then(log(0, [1, 5, 6])),
        reset_while_sending(),
    ]
}

/// Batches are ready while the producer has no id, or none that the broker knows. Sent without one, what is sent again
/// because its answer got lost would be in the log twice.
fn reset_while_sending() -> Story {
    Story::new("a reset of the producer id races a batch")
        // One id is given and never heard of, another comes late.
        .then(Step::Fault(InitProducerId, refuse(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS)))
        .then(Step::Fault(InitProducerId, Fault::CloseAfter))
        .then(Step::Fault(InitProducerId, delay(500)))
        .then(Step::Send(0, 1..=3))
        .then(Step::Meet)
        .then(Step::Fault(Produce, Fault::CloseAfter))
        .then(Step::Send(0, 4..=6))
        .then(Step::Pass(100))
        .then(Step::AtMost(Produce, 0))
        .then(Step::Settle)
        .then(log(0, 1..=6))
        // The broker does not know it any more; what is ready when the producer hears of it has to go under another.
        .then(Step::Fault(Produce, refuse(ErrorCode::UNKNOWN_PRODUCER_ID)))
        .then(Step::Send(0, 7..=7))
        .then(Step::Meet)
        .then(Step::Pass(20))
        .then(Step::Fault(Produce, Fault::CloseAfter))
        .then(Step::Send(0, 8..=12))
        .then(Step::Settle)
        .then(Step::Became(1..=12, Acked))
        .then(log(0, 1..=12))
}

/// A batch of partition 0 is in the log and its answer lost while partition 1 asks for another epoch.
fn bump_and_move() -> Story {
    Story::new("Dekaf#3385: a leader moves during a bump, an unacknowledged batch is stamped anew")
        .partitions(2)
        .then(Step::Lead(1, 2))
        .then(Step::Send(0, 1..=1))
        .then(Step::Send(1, 11..=11))
        .then(Step::Settle)
        .then(Step::Fault(Produce, delay(2_000)))
        .then(Step::Send(0, 2..=2))
        .then(Step::Pass(20))
        .then(Step::Fault(
            Produce,
            Fault::Refuse { at: At::partition(TOPIC, 1), code: ErrorCode::UNKNOWN_PRODUCER_ID },
        ))
        .then(Step::Send(1, 12..=12))
        .then(Step::Pass(20))
        .then(Step::Lead(0, 3))
        .then(Step::Cut(1))
        .then(Step::Settle)
        .then(log(0, 1..=2))
        .then(log(1, 11..=12))
}

/// What overtakes what.
fn orders() -> Vec<Story> {
    vec![
        story("sarama#2619: a retry overtakes with one request in flight")
            .producer(plain)
            .then(Step::Fault(Produce, delay(200)))
            .then(Step::Fault(Produce, refuse(ErrorCode::NOT_LEADER_OR_FOLLOWER)))
            .then(Step::Send(0, 2..=4))
            .then(Step::Settle)
            .then(Step::Became(2..=4, Acked))
            .then(log(0, 1..=4)),
        story("librdkafka#1092: a retry queues behind newer batches as the leader moves")
            .producer(plain)
            .then(Step::Lead(0, 2))
            .then(Step::Send(0, 2..=5))
            .then(Step::Pass(1))
            .then(Step::Lead(0, 3))
            .then(Step::Send(0, 6..=9))
            .then(Step::Settle)
            .then(Step::Became(2..=9, Acked))
            .then(log(0, 1..=9)),
        story("pykafka#458: after an update of metadata the last batch goes first")
            .producer(plain)
            .then(Step::Depose(0))
            .then(Step::Send(0, 2..=6))
            .then(Step::Pass(500))
            .then(Step::Lead(0, 2))
            .then(Step::Settle)
            .then(log(0, 1..=6)),
        Story::new("requests race without linger")
            .then(Step::Send(0, 1..=200))
            .then(Step::Settle)
            .then(Step::Became(1..=200, Acked))
            .then(log(0, 1..=200)),
    ]
}

/// What is told of a record.
fn outcomes() -> Vec<Story> {
    vec![
        story("kafka-python#718: a retry compresses what is compressed")
            .producer(batches)
            .producer(|config| config.compression = Codec::Gzip)
            .then(Step::Fault(Produce, Fault::CloseBefore))
            .then(Step::Send(0, 2..=9))
            .then(Step::Settle)
            .then(Step::Read)
            .then(Step::Got(0, (1..=9).collect())),
        Story::new("Dekaf#1578: callbacks that never come")
            .producer(batches)
            .then(Step::Send(0, 1..=300))
            .then(Step::Pass(2))
            .then(Step::Kill(1))
            .then(Step::Send(0, 301..=500))
            .then(Step::Settle)
            .then(Step::Became(1..=500, Acked)),
        story("a record after a failed batch is acknowledged and not written")
            .then(Step::Fault(Produce, refuse(ErrorCode::INVALID_RECORD)))
            .then(Step::Send(0, 2..=4))
            .then(Step::Settle)
            .then(Step::Became(2..=2, NotAppended))
            .then(Step::Became(3..=4, Acked))
            .then(log(0, [1, 3, 4])),
        story("an undecodable answer counts as a batch that is too large")
            .producer(batches)
            .then(Step::Fault(Produce, Fault::Garbage))
            .then(Step::Send(0, 2..=9))
            .then(Step::Settle)
            .then(Step::Became(2..=9, Acked))
            .then(log(0, 1..=9)),
        story("a flush that is no cut")
            .producer(|config| config.linger = Duration::from_secs(10))
            .producer(|config| config.batch_bytes = 10_000)
            .then(Step::Send(0, 2..=5))
            .then(Step::Flush)
            .then(Step::Became(2..=5, Acked)),
        story("a record that races close vanishes")
            .then(Step::Fault(Produce, delay(300)))
            .then(Step::Send(0, 2..=9))
            .then(Step::Close)
            .then(Step::Settle)
            .then(Step::Became(2..=9, Acked))
            .then(log(0, 1..=9)),
    ]
}

/// What is known of topics.
fn topics() -> Vec<Story> {
    vec![
        story("metadata evicts a topic in use")
            .then(Step::Pass(20 * 60_000))
            .then(Step::Send(0, 2..=2))
            .then(Step::Settle)
            .then(Step::Became(2..=2, Acked))
            .then(log(0, 1..=2)),
        Story::new("a topic of zero partitions counts as known")
            .then(Step::Faults(Metadata, Fault::ZeroPartitions { topic: None }, 3))
            .then(Step::Send(0, 1..=3))
            .then(Step::Settle)
            .then(log(0, 1..=3)),
        story("topics made again keep their old leaders")
            .producer(plain)
            .then(Step::Remake)
            .then(Step::Lead(0, 3))
            .then(Step::Pass(100))
            .then(Step::Send(0, 2..=3))
            .then(Step::Settle)
            .then(Step::Send(0, 4..=5))
            .then(Step::Settle)
            .then(Step::Became(4..=5, Acked)),
    ]
}
