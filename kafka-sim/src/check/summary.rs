//! What runs have exercised: a check that never judged anything, and a fault that never came, must show.

use std::collections::BTreeMap;
use std::fmt;

use kafka_handle::EngineState;
use kafka_proto::{ApiKey, ErrorCode};

use super::event::Event;
use super::findings::{Findings, Invariant, Tally};
use super::ids::Failure;
use super::wire::Wire;

/// Counts over one run or many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Runs that went into it.
    pub runs: u64,
    /// Events of their histories.
    pub events: u64,
    /// Records that were accepted, acknowledged, failed and handed out.
    pub records: Records,
    /// Runs by the release of their brokers, where that was told.
    pub releases: BTreeMap<&'static str, u64>,
    /// Faults by kind, each once, if it has hit something; those of which that is not known, such as a slow network, if they
    /// have begun.
    pub faults: BTreeMap<&'static str, u64>,
    /// Requests by API.
    pub requests: BTreeMap<i16, u64>,
    /// Turns of clients' drivers.
    pub turns: u64,
    /// Frames that did not decode.
    pub undecodable: u64,
    /// Error codes that clients received, by API and code.
    pub codes: BTreeMap<(i16, i16), u64>,
    /// Errors that applications were told.
    pub failures: BTreeMap<Failure, u64>,
    /// Operations by kind.
    pub operations: BTreeMap<&'static str, u64>,
    /// States that clients' engines went into.
    pub states: BTreeMap<EngineState, u64>,
    /// Invariants that had something to judge.
    pub judged: BTreeMap<Invariant, Tally>,
}

/// What became of records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Records {
    /// Accepted by a producer.
    pub sent: u64,
    /// Acknowledged.
    pub acked: u64,
    /// Failed.
    pub failed: u64,
    /// Handed out by a consumer.
    pub delivered: u64,
}

impl Summary {
    pub(super) fn of<'a>(events: impl Iterator<Item = &'a Event>, findings: &Findings) -> Self {
        let mut summary = Self { runs: 1, ..Self::default() };
        for event in events {
            summary.events += 1;
            summary.note(event);
        }
        summary.judged = findings.tallies().collect();
        summary
    }

    fn note(&mut self, event: &Event) {
        match *event {
            Event::Turn { .. } => self.turns += 1,
            Event::Send { .. } => self.records.sent += 1,
            Event::Ack { .. } => self.records.acked += 1,
            Event::Fail { failure, .. } => {
                self.records.failed += 1;
                *self.failures.entry(failure).or_default() += 1;
            }
            Event::ConsumerFailed { failure, .. } => {
                *self.failures.entry(failure).or_default() += 1;
            }
            Event::Deliver { .. } => self.records.delivered += 1,
            Event::OpStarted { kind, .. } => *self.operations.entry(kind).or_default() += 1,
            Event::OpEnded { failure: Some(failure), .. } => {
                *self.failures.entry(failure).or_default() += 1;
            }
            Event::FaultHit { kind } => *self.faults.entry(kind).or_default() += 1,
            Event::Wire { wire: Wire::Request { api, .. }, .. } => {
                *self.requests.entry(api).or_default() += 1;
            }
            Event::Wire { wire: Wire::Error { api, code }, .. } => {
                *self.codes.entry((api, code)).or_default() += 1;
            }
            Event::Wire { wire: Wire::Undecodable { .. }, .. } => self.undecodable += 1,
            _ => {}
        }
    }

    /// Adds another run, or many.
    pub fn merge(&mut self, other: &Self) {
        self.runs += other.runs;
        self.events += other.events;
        self.turns += other.turns;
        self.undecodable += other.undecodable;
        self.records.sent += other.records.sent;
        self.records.acked += other.records.acked;
        self.records.failed += other.records.failed;
        self.records.delivered += other.records.delivered;
        add(&mut self.releases, &other.releases);
        add(&mut self.faults, &other.faults);
        add(&mut self.requests, &other.requests);
        add(&mut self.codes, &other.codes);
        add(&mut self.failures, &other.failures);
        add(&mut self.operations, &other.operations);
        add(&mut self.states, &other.states);
        for (invariant, tally) in &other.judged {
            let sum = self.judged.entry(*invariant).or_default();
            sum.judged += tally.judged;
            sum.violated += tally.violated;
        }
    }

    /// [Faults](Self::faults) of all kinds.
    #[must_use]
    pub fn faults_injected(&self) -> u64 {
        self.faults.values().sum()
    }

    /// States of engines that none went into.
    pub fn idle_states(&self) -> impl Iterator<Item = EngineState> {
        EngineState::ALL.iter().copied().filter(|state| !self.states.contains_key(state))
    }

    /// What should have come and never did: kinds of faults, error codes, states of engines, and invariants that had nothing
    /// to judge, [those](Invariant::WITHOUT_SOURCE) aside that nothing can judge. Of faults and codes those are expected that
    /// are in the summary with a count of 0.
    pub fn never(&self) -> impl Iterator<Item = String> {
        fn zero<K>((_, count): &(K, &u64)) -> bool {
            **count == 0
        }
        let faults = self.faults.iter().filter(zero).map(|(kind, _)| format!("fault {kind}"));
        let codes = self.codes.iter().filter(zero);
        let codes =
            codes.map(|((api, code), _)| format!("error {} {}", api_name(*api), code_name(*code)));
        let states = self.idle_states().map(|state| format!("state {}", state.name()));
        let idle = self.idle_invariants().filter(|id| without_source(*id).is_none());
        let invariants = idle.map(|id| format!("invariant {id}"));
        faults.chain(codes).chain(states).chain(invariants)
    }

    /// Invariants that never had anything to judge.
    pub fn idle_invariants(&self) -> impl Iterator<Item = Invariant> {
        Invariant::ALL.into_iter().filter(|id| !self.judged.contains_key(id))
    }
}

fn add<K: Ord + Copy>(to: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, count) in from {
        *to.entry(*key).or_default() += count;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Records { sent, acked, failed, delivered } = self.records;
        writeln!(
            f,
            "runs {}  events {}  undecodable frames {}",
            self.runs, self.events, self.undecodable
        )?;
        writeln!(f, "records: sent {sent}  acked {acked}  failed {failed}  delivered {delivered}")?;
        if !self.releases.is_empty() {
            writeln!(f, "releases:")?;
            self.releases.iter().try_for_each(|(release, runs)| row(f, release, *runs))?;
        }
        writeln!(f, "faults: {}", self.faults_injected())?;
        self.faults.iter().try_for_each(|(kind, count)| row(f, kind, *count))?;
        writeln!(f, "requests: {}", self.requests.values().sum::<u64>())?;
        self.requests.iter().try_for_each(|(api, count)| row(f, &api_name(*api), *count))?;
        writeln!(f, "error codes received:")?;
        for ((api, code), count) in &self.codes {
            row(f, &format!("{} {}", api_name(*api), code_name(*code)), *count)?;
        }
        writeln!(f, "errors told:")?;
        for (failure, count) in &self.failures {
            let name = match failure {
                Failure::Code(code) => code_name(*code),
                Failure::Kind(kind) => (*kind).to_owned(),
            };
            row(f, &name, *count)?;
        }
        writeln!(f, "operations:")?;
        self.operations.iter().try_for_each(|(kind, count)| row(f, kind, *count))?;
        writeln!(f, "states entered: {}", self.states.values().sum::<u64>())?;
        for state in EngineState::ALL {
            row(f, state.name(), self.states.get(state).copied().unwrap_or_default())?;
        }
        writeln!(f, "invariants judged:")?;
        for invariant in Invariant::ALL {
            let Tally { judged, violated } =
                self.judged.get(&invariant).copied().unwrap_or_default();
            let mark = if violated > 0 { "  VIOLATED" } else { mark(judged) };
            let why = without_source(invariant).filter(|_| judged == 0);
            let why = why.map(|why| format!(": {why}")).unwrap_or_default();
            writeln!(f, "  {:<44}{judged:>12}{mark}{why}", invariant.to_string())?;
        }
        Ok(())
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, count: u64) -> fmt::Result {
    writeln!(f, "  {name:<44}{count:>12}{}", mark(count))
}

/// What should be exercised and was not is to be seen.
fn mark(count: u64) -> &'static str {
    if count == 0 { "  NEVER" } else { "" }
}

/// Why nothing can judge an invariant, if nothing can.
fn without_source(invariant: Invariant) -> Option<&'static str> {
    let found = Invariant::WITHOUT_SOURCE.iter().find(|(id, _)| *id == invariant);
    found.map(|(_, why)| *why)
}

fn api_name(api: i16) -> String {
    ApiKey::from_i16(api).map_or_else(|| format!("API {api}"), |api| api.name().to_owned())
}

fn code_name(code: i16) -> String {
    let code = ErrorCode(code);
    if code.is_known() { code.name().to_owned() } else { format!("Unknown({})", code.0) }
}
