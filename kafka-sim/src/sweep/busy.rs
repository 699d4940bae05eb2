//! In which seconds of a run every client completed something: a record was acknowledged, a poll gave records, or had nothing to
//! give while brokers say so in time, or an operation ended well. What only waits or fails is not busy.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Time;
use crate::world::ClientId;

/// What clients completed, by seconds.
#[derive(Debug, Default)]
pub(super) struct Busy(BTreeMap<ClientId, Client>);

#[derive(Debug, Default)]
struct Client {
    /// It is not there before.
    from: u64,
    /// Ascending.
    seconds: Vec<u64>,
    crashed: Option<u64>,
    /// When a fetch was last answered.
    fetched: Option<Time>,
}

/// What an answer to a long poll may take beyond the poll's own time.
const WAY: Duration = Duration::from_secs(1);

impl Busy {
    /// A client is there from then on; of a second that has begun, nothing is expected.
    pub(super) fn expect(&mut self, at: Time, client: ClientId) {
        self.0.entry(client).or_default().from = at.as_millis().div_ceil(1000);
    }

    /// It has completed something.
    pub(super) fn note(&mut self, at: Time, client: ClientId) {
        let seconds = &mut self.0.entry(client).or_default().seconds;
        let second = second(at);
        if seconds.last() != Some(&second) {
            seconds.push(second);
        }
    }

    /// One of its fetches has been answered.
    pub(super) fn fetched(&mut self, at: Time, client: ClientId) {
        self.0.entry(client).or_default().fetched = Some(at);
    }

    /// It asked for records, and there are none.
    pub(super) fn waited(&mut self, at: Time, client: ClientId, fetch_max_wait: Duration) {
        let fetched = self.0.get(&client).and_then(|client| client.fetched);
        if fetched.is_some_and(|fetched| at <= fetched + fetch_max_wait + WAY) {
            self.note(at, client);
        }
    }

    /// It is no more.
    pub(super) fn crash(&mut self, at: Time, client: ClientId) {
        self.0.entry(client).or_default().crashed = Some(second(at));
    }

    /// How many seconds there were in which every client that lived did something.
    pub(super) fn seconds(&self) -> u64 {
        let last = self.0.values().filter_map(|client| client.seconds.last()).max();
        let busy = |second: &u64| {
            self.0.values().all(|client| {
                let gone = client.crashed.is_some_and(|at| at < *second);
                gone || *second < client.from || client.seconds.binary_search(second).is_ok()
            })
        };
        last.map_or(0, |last| (0..=*last).filter(busy).count() as u64)
    }
}

fn second(at: Time) -> u64 {
    at.as_millis() / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_counts_if_all_who_live_did_something() {
        let (one, two) = (ClientId(1), ClientId(2));
        let mut busy = Busy::default();
        busy.expect(Time::ZERO, one);
        busy.expect(Time::ZERO, two);
        for (at, client) in [(100, one), (900, one), (1_100, two), (2_100, one), (2_200, two)] {
            busy.note(Time::from_millis(at), client);
        }
        assert_eq!(busy.seconds(), 1, "only in the third did both");
        busy.crash(Time::from_millis(2_900), two);
        busy.note(Time::from_millis(3_500), one);
        busy.note(Time::from_millis(5_500), one);
        assert_eq!(busy.seconds(), 3, "nobody waits for who is gone");
        busy.expect(Time::from_millis(4_500), ClientId(3));
        assert_eq!(busy.seconds(), 2, "nor for who is not there yet");
    }

    #[test]
    fn a_poll_without_records_counts_while_brokers_answer() {
        let one = ClientId(1);
        let mut busy = Busy::default();
        let poll = |busy: &mut Busy, at| {
            busy.waited(Time::from_millis(at), one, Duration::from_millis(500));
            busy.seconds()
        };
        assert_eq!(poll(&mut busy, 100), 0, "nobody has ever answered");
        busy.fetched(Time::from_millis(200), one);
        assert_eq!(poll(&mut busy, 1_700), 1);
        assert_eq!(poll(&mut busy, 2_700), 1, "it waits for somebody who may be dead");
    }
}
