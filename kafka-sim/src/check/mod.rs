//! The history of a simulated run, and the invariants over it.
//!
//! Pure data: whoever runs clients against brokers records a [`History`] and hands it in together with what is in the logs
//! when all is over; [`check_all`] says what did not hold, and what was looked at. Nothing here knows how the run came about.
//!
//! Every invariant is a function over an index of the history. All of them together take time linear in the
//! history, up to look-ups in maps.

mod calm;
pub mod content;
mod event;
mod findings;
mod history;
mod ids;
mod lines;
mod log;
mod numbered;
pub mod payload;
mod rules;
mod run;
mod settings;
mod summary;
mod topics;
mod wire;

pub use event::{Event, FLUSH, LogEvent};
pub use findings::{Invariant, Tally, Violation};
pub use history::History;
pub use ids::{
    Certainty, ClientId, ConsumerRef, Failure, FaultRef, OpRef, Partition, Phase, ProducerContract,
    ProducerRef, RecordId, ResetCause, Start, Target, Text, TopicRef,
};
pub use log::{FinalLog, FinalRecord};
pub use settings::Settings;
pub use summary::{Records, Summary};
pub use wire::Wire;

use findings::Findings;
pub(crate) use lines::{merge, stamp};
use run::Run;

/// What became of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// What did not hold, by time.
    pub violations: Vec<Violation>,
    /// What was exercised.
    pub summary: Summary,
}

/// Checks all invariants over a run that is over: its clients are closed, or nothing of theirs is open any more.
#[must_use]
pub fn check_all(history: &History, settings: &Settings, logs: &[FinalLog]) -> Report {
    let run = Run::new(history, settings, logs);
    let mut findings = Findings::default();
    for check in rules::ALL {
        check(&run, &mut findings);
    }
    let summary = Summary::of(run.events.iter().map(|(_, event)| event), &findings);
    Report { violations: findings.into_violations(), summary }
}
