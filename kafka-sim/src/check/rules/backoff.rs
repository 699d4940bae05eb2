//! I32: attempts to connect to a broker that fail leave it in peace for a while.
//!
//! A client connects to a broker for several purposes, each with a backoff of its own, and the wire does not say for which. But
//! of one more attempts than purposes two are for the same purpose: the time that they take together is bounded from below.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Time;
use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::ids::ClientId;
use crate::check::run::Run;
use crate::check::wire::Wire;

/// Backoff is 20 % more or less than said.
const JITTER_PER_CENT: u32 = 80;

/// Purposes beside producers and consumers: the bootstrap address, and whatever is asked of a broker in between.
const OWN_PURPOSES: usize = 2;

/// As many rounds of attempts are looked at together.
const ROUNDS: [u32; 4] = [1, 2, 4, 8];

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let mut purposes: BTreeMap<ClientId, usize> = BTreeMap::new();
    let mut attempts: BTreeMap<(ClientId, i32), Vec<Time>> = BTreeMap::new();
    for (at, event) in run.events.iter() {
        match *event {
            Event::ProducerOpened { client, .. } | Event::ConsumerOpened { client, .. } => {
                *purposes.entry(client).or_default() += 1;
            }
            Event::Connecting { client, node, .. } => {
                let purposes = OWN_PURPOSES + purposes.get(&client).copied().unwrap_or_default();
                let attempts = attempts.entry((client, node)).or_default();
                attempts.push(*at);
                judge(run, *at, (client, node), purposes, attempts, findings);
            }
            // A broker that answers is in service.
            Event::Wire { client, node, wire: Wire::Response { .. }, .. } => {
                attempts.remove(&(client, node));
            }
            _ => {}
        }
    }
}

fn judge(
    run: &Run<'_>,
    at: Time,
    (client, node): (ClientId, i32),
    purposes: usize,
    attempts: &[Time],
    findings: &mut Findings,
) {
    for rounds in ROUNDS {
        let back = purposes.saturating_mul(rounds as usize);
        let first = attempts.len().checked_sub(back + 1).and_then(|index| attempts.get(index));
        let Some(first) = first else { return };
        let least = least(run.settings.reconnect_backoff, rounds);
        findings.judge(Invariant::Backoff, at.since(*first) >= least, at, || {
            let (took, tries) = (at.since(*first), back + 1);
            let client = client.0;
            format!(
                "client {client} tried node {node} {tries} times within {took:?}, not {least:?}"
            )
        });
    }
}

/// How long so many backoffs in a row take at least.
fn least((base, max): (Duration, Duration), rounds: u32) -> Duration {
    let mut sum = Duration::ZERO;
    let mut backoff = base;
    for _ in 0..rounds {
        sum += backoff.min(max) * JITTER_PER_CENT / 100;
        backoff = backoff.saturating_mul(2);
    }
    sum
}
