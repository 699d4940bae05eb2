//! Bugs of consumers.

use std::time::Duration;

use kafka_handle::{AutoOffsetReset, StartAt};
use kafka_proto::ApiKey;
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

pub(crate) fn stories() -> Vec<Story> {
    vec![
        story("Dekaf#2074: records below the position in the batch around it", 20_000)
            .then(Step::Seek(0, StartAt::Offset(50)))
            .then(Step::Read)
            .then(got(51..=100)),
        story(
            "librdkafka#4261: an answer during validation goes back to where it was asked",
            1_000,
        )
        .consumer(|config| config.max_poll_records = 10)
        .then(Step::Poll)
        .then(Step::Fault(Fetch, Fault::Delay(Duration::from_millis(200))))
        .then(Step::Poll)
        .then(Step::Lead(0, 2))
        .then(Step::Poll)
        .then(Step::Lead(0, 3))
        .then(Step::Read)
        .then(got(1..=100)),
        story("librdkafka#4447: a passing error in a look-up resets the offset", 1_000)
            .consumer(|config| config.auto_offset_reset = AutoOffsetReset::Latest)
            .then(Step::Faults(ListOffsets, Fault::CloseBefore, 2))
            .then(Step::Faults(OffsetForLeaderEpoch, Fault::CloseBefore, 2))
            .then(Step::Read)
            .then(got(1..=100))
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
