//! Bugs that this project's own engine had.

use std::time::Duration;

use kafka_proto::{ApiKey, ErrorCode};
use kafka_sim::story::{Became, Step, Story};
use kafka_sim::{At, Fault};

use ApiKey::Produce;
use Became::{Acked, NotAppended, Unknown};

/// A story in which record 1 is in the log before anything goes wrong.
fn story(name: &'static str) -> Story {
    Story::new(name).then(Step::Send(0, 1..=1)).then(Step::Settle)
}

fn log(records: impl IntoIterator<Item = u32>) -> Step {
    Step::Log(0, records.into_iter().collect())
}

/// A story in which nobody knows whether record 2 was written, and what is sent again says what became of record 3.
fn settled(name: &'static str, then: Fault) -> Story {
    let lost = Fault::FailAfter { at: At::any(), code: ErrorCode::UNKNOWN_SERVER_ERROR };
    behind(name, lost, then)
        .then(Step::Became(2..=2, Unknown))
        .then(Step::Became(3..=3, Acked))
        .then(log(1..=3))
        .then(Step::Send(0, 4..=6))
        .then(Step::Settle)
        .then(log(1..=6))
}

pub(crate) fn stories() -> Vec<Story> {
    let refused = Fault::Refuse { at: At::any(), code: ErrorCode::NOT_ENOUGH_REPLICAS };
    let invalid = Fault::Refuse { at: At::any(), code: ErrorCode::INVALID_RECORD };
    vec![
        settled("a batch that the broker knows is given up", Fault::CloseAfter),
        settled("a batch that the broker waits for is given up", Fault::CloseBefore),
        // An older request with it may yet arrive, so it must not go under another sequence.
        behind("a batch that may have got lost is sent anew", invalid, Fault::CloseBefore)
            .then(Step::Became(2..=2, NotAppended))
            .then(Step::Became(3..=3, Unknown))
            .then(Step::Send(0, 4..=6))
            .then(Step::Settle)
            .then(Step::Became(4..=6, Acked))
            .then(log([1, 4, 5, 6])),
        story("a leader that doesn't know the producer takes the second batch before the first")
            .producer(|config| {
                config.linger = Duration::ZERO;
                config.batch_bytes = 1;
            })
            .then(Step::Read)
            .then(Step::Lead(0, 2))
            .then(Step::ForgetProducers(0))
            // The consumer finds out who leads now, for both.
            .then(Step::Pass(3_000))
            .then(Step::Fault(Produce, refused.clone()))
            .then(Step::Send(0, 2..=6))
            .then(Step::Settle)
            .then(log(1..=6)),
        story(
            "a leader that has forgotten an idle producer takes the second batch before the first",
        )
        .producer(|config| {
            config.linger = Duration::ZERO;
            config.batch_bytes = 1;
        })
        .then(Step::Pass(130_000))
        .then(Step::ForgetProducers(0))
        .then(Step::Fault(Produce, refused))
        .then(Step::Send(0, 2..=6))
        .then(Step::Settle)
        .then(log(1..=6)),
        story("a topic that was made again goes on with the sequences of the old one")
            .then(Step::Remake)
            .then(Step::Pass(100))
            .then(Step::Send(0, 2..=3))
            .then(Step::Settle)
            .then(Step::Send(0, 4..=5))
            .then(Step::Settle)
            .then(Step::Became(2..=5, Acked))
            .then(log(2..=5)),
        story("what a topic may have that is gone is sent to the one made again")
            .then(Step::Fault(Produce, Fault::CloseAfter))
            .then(Step::Send(0, 2..=2))
            .then(Step::Pass(20))
            .then(Step::Remake)
            .then(Step::Settle)
            .then(Step::Became(2..=2, Unknown))
            .then(Step::Send(0, 3..=5))
            .then(Step::Settle)
            .then(Step::Became(3..=5, Acked))
            .then(log(3..=5)),
    ]
}

/// Record 2 fails for good with an answer that comes late, and its sequence is given up; `lost` is what becomes of record 3,
/// which is on its way behind it.
fn behind(name: &'static str, fails: Fault, lost: Fault) -> Story {
    story(name)
        .then(Step::Fault(Produce, Fault::Delay(Duration::from_millis(500))))
        .then(Step::Fault(Produce, fails))
        .then(Step::Send(0, 2..=2))
        .then(Step::Pass(20))
        .then(Step::Fault(Produce, lost))
        .then(Step::Send(0, 3..=3))
        .then(Step::Settle)
}
