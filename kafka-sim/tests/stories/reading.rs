//! Bugs of consumers.

use std::time::Duration;

use kafka_handle::{AutoOffsetReset, StartAt};
use kafka_proto::ApiKey;
use kafka_proto::releases::{Release, release};
use kafka_sim::Fault;
use kafka_sim::story::{Step, Story};

use ApiKey::{Fetch, ListOffsets, OffsetForLeaderEpoch};

/// A story of a log with a hundred records, in batches of so many bytes.
fn story(name: &'static str, batch_bytes: usize) -> Story {
    let story = Story::new(name).producer(|config| {
        config.batch_bytes = batch_bytes;
        config.linger = Duration::from_millis(5);
    });
    story.then(Step::Send(0, 1..=100)).then(Step::Settle)
}

fn got(records: std::ops::RangeInclusive<u32>) -> Step {
    Step::Got(0, records.collect())
}

/// Brokers that say where an epoch ends when they are asked by OffsetForLeaderEpoch, and do not tell by themselves.
fn asked_for_epochs() -> &'static Release {
    release("2.6").expect("there is one")
}

/// The former leader answers a fetch while the next one is asked whether it has what was fetched before.
fn fetched_while_validating() -> Story {
    let delay = |milliseconds| Fault::Delay(Duration::from_millis(milliseconds));
    Story::new("librdkafka#4261: an answer during validation goes back to where it was asked")
        .release(asked_for_epochs())
        .partitions(2)
        .consumer(|config| config.fetch_max_wait = Duration::from_secs(5))
        .then(Step::Lead(1, 2))
        .then(Step::Send(0, 1..=5))
        .then(Step::Send(1, 11..=15))
        .then(Step::Settle)
        .then(Step::Read)
        .then(got(1..=5))
        // By then both leaders have been asked for more.
        .then(Step::Pass(50))
        // Its answer lets the next fetch go, which is to wait for record 7 and be answered late.
        .then(Step::Fault(Fetch, delay(1_000)))
        .then(Step::Send(0, 6..=6))
        .then(Step::Meet)
        .then(Step::Send(0, 7..=7))
        .then(Step::Settle)
        .then(Step::Fault(OffsetForLeaderEpoch, delay(2_000)))
        .then(Step::Lead(0, 3))
        // Who fetches partition 1 is told that its leader has moved, and finds out about partition 0.
        .then(Step::Lead(1, 3))
        .then(Step::Meet)
        .then(Step::Poll)
        .then(got(6..=6))
        .then(Step::Pass(1_000))
        .then(Step::Poll)
        .then(got(7..=7))
        .then(Step::Pass(1_500))
        .then(Step::Send(0, 8..=8))
        .then(Step::Settle)
        .then(Step::Read)
        .then(got(8..=8))
        .then(Step::Got(1, (11..=15).collect()))
}

pub(crate) fn stories() -> Vec<Story> {
    vec![
        story("Dekaf#2074: records below the position in the batch around it", 20_000)
            .then(Step::Seek(0, StartAt::Offset(50)))
            .then(Step::Read)
            .then(got(51..=100)),
        fetched_while_validating(),
        story("librdkafka#4447: a passing error in a look-up resets the offset", 1_000)
            .release(asked_for_epochs())
            .consumer(|config| config.auto_offset_reset = AutoOffsetReset::Latest)
            .then(Step::Faults(ListOffsets, Fault::CloseBefore, 2))
            .then(Step::Read)
            .then(got(1..=100))
            // Where the position is looked up again, as far as its leader has another log.
            .then(Step::Faults(OffsetForLeaderEpoch, Fault::CloseBefore, 2))
            .then(Step::Lead(0, 2))
            .then(Step::Send(0, 101..=110))
            .then(Step::Settle)
            .then(Step::Read)
            .then(got(101..=110)),
        story("a seek leaves buffered records", 1_000)
            .consumer(|config| config.max_poll_records = 5)
            .then(Step::Poll)
            .then(got(1..=5))
            .then(Step::Seek(0, StartAt::Offset(90)))
            .then(Step::Read)
            .then(got(91..=100)),
        story("the remainder is handed out behind the rest", 3_000)
            .consumer(|config| config.max_poll_records = 3)
            .then(Step::Read)
            .then(got(1..=100)),
        story("a fetch that is never answered blocks its connection", 1_000)
            .then(Step::Fault(Fetch, Fault::Swallow))
            .then(Step::Read)
            .then(got(1..=100)),
    ]
}
